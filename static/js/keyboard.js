// Shortcuts. Only Ctrl K fires while typing; single keys never with Ctrl, Alt or Meta, in a field
// or over an open dialog, and one switch turns them off (WCAG 2.1.4).
import { $, isTyping } from "./dom.js";
import { closeDrawer, isDrawerOpen, isModalOpen, openDialog, peek } from "./overlays.js";
import { currentRow, move, select } from "./rows.js";
import { copy } from "./toasts.js";

const CHORD_MS = 1200;
let chord = -CHORD_MS; // when `g` was pressed

const click = (selector) => $(selector)?.click();

function filter() {
  const field = $("[data-filter], #lookup");
  if (field) field.focus();
  else openDialog("palette");
}

const KEYS = {
  "?": () => openDialog("shortcuts"),
  "/": filter,
  j: () => move(1),
  k: () => move(-1),
  c: () => copy(location.href, "Link"),
  "[": () => click("main a[rel=prev]"),
  "]": () => click("main a[rel=next]"),
  u: () => click("[data-undo]"),
  ".": () => click("[data-actions] > summary"),
};

function onRow(event) {
  const row = currentRow();
  if (event.key === "x" && row) select(row);
  else if (event.key === " " && row?.closest("[data-peeks]")) {
    if (event.target.closest("button, summary, input, label")) return false;
    if (isDrawerOpen() && new URL(location.href).searchParams.get("peek") === row.dataset.id) closeDrawer();
    else peek(row);
  } else return false;
  return true;
}

function single(event) {
  if (performance.now() - chord < CHORD_MS) {
    chord = -CHORD_MS;
    const link = $(`[data-go="${CSS.escape(event.key)}"]`);
    link?.click();
    return Boolean(link);
  }
  if (event.key === "g") {
    chord = performance.now();
    return true;
  }
  if (/^[1-9]$/.test(event.key)) {
    const tab = $(`.tabs li:nth-child(${event.key}) a`);
    tab?.click();
    return Boolean(tab);
  }
  const marked = $(`main [data-key="${CSS.escape(event.key)}"]`);
  if (marked) {
    marked.focus(); // a menu that opens goes on with Tab
    marked.click();
  } 
  else if (KEYS[event.key]) KEYS[event.key]();
  else return onRow(event);
  return true;
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("palette");
    return;
  }
  const off = document.documentElement.dataset.keys === "off";
  if (off || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (isTyping(event.target) || isModalOpen()) return;
  if (single(event)) event.preventDefault();
});
