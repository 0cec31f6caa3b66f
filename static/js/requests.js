// htmx: CSRF on the way out, busy marks, and one place where a failed request is shown.
import { $, $$, csrfToken, make } from "./dom.js";

document.addEventListener("htmx:configRequest", (event) => {
  const { verb, headers, path } = event.detail;
  const own = new URL(path, location.href).origin === location.origin;
  if (verb !== "get" && own) headers["X-CSRFToken"] = csrfToken();
});

const busy = (event, on) => event.detail.target?.setAttribute?.("aria-busy", String(on));
document.addEventListener("htmx:beforeRequest", (event) => busy(event, true));
document.addEventListener("htmx:afterRequest", (event) => busy(event, false));

/** What the server said, else that it said nothing. The answer is parsed inert. */
function explain(xhr) {
  const answer = new DOMParser().parseFromString(xhr?.responseText ?? "", "text/html");
  return $(".error-message", answer)?.textContent.trim()
    ?? "The server did not answer. What you see is unchanged.";
}

function show(event) {
  const { xhr, target, elt } = event.detail;
  const id = xhr?.getResponseHeader?.("X-Request-ID");
  const retry = make("button", { class: "button", type: "button" }, "Retry");
  retry.addEventListener("click", () => {
    if (elt?.isConnected && elt !== document.body) window.htmx.trigger(elt, "click");
    else location.reload();
  });
  const words = [make("p", {}, explain(xhr))];
  if (id) words.push(make("p", { class: "quiet" }, "Request id ", make("code", {}, id)));
  const panel = target?.closest?.("[data-panel]");
  if (panel) {
    panel.dataset.panelState = "unavailable";
    $$(":scope > :not(.panel-head)", panel).forEach((part) => part.remove());
    panel.append(make("div", { class: "empty", "data-tone": "warn", role: "alert" }, ...words, retry));
    return;
  }
  const notice = { class: "banner", "data-tone": "bad", "data-banner": "request", role: "alert" };
  $("#banners [data-banner=request]")?.remove();
  $("#banners").append(make("section", notice, ...words, retry));
}
["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) =>
  document.addEventListener(name, show));

document.addEventListener("htmx:afterSwap", () => $("#banners [data-banner=request]")?.remove());

/** A refused form: go to the first field that needs a correction. */
const toFirstError = (root) => $("[aria-invalid=true]", root)?.focus();
document.addEventListener("htmx:afterSettle", (event) => toFirstError(event.detail.target));
toFirstError(document);
