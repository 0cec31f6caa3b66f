"""What reads each region of a claim, and the names of the people in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from openinsure.claims import panels, panels_money, queries
from openinsure.claims.rows import ClaimFile
from openinsure.console.panels import Panel, load
from openinsure.orgs.diary import list_diary
from openinsure.orgs.staff import Staff, name_of, org_staff
from openinsure.policies.panels import list_coverages
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

Read = Callable[[], Reading[Any]]


def sources(
    scope: Scope, claim: ClaimFile, *, loss_on: date | None, privileged: bool
) -> Mapping[str, Read]:
    """How each region is read. loss_on: None while the day of the loss is not known."""
    key, policy = claim.row.id, claim.row.policy_id
    number = claim.row.number if privileged and scope.mode == "own" else ""
    money, file = panels_money, panels
    on = loss_on or claim.row.loss_at.date()
    return {
        "flags": lambda: queries.list_flags(scope, key),
        "exposures": lambda: money.list_exposures(scope, key),
        "claimants": lambda: file.list_claimants(scope, key),
        "parties": lambda: file.list_parties(scope, key),
        "reserves": lambda: money.list_reserves(scope, key),
        "reserve_steps": lambda: money.list_reserve_steps(scope, key),
        "disbursements": lambda: money.list_claim_disbursements(scope, key),
        "payments": lambda: money.list_payments(scope, key),
        "settlements": lambda: money.list_settlements(scope, key),
        "offers": lambda: money.list_offers(scope, key),
        "subrogation": lambda: file.list_subrogation(scope, key),
        "demands": lambda: file.list_demands(scope, key),
        "recoveries": lambda: file.list_recoveries(scope, key, number),
        "litigation": lambda: file.list_litigation(scope, key),
        "documents": lambda: file.list_documents(scope, key),
        "diary": lambda: list_diary(scope, "claims", key),
        "notes": lambda: file.list_notes(scope, key, privileged=privileged),
        "coverage": lambda: list_coverages(scope, policy, on=on),
        "timeline": lambda: file.list_events(scope, key),
    }


def with_names(scope: Scope, panels_read: Mapping[str, Panel]) -> dict[str, Panel]:
    """The panels with names where user ids stood; unknown people have none.

    While oi_global is away nobody is named.
    """
    named = any(getattr(row, "by", None) for panel in panels_read.values() for row in panel.rows)
    staff = dict(load("People", lambda: org_staff(scope).items()).rows) if named else {}
    return {name: _named(panel, staff) for name, panel in panels_read.items()}


def _named(panel: Panel, staff: Staff) -> Panel:
    rows = tuple(
        replace(row, by=name_of(staff, row.by) or None) if getattr(row, "by", None) else row
        for row in panel.rows
    )
    return replace(panel, rows=rows)
