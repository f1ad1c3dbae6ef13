// Talking to the service: create a video, and follow it until it ends.

const POLL_S = 1;
const POLL_MAX_S = 15;
const LOST_AFTER_TRIES = 30;
export const ENDED = new Set(["completed", "failed", "canceled", "rejected"]);

// Who is logged in to the admin may use the studio also where the API wants a key; others get no token.
const csrfToken = document.querySelector('meta[name="csrf-token"]')?.content;

/** What the service, or the way to it, refused: the same fields as the API's errors. */
export class ApiError extends Error {
  constructor({ code, message, hint = "", details = {}, retryable = false }) {
    super(message);
    Object.assign(this, { code, hint, details, retryable });
  }
}

const unreachable = () =>
  new ApiError({ code: "unreachable", message: "The service cannot be reached.", hint: "Check the connection, then try again.", retryable: true });

function errorFrom(status, body) {
  const unexplained = { code: `http_${status}`, message: `The service answered with status ${status}.`, hint: "Try again in a moment.", retryable: status >= 500 };
  return Object.assign(new ApiError(body?.error?.code ? body.error : unexplained), { status });
}

/** Send the form; `onUpload` hears fractions 0..1. Resolves with the video's JSON. (fetch cannot report uploads.) */
export function createVideo(form, onUpload) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/express/create");
    request.setRequestHeader("Prefer", "respond-async");
    request.setRequestHeader("Accept", "application/json");
    if (csrfToken) request.setRequestHeader("X-CSRFToken", csrfToken);
    request.upload.onprogress = (event) => event.lengthComputable && onUpload(event.loaded / event.total);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      let body = null;
      try { body = JSON.parse(request.responseText); } catch { /* a proxy's error page */ }
      if (request.status < 300 && body?.id) resolve(body);
      else reject(errorFrom(request.status, body));
    };
    request.send(form);
  });
}

/** Ask for the video until it ends, as often as Retry-After allows; `onChange` hears every answer. */
export async function followVideo(id, onChange, signal) {
  for (let lost = 0; ; ) {
    const wait = { s: POLL_S };
    try {
      const video = await readVideo(id, wait, signal);
      lost = 0;
      onChange(video);
      if (ENDED.has(video.status)) return video;
    } catch (error) {
      if (signal.aborted || (!error.retryable) || ++lost > LOST_AFTER_TRIES) throw error;
      wait.s = Math.min(2 ** lost * 0.5, POLL_MAX_S);
      onChange(null);
    }
    await new Promise((resolve) => setTimeout(resolve, wait.s * 1000));
    if (signal.aborted) throw new DOMException("Stopped", "AbortError");
  }
}

async function readVideo(id, wait, signal) {
  const response = await fetch(`/api/express/videos/${encodeURIComponent(id)}`, { signal, cache: "no-store" }).catch((error) => {
    throw error.name === "AbortError" ? error : unreachable();
  });
  const retryAfter = Number(response.headers.get("Retry-After"));
  if (retryAfter > 0) wait.s = Math.min(retryAfter, POLL_MAX_S);
  const body = await response.json().catch(() => null);
  if (!response.ok) throw errorFrom(response.status, body);
  return body;
}

/** Ask the service to stop working on the video; whoever follows it hears of its end. */
export async function cancelVideo(id) {
  const response = await fetch(`/api/express/videos/${encodeURIComponent(id)}/cancel`, { method: "POST", headers: csrfToken ? { "X-CSRFToken": csrfToken } : {} }).catch(() => { throw unreachable(); });
  if (!response.ok) throw errorFrom(response.status, await response.json().catch(() => null));
}

/** One of the catalog's lists. */
export async function readList(name) {
  const response = await fetch(`/api/${name}`).catch(() => { throw unreachable(); });
  if (!response.ok) throw errorFrom(response.status, await response.json().catch(() => null));
  return response.json();
}
