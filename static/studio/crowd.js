// Several faces in one photo: the visitor points at the one that speaks.

const crowd = document.getElementById("crowd");
const photo = document.getElementById("photo");
const MARGIN = 0.3; // of the face's size: a frame around the head, and a target large enough for a thumb

let place = () => {};
new ResizeObserver(() => place()).observe(crowd.parentElement);

/** Frame the faces; `onPick` hears the face_index. Boxes are in px of the photo made to fit `longestPx`. */
export function offerFaces(found, longestPx, onPick) {
  const faces = [...found].sort((one, other) => one.box[0] - other.box[0]); // numbered as one reads
  const shown = "photo" in crowd.parentElement.dataset; // else: a format that the browser cannot show
  const buttons = faces.map(({ face_index: index }, number) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: shown ? "face-box" : "quiet" });
    button.append(Object.assign(document.createElement("span"), { textContent: shown ? number + 1 : `Face ${number + 1}` }));
    button.setAttribute("aria-label", `Face ${number + 1} of ${faces.length}`);
    button.addEventListener("click", () => { hideFaces(); onPick(index); });
    return button;
  });
  crowd.replaceChildren(Object.assign(document.createElement("p"), { textContent: "Who of them speaks?" }), ...buttons);
  crowd.className = shown ? "frame-crowd" : "frame-crowd row";
  crowd.hidden = false;
  place = shown ? () => faces.forEach(({ box }, number) => frameFace(buttons[number], box, longestPx)) : () => {};
  place();
  crowd.parentElement.scrollIntoView({ block: "nearest", behavior: "smooth" });
  buttons[0]?.focus({ preventScroll: true });
}

/** Take the frames away. */
export function hideFaces() {
  crowd.hidden = true;
  place = () => {};
}

function frameFace(button, [x, y, width, height], longestPx) {
  const { naturalWidth, naturalHeight, clientWidth, clientHeight } = photo;
  const fitted = Math.min(1, longestPx / Math.max(naturalWidth, naturalHeight));
  const zoom = Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight) / fitted; // object-fit: contain
  const left = (clientWidth - naturalWidth * fitted * zoom) / 2;
  const top = (clientHeight - naturalHeight * fitted * zoom) / 2;
  Object.assign(button.style, {
    left: `${left + (x - width * MARGIN) * zoom}px`,
    top: `${top + (y - height * MARGIN) * zoom}px`,
    width: `${width * (1 + 2 * MARGIN) * zoom}px`,
    height: `${height * (1 + 2 * MARGIN) * zoom}px`,
  });
}
