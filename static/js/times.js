// <time> in the chosen zone, distances kept current, countdowns by the server's clock.
import { $$, make } from "./dom.js";

const { zone } = document.documentElement.dataset;
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en-US", { numeric: "always" });
const parts = new Intl.DateTimeFormat("en-US", {
  timeZone: zone, day: "numeric", month: "short", year: "numeric",
  hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});

function exact(at) {
  const part = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute} ${part.timeZoneName}`;
}

function distance(at) {
  const seconds = Math.trunc((at - Date.now()) / 1000);
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return unit ? relative.format(Math.trunc(seconds / unit[1]), unit[0]) : "just now";
}

const write = (element, text) => element.textContent !== text && element.replaceChildren(text);

export function refresh() {
  for (const element of $$("time[data-ago]")) {
    const at = new Date(element.dateTime);
    write(element, distance(at));
    if (zone !== "UTC") element.title = exact(at);
  }
  if (zone !== "UTC") {
    $$("time[data-exact]").forEach((element) => write(element, exact(new Date(element.dateTime))));
  }
}
refresh();
setInterval(refresh, 30_000);
document.addEventListener("htmx:afterSettle", refresh);

// Countdowns. The browser's clock only measures what passed since the server said "now".
const started = performance.now();
const SPOKEN = new Set([600, 300, 60]);
const clocks = new WeakMap();

function left(timer) {
  if (!clocks.has(timer)) {
    clocks.set(timer, { base: (new Date(timer.dateTime) - new Date(timer.dataset.now)) / 1000, from: performance.now() });
  }
  const { base, from } = clocks.get(timer);
  return Math.max(0, Math.round(base - (performance.now() - from) / 1000));
}

function tick() {
  for (const timer of $$("time[role=timer]")) {
    const seconds = left(timer);
    const minutes = Math.ceil(seconds / 60);
    const short = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
    write(timer, seconds > 300 ? `${minutes} min left` : short);
    if (SPOKEN.has(seconds)) {
      document.getElementById("toasts").append(make("div", { class: "toast" }, make("p", {}, `${minutes} min left.`)));
    }
    // At zero only the server knows what holds; a page that loaded at zero is not asked again.
    if (seconds === 0 && performance.now() - started > 2000 && !timer.dataset.over) {
      timer.dataset.over = "";
      location.reload();
    }
  }
}
tick();
setInterval(tick, 1000);
