// The cropper: a frame over the photo, in step with four numbers in pixels of the photo.
const form = document.querySelector(".tp-crop");
const stage = form.querySelector(".tp-cropper");
const frame = form.querySelector(".tp-frame");
const limit = { width: Number(form.dataset.width), height: Number(form.dataset.height) };
const SMALLEST = 16;
const input = (name) => form.elements[name];
const read = () => Object.fromEntries(["left", "top", "width", "height"].map((name) => [name, Number(input(name).value)]));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function show() {
  const box = read();
  Object.assign(frame.style, {
    left: `${(100 * box.left) / limit.width}%`, top: `${(100 * box.top) / limit.height}%`,
    width: `${(100 * box.width) / limit.width}%`, height: `${(100 * box.height) / limit.height}%`,
  });
}

function write(box) {
  for (const [name, value] of Object.entries(box)) input(name).value = Math.round(value);
  show();
}

function moved(start, dx, dy, corner) {
  if (!corner) {
    return { ...start, left: clamp(start.left + dx, 0, limit.width - start.width), top: clamp(start.top + dy, 0, limit.height - start.height) };
  }
  let { left, top, width, height } = start;
  const right = left + width, bottom = top + height;
  if (corner.includes("w")) { left = clamp(left + dx, 0, right - SMALLEST); width = right - left; }
  else width = clamp(width + dx, SMALLEST, limit.width - left);
  if (corner.includes("n")) { top = clamp(top + dy, 0, bottom - SMALLEST); height = bottom - top; }
  else height = clamp(height + dy, SMALLEST, limit.height - top);
  return { left, top, width, height };
}

frame.addEventListener("pointerdown", (down) => {
  down.preventDefault();
  frame.setPointerCapture(down.pointerId);
  const start = read(), scale = limit.width / stage.getBoundingClientRect().width, corner = down.target.dataset.corner;
  const drag = (move) => write(moved(start, (move.clientX - down.clientX) * scale, (move.clientY - down.clientY) * scale, corner));
  frame.addEventListener("pointermove", drag);
  const end = () => frame.removeEventListener("pointermove", drag);
  frame.addEventListener("pointerup", end, { once: true });
  frame.addEventListener("pointercancel", end, { once: true });
});
form.addEventListener("input", show);
form.querySelector("[data-whole]").addEventListener("click", () => write({ left: 0, top: 0, ...limit }));
show();
