// The stage: the photo, the work's progress, the video, or what went wrong.

const $ = (id) => document.getElementById(id);
const frame = $("frame");
const photo = $("photo");
const backdrop = $("backdrop");
const video = $("video");

const TITLE = document.title;
const STAGES = {
  photo: "Looking at the photo",
  face: "Finding the face",
  rig: "Getting the face ready to move",
  captions: "Writing down what is said",
  motion: "Listening to the words",
  frames: "Drawing the video",
};

/** Show a photo by its address; `name` stands in where the browser cannot show its format. */
function showPhoto(url, name) {
  frame.dataset.show = "photo";
  if (photo.dataset.of === url) return;
  photo.dataset.of = url;
  delete frame.dataset.nameless;
  photo.onload = () => { frame.dataset.photo = ""; backdrop.src = url; };
  photo.onerror = () => {
    delete frame.dataset.photo;
    frame.dataset.nameless = "";
    $("nameless-name").textContent = name;
  };
  delete frame.dataset.photo;
  photo.alt = name ? `The chosen photo: ${name}` : "The chosen photo";
  photo.src = url;
}

/** Show the chosen photo, or the place to drop one, without progress or video. */
export function showEditing(url, name) {
  document.title = TITLE;
  leaveVideo();
  if (url) showPhoto(url, name);
  else frame.dataset.show = "empty";
}

/** The upload's progress, 0..1. */
export function showUpload(fraction) {
  leaveVideo();
  frame.dataset.show = "working";
  say(fraction < 1 ? "Sending" : "Checking the photo and the words", "", null);
}

/** A queued or running video, or null while the service cannot be reached. */
export function showWork(job) {
  frame.dataset.show = "working";
  if (!job) {
    $("stage-more").textContent = "The connection is lost; trying again …";
    return;
  }
  if (job.status === "queued") {
    const ahead = Math.max(0, (job.queue_position ?? 1) - 1);
    say("Waiting for its turn", ahead ? `${ahead} ${ahead === 1 ? "video is" : "videos are"} ahead` : "You are next", null);
    return;
  }
  const left = job.eta_seconds > 0 ? `about ${span(job.eta_seconds)} left` : "";
  say(STAGES[job.stage] ?? "Starting", left, job.progress ?? 0);
  document.title = `${Math.round(job.progress ?? 0)} % · ${TITLE}`; // for the visitor who waits in another tab
}

/** The finished video. */
export function showVideo(job) {
  frame.dataset.show = "video";
  document.title = `Ready · ${TITLE}`;
  holdFocus(video);
  if (job.thumbnail_url) video.poster = job.thumbnail_url;
  video.src = job.video_url;
  video.replaceChildren(...(job.captions_url ? [captions(job.captions_url)] : []));
  video.play().catch(() => {}); // a page opened by its link may not play by itself
  $("facts").textContent = facts(job);
  const download = $("download");
  download.href = job.video_url;
  download.download = `talking-photo-${job.id.slice(0, 8)}.mp4`;
  $("result").hidden = false;
  $("result").scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function captions(address) {
  return Object.assign(document.createElement("track"), { kind: "captions", label: "Captions", src: address });
}

/** What went wrong, where no field of the form is to blame. */
export function showFailure({ message, hint, retryable }, canRetry) {
  leaveVideo();
  frame.dataset.show = "failed";
  $("failed-message").textContent = message;
  $("failed-hint").textContent = hint ?? "";
  $("retry").hidden = !(retryable && canRetry);
}

/** Give the keyboard's focus to an element when it was lost with what just went away. */
export function holdFocus(element) {
  if (document.activeElement === document.body) element.focus({ preventScroll: true });
}

function say(text, more, percent) {
  if ($("stage-text").textContent !== text) $("stage-text").textContent = text; // said aloud once, not at every poll
  $("stage-more").textContent = more;
  $("percent").textContent = percent === null ? "" : `${Math.round(percent)} %`;
  if (percent === null) $("progress").removeAttribute("value");
  else $("progress").value = percent;
}

const span = (value) => (value < 90 ? `${Math.ceil(value)} s` : `${Math.round(value / 60)} min`);

function facts(job) {
  const parts = [];
  if (job.duration) parts.push(`${job.duration.toFixed(1)} s`);
  if (job.width) parts.push(`${job.width} × ${job.height}`);
  if (job.fps) parts.push(`${Number(job.fps)} frames a second`);
  return parts.join(" · ");
}

function leaveVideo() {
  video.pause();
  video.removeAttribute("src");
  video.removeAttribute("poster");
  video.load();
  $("result").hidden = true;
}
