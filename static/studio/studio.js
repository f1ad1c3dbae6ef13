// The studio: what the visitor chose goes to the service; what comes back goes on the stage.

import { cancelVideo, createVideo, followVideo } from "./api.js";
import { hideFaces, offerFaces } from "./crowd.js";
import { chosenFace, startFaces, useFile } from "./faces.js";
import { chosenAudio, startRecording, useAudio } from "./recording.js";
import { startModels } from "./models.js";
import { holdFocus, showEditing, showFailure, showUpload, showVideo, showWork } from "./stage.js";
import { chosenVoice, startVoices, stop as stopVoice } from "./voices.js";

const $ = (id) => document.getElementById(id);
const form = $("studio");
const options = [...form.querySelectorAll("[data-option]")];
let following = null; // AbortController of the video being followed
let faceIndex = null; // which face of the photo speaks, when there are several

// Which field an error belongs to, by its code and, for options, by the option's name.
const FIELD_OF_CODE = [
  [/^(image_|face_|multiple_faces|unknown_avatar)/, "photo"],
  [/^(audio_|text_)/, "speech"],
  [/^(unknown_voice|voice_unavailable|no_voice_for_language|pronunciation_unsupported)/, "voice"],
  [/^(background_|no_transparency|unknown_model|model_)/, "more"],
];
const FIELD_OF_OPTION = { image: "photo", avatar_id: "photo", face_index: "photo", audio: "speech", text: "speech", voice_id: "voice", fps: "more", resolution: "more", head_motion: "more", expressiveness: "more", captions: "more", aspect_ratio: "more", background: "more", model_id: "more" };

const GONE = { code: "gone", message: "This video is not here.", hint: "The link may be incomplete, or the video was deleted. You can make a new one." };

function fieldOf(error) {
  if (error.code === "invalid_option") return FIELD_OF_OPTION[error.details?.option] ?? null;
  return FIELD_OF_CODE.find(([pattern]) => pattern.test(error.code))?.[1] ?? null;
}

// --- Errors beside their fields ---

function showFieldError(field, { message, hint }, scroll = true) {
  const box = $(`${field}-error`);
  const strong = Object.assign(document.createElement("strong"), { textContent: sentence(message) });
  box.replaceChildren(strong, hint ?? "");
  box.hidden = false;
  box.closest(".step, .go").classList.add("has-error");
  if (field === "more") $("step-more").open = true;
  if (scroll) box.scrollIntoView({ block: "center", behavior: "smooth" });
}

function clearError(field) {
  $(`${field}-error`).hidden = true;
  $(`${field}-error`).closest(".step, .go").classList.remove("has-error");
}

function clearErrors() {
  for (const field of ["photo", "speech", "voice", "more", "form"]) clearError(field);
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

// --- States: editing, working, done ---

function setState(state) {
  form.dataset.state = state;
  form.querySelector(".controls").inert = state === "working";
  if (state !== "working") $("stop").hidden = true;
  $("create").disabled = state === "working";
  $("create").textContent = { editing: "Create video", working: "Creating …", done: "Create another" }[state];
}

function edit() {
  following?.abort();
  history.replaceState(null, "", location.pathname);
  setState("editing");
  show(chosenFace());
}

function show(face) {
  showEditing(face?.avatar?.image_url ?? face?.url, face?.avatar?.name ?? face?.file.name);
}

function request() {
  const data = new FormData();
  const face = chosenFace();
  if (face.file) data.append("image", face.file, face.file.name || "photo");
  else data.append("avatar_id", face.avatar.id);
  if (form.elements.speech.value === "audio") {
    data.append("audio", chosenAudio(), chosenAudio().name);
  } else {
    if ($("text").value.trim()) data.append("text", $("text").value.trim());
    if (chosenVoice()) data.append("voice_id", chosenVoice());
  }
  if (faceIndex !== null) data.append("face_index", faceIndex);
  for (const option of options) data.append(option.id, option.value);
  return data;
}

function missing() {
  if (!chosenFace()) return ["photo", { message: "There is no face yet.", hint: "Choose one, or drop a photo of yours." }];
  if (form.elements.speech.value === "audio" && !chosenAudio()) return ["speech", { message: "There is no recording yet.", hint: "Choose a file, or switch to words." }];
  return null;
}

async function create() {
  clearErrors();
  stopVoice();
  hideFaces();
  const gap = missing();
  if (gap) return showFieldError(...gap);
  setState("working");
  showUpload(0);
  if (window.innerWidth <= 860) $("frame").scrollIntoView({ block: "start", behavior: "smooth" });
  try {
    const video = await createVideo(request(), showUpload);
    history.replaceState(null, "", `#v=${video.id}`);
    return await follow(video.id);
  } catch (error) {
    return refuse(error);
  }
}

async function follow(id) {
  following?.abort();
  following = new AbortController();
  setState("working");
  $("stop").hidden = $("stop").disabled = false;
  holdFocus($("stop"));
  $("stop").onclick = () => {
    $("stop").disabled = true;
    cancelVideo(id).catch(() => { $("stop").disabled = false; }); // it may just have ended
  };
  try {
    const video = await followVideo(id, showWork, following.signal);
    if (video.status === "canceled") return edit();
    if (video.status !== "completed") return refuse(video.error ?? { code: "unknown", message: "The video was not made." });
    setState("done");
    showVideo(video);
  } catch (error) {
    if (error.name !== "AbortError") refuse(error);
  }
  return undefined;
}

function refuse(error) {
  if (!error.code) throw error; // a fault of this page, for the console
  if ([404, 410].includes(error.status)) error = GONE;
  const field = fieldOf(error);
  edit();
  if (error.code === "multiple_faces" && chosenFace()) askWho(error);
  else if (field && chosenFace()) showFieldError(field, error);
  else showFailure({ ...error, message: sentence(error.message) }, chosenFace() !== null);
  holdFocus($("create"));
}

function askWho({ message, details }) {
  showFieldError("photo", { message, hint: "Choose in the picture who speaks." }, false);
  offerFaces(details.faces, Number($("resolution").value), (index) => {
    faceIndex = index;
    create();
  });
}

// --- Wiring ---

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form.dataset.state === "done") edit();
  create();
});
$("retry").addEventListener("click", create);
$("back").addEventListener("click", edit);

