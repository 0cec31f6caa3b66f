// The look-up of the palette: typed text goes by POST, so no name or phone stands in an address.
import { csrfToken } from "./dom.js";

const WAIT_MS = 120; // typing faster than this asks once
const TITLES = { policy: "Policies", insured: "Insureds", claim: "Claims", invoice: "Invoices",
  payment: "Payments", account: "Billing accounts", disbursement: "Disbursements",
  submission: "Submissions", quote: "Quotes", certificate: "Certificates", producer: "Producers" };
const ICONS = { policy: "shield", insured: "truck", claim: "claim", submission: "inbox", producer: "briefcase" };
let asked = null;

const option = ({ kind, href, number, title, via }) => ({
  href, label: [number, title].filter(Boolean).join("  "), name: ICONS[kind] ?? "receipt", hint: via,
});

/** Groups of hits in the server's order: exact ones first. */
function grouped(rows) {
  const groups = new Map();
  for (const row of rows.filter(({ href }) => href)) {
    const title = TITLES[row.kind] ?? row.kind;
    groups.set(title, [...(groups.get(title) ?? []), option(row)]);
  }
  return [...groups];
}

async function read(address, options) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  try {
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    if (signal.aborted) return null;
    const answer = await fetch(address, { ...options, signal });
    return answer.ok ? (await answer.json()) : null;
  } catch {
    return null; // aborted, or away: the palette still offers pages and the look-up itself
  }
}

/** Hits of a text as [title, options]; null if it was overtaken or nobody answered. */
export async function lookUp(address, text) {
  const body = new URLSearchParams({ q: text });
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const told = await read(address, { method: "POST", body, headers });
  return told && grouped(told.rows);
}

/** What this person opened last. */
export async function recents(address) {
  const told = await read(address, { headers: { Accept: "application/json" } });
  return told && (told.rows.length ? [["Opened last", told.rows.map(option)]] : []);
}
