// The catalog's lists: drag a row by its handle, or focus the handle and press the arrow keys; the new order is kept at once.
function setUp(body) {
  const rows = () => [...body.rows];
  const idOf = (row) => row.querySelector(".tp-handle").dataset.id;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;

  async function keep(row) {
    const answer = await fetch(new URL("order", location.href), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ ids: rows().map(idOf), moved: idOf(row) }),
    }).catch(() => null);
    row.classList.toggle("tp-unsaved", !answer?.ok);
    if (!answer?.ok) alert("The new order could not be kept. Reload the page.");
  }

  body.addEventListener("keydown", (event) => {
    const row = event.target.closest(".tp-handle")?.closest("tr");
    if (!row || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    const other = event.key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    event.key === "ArrowUp" ? other.before(row) : other.after(row);
    event.target.focus();
    keep(row);
  });

  body.addEventListener("pointerdown", (down) => {
    const handle = down.target.closest(".tp-handle");
    if (!handle) return;
    down.preventDefault();
    handle.focus();
    const row = handle.closest("tr"), before = rows().map(idOf).join();
    row.classList.add("tp-dragged");
    const drag = (move) => {
      const over = rows().find((one) => one !== row && move.clientY < one.getBoundingClientRect().bottom && move.clientY > one.getBoundingClientRect().top);
      if (!over) return;
      const { top, height } = over.getBoundingClientRect();
      move.clientY < top + height / 2 ? over.before(row) : over.after(row);
    };
    const end = () => {
      document.removeEventListener("pointermove", drag);
      document.removeEventListener("pointerup", end);
      document.removeEventListener("pointercancel", end);
      row.classList.remove("tp-dragged");
      if (rows().map(idOf).join() !== before) keep(row);
    };
    // On the document: a row that is moved in it loses the capture of the pointer.
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", end);
    document.addEventListener("pointercancel", end);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  const body = document.querySelector("#result_list tbody");
  if (body?.querySelector(".tp-handle")) setUp(body);
});
