// Dialogs, the drawer and menus: opening, Esc, focus back to where it came from.
import { $, $$, isTyping, make } from "./dom.js";

const drawer = $("#drawer");
let opener = null;

export const isModalOpen = () => Boolean($("dialog:modal"));
export const isDrawerOpen = () => drawer.open;

export function openDialog(id) {
  const dialog = document.getElementById(id) ?? (id === "shortcuts" ? shortcutSheet() : null);
  if (dialog && !dialog.open) dialog.showModal();
}

/** The row's details beside the list; the address says so, history does not grow. */
export function peek(row) {
  const here = new URL(location.href);
  here.searchParams.set("peek", row.dataset.id);
  opener = row.querySelector("th a") ?? row;
  history.replaceState(history.state, "", here);
  window.htmx.ajax("GET", here.pathname + here.search, { target: "#drawer", swap: "innerHTML" });
}

export function closeDrawer() {
  if (!drawer.open) return;
  const here = new URL(location.href);
  here.searchParams.delete("peek");
  history.replaceState(history.state, "", here);
  drawer.close();
  drawer.replaceChildren();
  opener?.focus();
}

/** Below the bar, wherever strip, banner and scrolling have put it. */
function place() {
  if (drawer.open) drawer.style.top = `${Math.max(0, $(".bar").getBoundingClientRect().bottom)}px`;
}
document.addEventListener("scroll", place, { passive: true });

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== drawer) return;
  if (!drawer.open) drawer.show();
  place();
  if (!opener?.matches(":focus")) $("[data-close]", drawer)?.focus();
});

document.addEventListener("click", (event) => {
  const open = event.target.closest("[data-open]");
  if (open) {
    event.preventDefault();
    openDialog(open.dataset.open);
  }
  const close = event.target.closest("[data-close]");
  if (close?.closest("#drawer")) {
    event.preventDefault();
    closeDrawer();
  } else if (close) {
    close.closest("dialog")?.close();
  }
  // A click on the scrim closes; one inside lands on a child or within the box.
  if (event.target.matches?.("dialog:modal")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right
      && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
  $$("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// A menu that is read when it is first opened: what it holds until then is the link to it.
document.addEventListener("toggle", ({ target }) => {
  const later = target.open && $(":scope > [data-later]", target);
  if (later) window.htmx.ajax("GET", later.getAttribute("href"), { target: later, swap: "outerHTML" });
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || isModalOpen()) return;
  const menu = $("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    $("summary", menu).focus();
  } else if (!isTyping(event.target) || event.target.closest("#drawer")) {
    closeDrawer();
  }
});

place();

const SHEET = [
  ["Anywhere", ["Ctrl K", "Go to a page or number"], ["/", "Filter or look up"], ["?", "This sheet"],
    ["c", "Copy a link to this view"], ["u", "Undo what was just done"]],
  ["Lists", ["j k", "Next, previous row"], ["Enter", "Open"], ["Space", "Peek"], ["x", "Select"],
    ["e", "Export"], ["Esc", "Close"]],
  ["Records", ["[ ]", "Previous, next"], ["1–9", "Tab by number"], [".", "Actions"], ["r", "Refresh"]],
];

/** The `?` sheet; its "Go to" column is the menu that this person has. */
function shortcutSheet() {
  const links = $$("[data-go]").map((link) => [`g ${link.dataset.go}`, link.textContent.trim()]);
  const groups = links.length ? [SHEET[0], ["Go to", ...links], ...SHEET.slice(1)] : SHEET;
  const columns = groups.map(([title, ...rows]) => make("section", {}, make("h3", {}, title),
    make("dl", {}, ...rows.map(([keys, does]) => make("div", {},
      make("dt", {}, ...keys.split(" ").flatMap((key) => [make("kbd", {}, key), " "])),
      make("dd", {}, does))))));
  const off = document.documentElement.dataset.keys === "off";
  const note = off ? "Single keys are off; Ctrl K works. " : "Single keys rest while you type. ";
  const dialog = make("dialog", { id: "shortcuts", class: "dialog", "aria-label": "Keyboard shortcuts" },
    make("h2", {}, "Keyboard shortcuts"), make("div", { class: "sheet" }, ...columns),
    make("p", { class: "quiet" }, note, "The switch is in your account menu."),
    make("div", { class: "dialog-foot" },
      make("button", { class: "button", type: "button", "data-close": "", autofocus: "" }, "Close")));
  document.body.append(dialog);
  return dialog;
}
