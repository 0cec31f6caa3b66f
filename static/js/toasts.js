// Messages at the bottom left: 6 s, longer with Undo, waiting while hovered or focused.
import { $, $$, make } from "./dom.js";

const region = $("#toasts");
const SECONDS = 6;

export function toast(text, tone = "ok") {
  region.append(make("div", { class: "toast", "data-tone": tone }, make("p", {}, text)));
}

function leave(message) {
  if (message.matches(":hover, :focus-within")) setTimeout(leave, 1000, message);
  else message.remove();
}

new MutationObserver((changes) => {
  for (const message of changes.flatMap((change) => [...change.addedNodes])) {
    if (message.nodeType === Node.ELEMENT_NODE) {
      setTimeout(leave, 1000 * Number(message.dataset.seconds ?? SECONDS), message);
    }
  }
}).observe(region, { childList: true });
// What came with the page is put in anew: only what is added to a live region is spoken.
$$(".toast", region).forEach((message) => region.append(message));

/** data-copy="text" or, empty, the address of this view. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied.`);
  } catch {
    toast("The browser did not allow copying.", "bad");
  }
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button.dataset.copy || location.href, button.dataset.copy ? "Text" : "Link");
});
