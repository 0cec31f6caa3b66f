// Theme, density and single keys at once; the form works without this too.
import { $$, csrfToken } from "./dom.js";
import { toast } from "./toasts.js";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-appearance]");
  const button = event.submitter;
  if (!form || !button?.name) return;
  event.preventDefault();
  const body = new URLSearchParams({ [button.name]: button.value });
  const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
  const answer = await fetch(form.action, { method: "POST", body, headers }).catch(() => null);
  if (!answer?.ok) {
    toast("The choice could not be kept. Try again.", "bad");
    return;
  }
  document.documentElement.dataset[button.name] = button.value;
  $$(`button[name="${button.name}"]`, form).forEach((other) =>
    other.setAttribute("aria-pressed", String(other === button)));
});
