"""What a caller asks about policies: owed, paid, claims, whom to call; each panel fails alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from openinsure.authz.permissions import label
from openinsure.billing.policy_transfers import transfers_of_policy
from openinsure.billing.standing import Standing, standing_of
from openinsure.claims.standing import claims_of_policies
from openinsure.console.panels import Panel, forbidden, load
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.contacts import producer_contacts
from openinsure.pages.claim_people import hidden_from

# Panel -> its permission; the rest of the page does not need it.
NEEDS = {"billing": "billing.view", "claims": "claim.view", "ledger": "ledger.view"}


def caller_panels(
    request: ConsoleRequest, policy_ids: Sequence[str], producer_ids: Sequence[str], *, on: date
) -> Mapping[str, Panel]:
    """billing (one Standing), claims, contact: read in one batch per keyspace."""
    scope = request.scope
    return {
        "billing": _billing(request, policy_ids, on),
        "claims": _claims(request, policy_ids, on),
        "contact": load(
            "Producers", lambda: producer_contacts(scope, producer_ids), keyspace="oi_global"
        ),
    }


def ledger_panel(request: ConsoleRequest, terms: Mapping[str, int]) -> Panel:
    """The transfers of every term; terms: policy id -> number of the term."""
    if refused := _refused(request, "ledger"):
        return refused
    scope = request.scope
    return load("Billing", lambda: transfers_of_policy(scope, terms), keyspace="oi_billing")


def standing_in(panels: Mapping[str, Panel]) -> Standing | None:
    """The standing of the billing panel; None where it is missing."""
    rows = panels["billing"].rows
    return rows[0] if rows else None


def _billing(request: ConsoleRequest, policy_ids: Sequence[str], on: date) -> Panel:
    if refused := _refused(request, "billing"):
        return refused
    scope = request.scope
    return load("Billing", lambda: [standing_of(scope, policy_ids, on=on)], keyspace="oi_billing")


def _claims(request: ConsoleRequest, policy_ids: Sequence[str], on: date) -> Panel:
    if refused := _refused(request, "claims"):
        return refused
    scope = request.scope
    read = load(
        "Claims", lambda: claims_of_policies(scope, policy_ids, on=on), keyspace="oi_claims"
    )
    if not read.rows:
        return read
    hidden = frozenset(hidden_from(request))
    rows = tuple(claim for claim in read.rows if claim.id not in hidden)
    return replace(read, state="ok" if rows else "empty", rows=rows)


def _refused(request: ConsoleRequest, panel: str) -> Panel | None:
    needed = NEEDS[panel]
    return None if needed in request.rights else forbidden(label(needed))
