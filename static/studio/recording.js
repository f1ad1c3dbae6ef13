// "Recording": pick an audio file, drop one, or record with the microphone.

const pick = document.getElementById("audio-file");
const player = document.getElementById("audio-player");
const title = document.getElementById("audio-name");
const note = document.getElementById("audio-note");
const remove = document.getElementById("audio-remove");
const button = document.getElementById("record");
const buttonText = document.getElementById("record-text");
const emptyTitle = title.textContent;
const emptyNote = note.textContent;

let file = null;
let recorder = null;
let onChange = () => {};

/** The chosen recording as a File, or null. */
export const chosenAudio = () => file;

/** Wire the panel; `listener(problem)` hears of every change, with an error when the microphone was refused. */
export function startRecording(listener) {
  onChange = listener;
  pick.addEventListener("change", () => pick.files[0] && useAudio(pick.files[0]));
  remove.addEventListener("click", () => useAudio(null));
  player.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(player.duration)) note.textContent = seconds(player.duration);
  });
  button.hidden = !(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  button.addEventListener("click", () => (recorder ? recorder.stop() : record()));
}

/** Choose a recording; null removes it. */
export function useAudio(newFile) {
  if (player.src) URL.revokeObjectURL(player.src);
  file = newFile;
  pick.value = "";
  title.textContent = file ? file.name : emptyTitle;
  note.textContent = file ? `${Math.max(1, Math.round(file.size / 1024))} kB` : emptyNote;
  player.hidden = remove.hidden = !file;
  if (file) player.src = URL.createObjectURL(file);
  else player.removeAttribute("src");
  onChange(null);
}

async function record() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    onChange({ message: "The microphone cannot be used.", hint: "Allow it for this page in the browser, or choose a file." });
    return;
  }
  const parts = [];
  const started = Date.now();
  recorder = new MediaRecorder(stream);
  const tick = setInterval(() => { buttonText.textContent = `Stop, ${seconds((Date.now() - started) / 1000)}`; }, 250);
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    clearInterval(tick);
    for (const track of stream.getTracks()) track.stop();
    const type = recorder.mimeType;
    recorder = null;
    button.classList.remove("playing");
    buttonText.textContent = "Record again";
    useAudio(new File(parts, `Recording.${type.includes("mp4") ? "m4a" : "webm"}`, { type }));
  };
  recorder.start();
  button.classList.add("playing");
  buttonText.textContent = "Stop";
}

/** 75.2 -> "1:15". */
function seconds(value) {
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
