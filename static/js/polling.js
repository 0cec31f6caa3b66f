// data-poll="30" data-poll-url: asks again while the page is seen, naming the version it has
// (data-version); 204 means unchanged, so nothing moves.
import { $$ } from "./dom.js";

const due = new WeakMap();

setInterval(() => {
  if (document.hidden) return;
  for (const element of $$("[data-poll]")) {
    const now = performance.now();
    if (!due.has(element)) due.set(element, now + 1000 * Number(element.dataset.poll));
    if (now < due.get(element) || element.contains(document.activeElement) || !element.id) continue;
    due.set(element, now + 1000 * Number(element.dataset.poll));
    const address = new URL(element.dataset.pollUrl, location.href);
    if (element.dataset.version) address.searchParams.set("version", element.dataset.version);
    window.htmx.ajax("GET", address.pathname + address.search, { target: element, swap: "outerHTML" });
  }
}, 1000);
