// Rows of a list: moving real focus between their links, peeking, selecting.
import { $, $$ } from "./dom.js";
import { isDrawerOpen, peek } from "./overlays.js";

const rows = () => $$("main tr[data-id]");
let last = null; // id of the row that had focus

export function currentRow() {
  const focused = document.activeElement?.closest?.("tr[data-id]");
  return focused ?? rows().find((row) => row.dataset.id === last) ?? null;
}

export function move(step) {
  const all = rows();
  if (!all.length) return;
  const here = all.indexOf(currentRow());
  const next = all[here < 0 ? 0 : Math.min(all.length - 1, Math.max(0, here + step))];
  $("th a, a", next)?.focus();
  next.scrollIntoView({ block: "nearest" });
  if (isDrawerOpen()) peek(next);
}

document.addEventListener("focusin", (event) => {
  last = event.target.closest("tr[data-id]")?.dataset.id ?? last;
});

export const select = (row) => $("input[type=checkbox]", row)?.click();

// A click on a row peeks; links, controls and selected text keep their own meaning.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-peeks] tr[data-id]");
  const own = event.target.closest("a, button, input, label, summary, select");
  if (!row || own || !getSelection().isCollapsed || event.ctrlKey || event.metaKey) return;
  last = row.dataset.id;
  peek(row);
});

// How many rows are ticked, in the toolbar that CSS shows then.
document.addEventListener("change", (event) => {
  if (!event.target.matches("th input")) return;
  const picked = $$("th :checked").length;
  for (const place of $$("[data-picked]")) place.textContent = `${picked} selected`;
});
