// Ctrl K: hits of the look-up while typing, what was opened last, pages, actions of this page.
import { $, $$, icon, make } from "./dom.js";
import { lookUp, recents } from "./lookup.js";

const dialog = $("#palette");
const input = dialog && $("input[role=combobox]", dialog);
const list = dialog && $("[role=listbox]", dialog);
const count = dialog && $("[role=status]", dialog);
const NUMBER = /^[a-z]{2,5}-\d{4}-\d{3,}$/i;
const SHOWN_PER_GROUP = 8;
let options = [];
let remote = []; // groups that the server gave for `remoteText`
let remoteText = "";
let at = 0;
let scope = ""; // the only group shown, chosen with Tab

const entry = (link, name, hint = "") => ({ href: link.href, label: link.textContent.trim(), name, hint });

/** Groups that fit the text: every word must occur. */
function groups(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ label }) => words.every((word) => label.toLowerCase().includes(word));
  const found = [];
  if (remoteText === text.trim()) found.push(...remote);
  if (!dialog.dataset.find && NUMBER.test(text.trim()) && dialog.dataset.policy) {
    const number = text.trim().toUpperCase();
    const href = dialog.dataset.policy.replace("NUMBER", encodeURIComponent(number));
    found.push(["Policy", [{ href, label: `Open ${number}`, name: "shield", hint: "" }]]);
  }
  if (text.trim().length > 1 && dialog.dataset.find) {
    found.push(["Look up", [{ submit: true, label: `Look up "${text.trim()}"`, name: "search", hint: "" }]]);
  }
  const actions = words.length ? $$(".actions a, .actions button").filter((item) => item.textContent.trim())
    .map((item) => ({ press: item, label: item.textContent.trim(), name: "check", hint: "" })) : [];
  const pages = $$(".side a").map((link) => entry(link, $("use", link).getAttribute("href").split("#")[1],
    link.dataset.go ? `g ${link.dataset.go}` : ""));
  const rows = words.length ? $$("tr[data-id] th a").map((link) => entry(link, "file")) : [];
  found.push(["Go to", pages.filter(fits)], ["Actions", actions.filter(fits)],
    ["On this page", rows.filter(fits)]);
  return found.filter(([title, entries]) => entries.length && (!scope || title === scope));
}

/** Ask the server and draw again, unless more was typed meanwhile. */
async function ask() {
  const text = input.value.trim();
  const given = text ? await lookUp(dialog.dataset.find, text) : await recents(dialog.dataset.recents);
  if (given === null || input.value.trim() !== text) return;
  [remote, remoteText] = [given, text];
  draw();
}

function draw() {
  const shown = groups(input.value);
  options = [];
  list.replaceChildren(...shown.map(([title, entries]) => {
    const group = make("div", { role: "group", "aria-label": title },
      make("div", { role: "presentation" }, title));
    for (const choice of entries.slice(0, scope ? entries.length : SHOWN_PER_GROUP)) {
      const option = make("div", { role: "option", id: `option-${options.length}`, "aria-selected": "false" },
        icon(choice.name), make("span", {}, choice.label));
      if (choice.hint) option.append(make("kbd", {}, choice.hint));
      options.push({ ...choice, option, title });
      group.append(option);
    }
    return group;
  }));
  const results = options.length === 1 ? "1 result" : `${options.length} results`;
  count.textContent = scope ? `${results} in ${scope}; Shift Tab shows all` : results;
  select(0);
}

function select(index) {
  options[at]?.option.setAttribute("aria-selected", "false");
  at = options.length ? (index + options.length) % options.length : 0;
  const chosen = options[at]?.option;
  chosen?.setAttribute("aria-selected", "true");
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
}

function go(choice, newTab) {
  if (!choice) return;
  if (choice.press) {
    dialog.close();
    choice.press.click();
  } else if (choice.submit) input.form.submit();
  else if (newTab) window.open(choice.href, "_blank", "noopener");
  else location.assign(choice.href);
}

/** Show the group of the selected option alone, or all groups again. */
function narrow(to) {
  scope = to;
  draw();
}

/** Each time the dialog opens; what was typed while this module came is kept. */
function start(changes) {
  if (!dialog.open) return;
  if (changes) input.value = "";
  scope = "";
  draw();
  input.focus();
  if (dialog.dataset.recents || input.value) ask();
}

if (dialog) {
  input.addEventListener("input", () => {
    draw();
    if (dialog.dataset.find) ask();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) select(at + step);
    else if (event.key === "Tab") narrow(event.shiftKey ? "" : options[at]?.title ?? scope);
    else if (event.key === "Backspace" && scope && !input.value) narrow("");
    else if (event.key === "Enter") go(options[at], event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => {
    go(options.find(({ option }) => option.contains(event.target)), event.ctrlKey || event.metaKey);
  });
  list.addEventListener("pointermove", (event) => {
    const index = options.findIndex(({ option }) => option.contains(event.target));
    if (index >= 0 && index !== at) select(index);
  });
  new MutationObserver(start).observe(dialog, { attributeFilter: ["open"] });
  start();
}