for (const radio of form.elements.speech) {
  radio.addEventListener("change", () => {
    $("panel-text").hidden = radio.value !== "text";
    $("panel-audio").hidden = radio.value !== "audio";
    clearError("speech");
    stopVoice();
  });
}

$("text").addEventListener("input", () => {
  clearError("speech");
  const letters = $("text").value.trim().length;
  const length = letters / 14; // letters a second, as the voices speak
  $("text-hint").textContent = letters ? `About ${Math.max(1, Math.round(length))} s of speech.` : "Leave it empty for a short greeting.";
});
$("voice").addEventListener("change", () => clearError("voice"));

for (const option of options) {
  option.addEventListener("input", () => {
    clearError("more");
    if ("percent" in option.dataset) form.querySelector(`output[for=${option.id}]`).textContent = `${Math.round(option.value * 100)} %`;
  });
}

$("copy-link").addEventListener("click", async () => {
  const label = $("copy-link").querySelector("span");
  await navigator.clipboard.writeText(location.href).then(() => { label.textContent = "Copied"; }, () => { label.textContent = "Copy it from the address bar"; });
  setTimeout(() => { label.textContent = "Copy link"; }, 2500);
});

// Files may be dropped anywhere, or pasted.
function take(files) {
  for (const file of files) {
    if (/^(audio|video)\//.test(file.type)) {
      form.elements.speech.value = "audio";
      form.querySelector("[name=speech][value=audio]").dispatchEvent(new Event("change"));
      useAudio(file);
    } else useFile(file);
  }
}
let inside = 0;
const veil = (on) => $("drop-veil").classList.toggle("on", on);
addEventListener("dragenter", (event) => { if (event.dataTransfer?.types.includes("Files")) { inside += 1; veil(true); } });
addEventListener("dragleave", () => { inside = Math.max(0, inside - 1); if (!inside) veil(false); });
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  inside = 0;
  veil(false);
  if (form.dataset.state === "working") return;
  if (form.dataset.state === "done") edit();
  take(event.dataTransfer.files);
});
addEventListener("paste", (event) => {
  if (form.dataset.state !== "working" && event.clipboardData?.files.length) take(event.clipboardData.files);
});

function onFace(isDefault) {
  // A link's video, or what became of it, may be there before the faces are.
  if (isDefault && $("frame").dataset.show !== "empty") return;
  faceIndex = null;
  hideFaces();
  clearError("photo");
  if (form.dataset.state !== "working") edit();
}

const linked = /^#v=([\w-]+)$/.exec(location.hash)?.[1];
if (linked) setState("working"); // before the faces load: the link's video has the stage
startFaces(onFace);
startVoices();
startModels();
startRecording((problem) => (problem ? showFieldError("speech", problem) : clearError("speech")));
if (linked) follow(linked);
