// "Who speaks?": the stock faces and the visitor's own photo.

import { readList } from "./api.js";

const list = document.getElementById("faces");
const input = document.getElementById("photo-file");
const own = input.closest(".face");
const ownName = document.getElementById("own-name");
const ownPicture = own.querySelector(".face-picture");
const emptyPicture = ownPicture.innerHTML;

let chosen = null; // {avatar: {id, name, image_url}} or {file, url}
let ownPhoto = null;
let onChange = () => {};

/** The chosen face, or null. */
export const chosenFace = () => chosen;

/** Load the stock faces; `listener` hears of every choice, and whether it is merely where the visitor starts from. */
export async function startFaces(listener) {
  onChange = listener;
  input.addEventListener("change", () => input.files[0] && useFile(input.files[0]));
  input.addEventListener("click", (event) => {
    if (!ownPhoto || chosen === ownPhoto) return; // opens the file dialog
    event.preventDefault();
    choose(ownPhoto);
  });
  await loadAvatars();
}

/** Choose a file: picked, dropped or pasted. */
export function useFile(file) {
  if (ownPhoto) URL.revokeObjectURL(ownPhoto.url);
  ownPhoto = { file, url: URL.createObjectURL(file) };
  ownName.textContent = file.name || "Your photo";
  const picture = new Image();
  picture.alt = "";
  picture.onload = () => { ownPicture.replaceChildren(picture); own.classList.add("filled"); };
  picture.src = ownPhoto.url;
  ownPicture.innerHTML = emptyPicture;
  own.classList.remove("filled");
  input.value = "";
  choose(ownPhoto);
}

function choose(face, isDefault = false) {
  chosen = face;
  own.classList.toggle("chosen", face === ownPhoto && face !== null);
  if (face === ownPhoto) for (const radio of list.querySelectorAll(":checked")) radio.checked = false;
  onChange(isDefault);
}

async function loadAvatars() {
  let avatars = [];
  let note = "";
  try {
    avatars = await readList("avatars");
  } catch {
    note = "The stock faces could not be loaded. Your own photo works all the same.";
  }
  for (const placeholder of list.querySelectorAll(".skeleton, .faces-note")) placeholder.remove();
  list.append(...avatars.map(avatarCard));
  if (note) list.append(Object.assign(document.createElement("p"), { className: "faces-note", textContent: note }));
  if (!chosen && avatars.length) {
    list.querySelector("input[type=radio]").checked = true;
    choose({ avatar: avatars[0] }, true);
  }
}

function avatarCard(avatar) {
  const card = document.createElement("label");
  card.className = "face";
  const radio = Object.assign(document.createElement("input"), { type: "radio", name: "avatar", value: avatar.id });
  radio.setAttribute("aria-describedby", "photo-error");
  radio.addEventListener("change", () => choose({ avatar }));
  const picture = Object.assign(document.createElement("span"), { className: "face-picture" });
  picture.append(Object.assign(new Image(), { src: avatar.thumbnail_url, alt: "", loading: "lazy", width: 160, height: 160 }));
  const name = Object.assign(document.createElement("span"), { className: "face-name", textContent: avatar.name, title: avatar.name });
  card.append(radio, picture, name);
  return card;
}
