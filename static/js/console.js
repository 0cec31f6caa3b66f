// Entry point: loads once per page; everything listens on document, so swapped content needs
// no set-up of its own. Every page works without it.
import "./requests.js";
import "./overlays.js";
import "./toasts.js";
import "./times.js";
import "./appearance.js";
import "./rows.js";
import "./keyboard.js";
import "./polling.js";

// The palette comes when it is first opened: most pages never need it.
const palette = document.querySelector("#palette");
if (palette) {
  new MutationObserver((_, watcher) => {
    watcher.disconnect();
    import("./palette.js");
  }).observe(palette, { attributeFilter: ["open"] });
}
