// The model that draws the mouth: a choice, where there is one.

import { readList } from "./api.js";

/** Offer the models when there are several; else the select stays hidden and empty, which means the default. */
export async function startModels() {
  const select = document.getElementById("model_id");
  let models;
  try {
    models = await readList("models");
  } catch {
    return; // the default draws
  }
  if (models.length < 2) return;
  const usual = models.find((model) => model.is_default) ?? models.find((model) => model.contract === "layered");
  select.replaceChildren(...models.map((model) => new Option(model.name, model.id, model === usual, model === usual)));
  for (const element of [select, ...select.labels]) element.hidden = false;
}
