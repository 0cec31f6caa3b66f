"""What a caller asks about policies: owed, paid, claims, whom to call; each panel fails alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from openinsure.authz.permissions import label
from openinsure.authz.queries import list_recusals
from openinsure.billing.standing import Standing, standing_of
from openinsure.claims.standing import ROWS_MAX, claims_of_policies, totals_of
from openinsure.console.panels import Asked, Panel, forbidden, load, load_together
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.contacts import producer_contacts
from openinsure.pages.claim_people import viewer_id

Beside = Mapping[str, Mapping[str, Asked]]  # keyspace -> panel -> how it is read
NOTHING: Beside = {}
RECUSALS = "recusals"
NUMBERS = "numbers"  # id and number of each claim, for whoever names them beside
CLAIMS = "claim.view"  # to see one claim; what they come to belongs to the policy
# Panel -> its permission; the rest of the page does not need it.
NEEDS = {
    "billing": "billing.view",
    "ledger": "ledger.view",
    NUMBERS: "ledger.view",
}


def caller_panels(
    request: ConsoleRequest,
    policy_ids: Sequence[str],
    producer_ids: Sequence[str],
    *,
    on: date,
    beside: Beside = NOTHING,
) -> dict[str, Panel]:
    """billing (one Standing), claims, contact, and what is asked `beside`, by keyspace.

    Who may not see claims is told what they come to (`claim_totals`) and none of them.
    One statement a keyspace; the contacts are kept.
    """
    scope = request.scope
    asked = {
        "oi_billing": {
            "billing": ("Billing", lambda: standing_of(scope, policy_ids, on=on)),
            **beside.get("oi_billing", {}),
        },
        "oi_claims": {
            "claims": ("Claims", lambda: claims_of_policies(scope, policy_ids, on=on)),
            **beside.get("oi_claims", {}),
        },
    }
    panels: dict[str, Panel] = {}
    for keyspace, wanted in asked.items():
        panels |= _permitted(request, wanted, keyspace)
    shared = dict(beside.get("oi_global", {}))
    told = [name for name in ("claims", NUMBERS) if name in panels and panels[name].rows]
    if told:
        shared[RECUSALS] = ("Claims", lambda: list_recusals(scope, viewer_id(request)))
    if shared:
        panels |= load_together(shared, keyspace="oi_global")
    if told:
        recused = panels.pop(RECUSALS)
        panels |= {name: _without(panels[name], recused) for name in told}
    if CLAIMS not in request.rights:
        panels["claim_totals"] = _totals(panels["claims"])
        panels["claims"] = forbidden(label(CLAIMS))
    panels["contact"] = load(
        "Producers", lambda: producer_contacts(scope, producer_ids), keyspace="oi_global"
    )
    order = ("billing", "claims", "claim_totals", "contact")
    names = (*order, *(name for name in panels if name not in order))
    return {name: panels[name] for name in names if name in panels}


def standing_in(panels: Mapping[str, Panel]) -> Standing | None:
    """The standing of the billing panel; None where it is missing."""
    rows = panels["billing"].rows
    return rows[0] if rows else None


def _permitted(
    request: ConsoleRequest, asked: Mapping[str, Asked], keyspace: str
) -> dict[str, Panel]:
    """The panels of one keyspace; those that the viewer may not see are not read."""
    panels = {name: told for name in asked if (told := _refused(request, name))}
    wanted = {name: one for name, one in asked.items() if name not in panels}
    return panels | (load_together(wanted, keyspace=keyspace) if wanted else {})


def _without(claims: Panel, recusals: Panel) -> Panel:
    """The claims without those the viewer is recused from; none while that is not known."""
    if recusals.state == "unavailable":
        return recusals
    hidden = frozenset(recusals.rows)
    rows = tuple(one for one in claims.rows if one.id not in hidden)
    return replace(claims, state="ok" if rows else "empty", rows=rows)


def _totals(claims: Panel) -> Panel:
    """What the claims come to; it says so where there were too many to add up."""
    cut = f"Of the newest {ROWS_MAX} losses." if len(claims.rows) == ROWS_MAX else ""
    return replace(claims, rows=totals_of(claims.rows), note=cut or claims.note)


def _refused(request: ConsoleRequest, panel: str) -> Panel | None:
    needed = NEEDS.get(panel)
    return forbidden(label(needed)) if needed and needed not in request.rights else None
