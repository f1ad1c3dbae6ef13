// An avatar's page in the admin: puts the buttons of faces over the photo, and asks for the verdict while there is none.
const POLL_MS = 1000;

function placeFaces(panel) {
  for (const button of panel.querySelectorAll(".tp-face")) {
    const [x, y, width, height] = button.dataset.box.split(" ").map(Number);
    const [wide, high] = button.dataset.size.split(" ").map(Number);
    Object.assign(button.style, {
      left: `${(100 * x) / wide}%`, top: `${(100 * y) / high}%`,
      width: `${(100 * width) / wide}%`, height: `${(100 * height) / high}%`,
    });
  }
}

async function watch(panel) {
  placeFaces(panel);
  while (panel.dataset.state === "pending") {
    await new Promise((done) => setTimeout(done, POLL_MS));
    const answer = await fetch(panel.dataset.url).catch(() => null);
    if (!answer?.ok || answer.redirected) continue; // the service restarts, or the session is over
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".tp-analysis");
    if (!fresh) continue;
    if (fresh.dataset.state !== panel.dataset.state || fresh.textContent !== panel.textContent) {
      panel.replaceWith(fresh);
      panel = fresh;
      placeFaces(panel);
    }
  }
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".tp-analysis").forEach(watch));
