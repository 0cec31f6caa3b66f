"""Which tiles a role sees on its home page: figures of roll-ups, each linking to its list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from openinsure.console import links
from openinsure.console.money import format_cents, format_count
from openinsure.pages.figures import Figure

SHOWN_MAX = 6
STALE = timedelta(minutes=20)  # four refreshes missed
Worry = Literal["", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure. value: as printed, "" if it was never read (then note says so)."""

    name: str
    label: str
    href: str
    value: str
    note: str = ""
    tone: str = ""
    state: str = "ok"
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A tile to be: its figure's name, the list that proves it. worry: its tone above zero."""

    label: str
    permission: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    worry: Worry = ""


KINDS: Mapping[str, Kind] = {
    "in_force": Kind("In force", "policy.view", "policies.list", {"status": "active"}),
    "expiring": Kind(
        "Expiring in 30 days", "policy.view", "policies.list", {"view": "expiring"}
    ),
    "pending_cancellation": Kind(
        "Pending cancellation", "policy.view", "policies.list",
        {"view": "pending_cancellation"}, "warn",
    ),
    "open_submissions": Kind(
        "Open submissions", "submission.view", "submissions.list", {"view": "open"}
    ),
    "referred": Kind(
        "Referred", "submission.view", "submissions.list", {"status": "referred"}, "warn"
    ),
    "quoted": Kind("Quoted", "submission.view", "submissions.list", {"status": "quoted"}),
    "open_claims": Kind("Open claims", "claim.view", "claims.list", {"view": "open"}),
    "litigated": Kind("In litigation", "claim.view", "claims.list", {"view": "litigated"}),
    "payments_waiting": Kind(
        "Payments to approve", "claim.view", "claims.disbursements", {}, "warn"
    ),
    "past_due": Kind("Past due", "billing.view", "billing.ageing", {}, "warn"),
    "suspense": Kind("In suspense", "ledger.view", "billing.suspense", {}, "warn"),
    "differences": Kind("Ledger differences", "ledger.view", "ledger.reconciliation", {}, "bad"),
    "transfers_waiting": Kind(
        "Entries the ledger waits for", "ledger.view", "ledger.transfers", {}, "warn"
    ),
    "licences": Kind(
        "Licenses ending in 60 days", "org.view", "producers.list", {"view": "expiring"}, "warn"
    ),
}  # fmt: skip
USUAL = (
    "in_force", "expiring", "open_claims", "past_due", "differences", "open_submissions",
    "pending_cancellation", "licences",
)  # fmt: skip
BY_ROLE: Mapping[str, tuple[str, ...]] = {
    "underwriter": (
        "open_submissions", "referred", "quoted", "expiring", "in_force", "licences",
    ),
    "adjuster": (
        "open_claims", "litigated", "payments_waiting", "in_force", "pending_cancellation",
        "expiring",
    ),
    "finance_analyst": (
        "past_due", "suspense", "differences", "transfers_waiting", "payments_waiting", "in_force",
    ),
    "compliance_officer": (
        "pending_cancellation", "expiring", "licences", "open_claims", "past_due", "differences",
    ),
}  # fmt: skip


def tiles(
    role: str, rights: Iterable[str], figures: Mapping[str, Figure], *, now: datetime
) -> list[Tile]:
    """At most SHOWN_MAX tiles of what the person may see; what was never read says so."""
    held = frozenset(rights)
    wanted = dict.fromkeys((*BY_ROLE.get(role, ()), *USUAL))
    may = [name for name in wanted if KINDS[name].permission in held]
    return [_tile(name, figures.get(name), now) for name in may[:SHOWN_MAX]]


def _tile(name: str, figure: Figure | None, now: datetime) -> Tile:
    kind = KINDS[name]
    href = links.url(kind.page, **kind.query) if links.resolves(kind.page) else ""
    if figure is None:
        return Tile(name, kind.label, href, "", "Not read yet", state="unavailable")
    note = format_cents(figure.cents) if figure.cents is not None else ""
    stale = now - figure.read_at > STALE
    return Tile(
        name,
        kind.label,
        href,
        format_count(figure.count),
        note,
        "" if stale or not figure.count else kind.worry,
        "stale" if stale else "ok",
        figure.read_at,
    )
