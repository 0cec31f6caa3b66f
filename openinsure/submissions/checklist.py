"""What must hold before a quote is bound (domain.md part 3), answered from facts. No database.

Every point is answered anew from the compared numbers; a stored "passed" is not believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from openinsure.console.dates import format_day
from openinsure.console.money import format_cents
from openinsure.submissions.report_rows import QuoteRow

State = Literal["passed", "failed", "waiting"]
CLEARED = frozenset({"cleared", "waived", "satisfied"})
CHOSEN = ("bound", "accepted")
UNITS = "Every unit has its VIN"
# Points of the delegated authority, in the order of domain.md part 3.
AUTHORITY = {
    "state": "State is authorized",
    "naics": "Industry is authorized",
    "limits": "Limit within authority",
    "premium_per_policy": "Premium within authority",
    "annual_gwp": "Annual premium volume left",
    "quarterly_gwp": "Quarterly premium volume left",
    "policies_per_insured": "Policies of this insured",
    "terms": "Term is allowed",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One point: what must hold, whether it does, and the compared facts in words."""

    id: str
    label: str
    state: State
    detail: str


@dataclass(frozen=True, slots=True)
class Licence:
    """The producer's licence in the quote's state on its effective date, if there is one."""

    number: str
    expires: date


def bind_checklist(
    *,
    status: str,
    state: str,
    quotes: Sequence[QuoteRow],
    licence: Licence | None,
    today: date,
) -> tuple[Check, ...]:
    """Every point in order. status, state: the submission's. licence: of the chosen quote."""
    chosen = chosen_quote(quotes)
    checks = [_submission(status), _one_quote(quotes, chosen)]
    if chosen is None:
        waiting = "no quote is accepted yet"
        rest = [("valid", "Quote is still valid")]
        rest += [(f"authority.{key}", label) for key, label in AUTHORITY.items()]
        rest += [("units", UNITS), ("subjectivities", "Conditions before binding cleared")]
        rest += [("license", f"Producer licensed in {state}")]
        return (*checks, *(Check(key, label, "waiting", waiting) for key, label in rest))
    return (
        *checks,
        _valid(chosen, today),
        *authority_checks(chosen.authority_detail, chosen.currency),
        _units(chosen),
        _conditions(chosen),
        _license(state, chosen, licence),
    )


def chosen_quote(quotes: Sequence[QuoteRow]) -> QuoteRow | None:
    """The quote that is bound or accepted, the newest version first; None without one."""
    for wanted in CHOSEN:
        found = [quote for quote in quotes if quote.status == wanted]
        if found:
            return max(found, key=lambda quote: (quote.version, quote.number))
    return None


def _submission(status: str) -> Check:
    done: State = "passed" if status in ("quoted", "bound") else "waiting"
    if status in ("declined", "withdrawn", "expired", "lost"):
        done = "failed"
    return Check("submission", "Submission is quoted", done, status.replace("_", " "))


def _one_quote(quotes: Sequence[QuoteRow], chosen: QuoteRow | None) -> Check:
    label = "Exactly one quote accepted"
    count = sum(quote.status in CHOSEN for quote in quotes)
    if chosen is None:
        return Check("quote", label, "waiting", f"{len(quotes)} offered, none accepted")
    told = f"{chosen.number} version {chosen.version}" if count == 1 else f"{count} are accepted"
    return Check("quote", label, "passed" if count == 1 else "failed", told)


def _valid(quote: QuoteRow, today: date) -> Check:
    label = "Quote is still valid"
    if quote.valid_until is None:
        return Check("valid", label, "failed", "no date was set")
    on = quote.bound_at.date() if quote.bound_at else today
    state: State = "passed" if on <= quote.valid_until else "failed"
    return Check("valid", label, state, f"until {format_day(quote.valid_until)}")


def authority_checks(
    detail: Any, currency: str, points: Mapping[str, str] = AUTHORITY
) -> list[Check]:
    """One check per point; a point that was not compared is waiting, never passed.

    detail: the compared numbers, as `quotes.da_check_detail` keeps them.
    """
    entries = detail if isinstance(detail, list) else []
    compared = {entry["rule"]: entry for entry in entries if isinstance(entry, dict)}
    return [_point(key, label, compared.get(key), currency) for key, label in points.items()]


def _point(key: str, label: str, entry: dict[str, Any] | None, currency: str) -> Check:
    name = f"authority.{key}"
    if entry is None or "value" not in entry:
        return Check(name, label, "waiting", "not compared yet")
    value = entry["value"]
    if "allowed" in entry:
        allowed = list(entry["allowed"])
        state: State = "passed" if value in allowed else "failed"
        return Check(name, label, state, f"{value}; allowed: {', '.join(map(str, allowed))}")
    limit = entry.get("limit")
    if not isinstance(limit, int) or not isinstance(value, int):
        return Check(name, label, "waiting", "no limit is agreed")
    cents = entry.get("unit") == "cents"
    shown = [format_cents(n, currency) if cents else f"{n:,}" for n in (value, limit)]
    state = "passed" if value <= limit else "failed"
    return Check(name, label, state, f"{shown[0]} of at most {shown[1]}")


def _units(quote: QuoteRow) -> Check:
    """A unit is found, insured and reported to the state by its VIN."""
    if quote.units_without_vin:
        told = f"{quote.units_without_vin} of {quote.units} without"
        return Check("units", UNITS, "failed", told)
    return Check("units", UNITS, "passed", f"{quote.units} scheduled")


def _conditions(quote: QuoteRow) -> Check:
    label = "Conditions before binding cleared"
    before = [one for one in quote.subjectivities if one.before_bind]
    left = [one for one in before if one.status not in CLEARED]
    if left:
        return Check("subjectivities", label, "failed", f"{len(left)} of {len(before)} open")
    return Check("subjectivities", label, "passed", f"{len(before)} cleared")


def _license(state: str, quote: QuoteRow, licence: Licence | None) -> Check:
    label = f"Producer licensed in {state}"
    if quote.producer_id is None:
        return Check("license", label, "failed", "the quote names no producer")
    if licence is None:
        return Check("license", label, "failed", f"no license on {format_day(quote.effective)}")
    told = f"{licence.number} until {format_day(licence.expires)}"
    return Check("license", label, "passed", told)
