// The voice: a select by language, and a button that plays its sample.

import { readList } from "./api.js";

const select = document.getElementById("voice");
const hear = document.getElementById("hear");
const sample = new Audio();
let samples = new Map(); // voice id -> address of its sample

/** The chosen voice's id; empty for the one that speaks the text's language. */
export const chosenVoice = () => select.value;

/** Load the voices. */
export async function startVoices() {
  hear.addEventListener("click", toggle);
  select.addEventListener("change", () => { stop(); refresh(); });
  for (const event of ["ended", "pause", "error"]) sample.addEventListener(event, () => show(false));
  try {
    fill(await readList("voices"));
  } catch {
    return; // the default voice stays, and creating says what is wrong
  }
  refresh();
}

/** Silence the sample. */
export function stop() {
  sample.pause();
}

function fill(voices) {
  samples = new Map(voices.map((voice) => [voice.id, voice.preview_audio_url]));
  const languages = new Intl.DisplayNames([navigator.language, "en"], { type: "language" });
  const groups = new Map();
  for (const voice of voices) {
    if (!groups.has(voice.language)) {
      groups.set(voice.language, Object.assign(document.createElement("optgroup"), { label: languages.of(voice.language) }));
    }
    groups.get(voice.language).append(new Option(voice.name, voice.id));
  }
  if (voices.length) select.replaceChildren(new Option("By the text’s language", ""), ...groups.values());
}

function refresh() {
  hear.disabled = !samples.get(select.value);
}

function toggle() {
  if (!sample.paused) return stop();
  sample.src = samples.get(select.value);
  show(true);
  return sample.play().catch(() => show(false));
}

function show(playing) {
  hear.classList.toggle("playing", playing);
  hear.setAttribute("aria-label", playing ? "Stop the voice" : "Hear the voice");
}
