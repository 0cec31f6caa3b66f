"""/claims/<number>: what it costs, who is in it, what was decided; one file in its tabs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow, may, require
from openinsure.claims import queries
from openinsure.claims.rows import ClaimFile
from openinsure.console import links
from openinsure.console.details import DetailAsk, ask_detail
from openinsure.console.panels import Panel, load_together
from openinsure.console.rendering import render_detail
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.orgs.codes import org_codes
from openinsure.pages.claim_books import claim_books
from openinsure.pages.claim_list import loss_date, read_zones
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.claim_sources import sources, with_names
from openinsure.pages.claim_tabs import BOOKS, OVERVIEW, TABS
from openinsure.pages.ledger_parties import Owner, Party, owners_of, parties
from openinsure.pages.policy_list import code_of
from openinsure.problems import NotFound

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class ClaimHead:
    """The object of the page, as JSON tells it."""

    id: str
    number: str
    policy_number: str
    insured: str
    status: str
    loss_date: date | None
    reported_at: datetime
    reserve_cents: int
    paid_cents: int
    recovered_cents: int
    incurred_cents: int
    currency: str
    program: str | None
    adjuster: str | None
    state: str
    litigated: bool
    subrogation: bool
    siu: bool
    lock: int
    details: ClaimFile


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar, thousandths of outstanding + paid. back: taken off again."""

    label: str
    cents: int
    start: int
    width: int
    strength: str
    back: bool = False


@require_GET
@allow("claim.view")
def claim_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One claim; ?tab= chooses what of it."""
    asked = ask_detail(request, tabs=tuple(TABS), noun="the page of a claim")
    claim = find_claim(request, number)
    head = head_of(request, claim)
    read = sources(
        request.scope,
        claim,
        loss_on=head.loss_date,
        privileged="claim.edit" in request.rights,
    )
    shown = regions_to_load(asked, every=wants_json(request))
    panels = load_together({name: (title, read[name]) for name, title in shown.items()})
    if asked.tab == BOOKS:
        panels |= claim_books(request, claim.row.id)
    return render_detail(
        request,
        "claims/detail.html",
        "claims/_tab.html",
        row=head,
        panels=with_names(request.scope, panels),
        bar=cost_bar(head),
        tab=asked.tab or OVERVIEW,
        tabs=tuple(
            (key, label, links.query(request, tab=None if key == OVERVIEW else key), None)
            for key, (label, _) in TABS.items()
        ),
        regions=TABS[asked.tab or OVERVIEW][1],
        acts=acts_of(request, head.number),
        parties=parties_of(request, claim, panels) if asked.tab == BOOKS else {},
    )


def parties_of(
    request: ConsoleRequest, claim: ClaimFile, panels: Mapping[str, Panel]
) -> dict[Owner, Party]:
    """Whose the accounts of the claim's transfers are."""
    known = {claim.row.id: claim.row.number}
    return parties(request, owners_of(panels["transfers"].rows), claims=known)


def find_claim(request: ConsoleRequest, number: str) -> ClaimFile:
    """The claim of the address, the port asked. Raises NotFound; a recused person's is not found.

    One statement on oi_claims, one on oi_global, at most one round trip.
    """
    if not NUMBER.fullmatch(number):
        raise NotFound("claim", number[:40])
    claim = queries.get_claim(request.scope, number, hidden=())
    if not may(request, "claim.view", "claim", claim.row.id):
        raise NotFound("claim", number)
    return claim


def worked_claim(request: ConsoleRequest, number: str, permission: str) -> ClaimFile:
    """The claim that a form changes. Raises NotFound as `find_claim`, Forbidden if the permission
    needs a relation to the claim that the person does not have.
    """
    if not NUMBER.fullmatch(number):
        raise NotFound("claim", number[:40])
    claim = queries.get_claim(request.scope, number, hidden=hidden_from(request))
    require(request, permission, "claim", claim.row.id)
    return claim


def head_of(request: ConsoleRequest, claim: ClaimFile) -> ClaimHead:
    """The row of the page. One statement on oi_policies for the day of the loss."""
    row = claim.row
    return ClaimHead(
        id=row.id,
        number=row.number,
        policy_number=row.policy_number,
        insured=row.insured,
        status=row.status,
        loss_date=loss_date(row, read_zones(request.scope, {row.policy_id})),
        reported_at=row.reported_at,
        reserve_cents=row.reserve_cents,
        paid_cents=row.paid_cents,
        recovered_cents=row.recovered_cents,
        incurred_cents=row.incurred_cents,
        currency=row.currency,
        program=code_of(org_codes(request.scope).programs, row.program_id),
        adjuster=claim.adjuster,
        state=row.state,
        litigated=bool(row.litigated),
        subrogation=bool(claim.subrogation),
        siu=bool(claim.siu),
        lock=claim.lock,
        details=claim,
    )


def regions_to_load(asked: DetailAsk, *, every: bool) -> dict[str, str]:
    """Name and title of each region to read: the open tab; all of them for a program."""
    wanted = TABS if every and not asked.tab else (asked.tab or OVERVIEW,)
    return {region.name: region.title for tab in wanted for region in TABS[tab][1]}


def cost_bar(head: ClaimHead) -> tuple[Part, ...]:
    """Outstanding and paid side by side, and what came back under their end."""
    whole = head.reserve_cents + head.paid_cents
    if whole <= 0:
        return ()
    outstanding = head.reserve_cents * 1000 // whole
    back = min(1000, head.recovered_cents * 1000 // whole)
    return (
        Part("Outstanding", head.reserve_cents, 0, outstanding, "0.85"),
        Part("Paid", head.paid_cents, outstanding, 1000 - outstanding, "0.45"),
        Part("Recovered", head.recovered_cents, 1000 - back, back, "0.2", back=True),
    )


# URL name, label, permission of what may be done to a claim.
ACTS = (
    ("claims.transition", "Change status", "claim.edit"),
    ("claims.reserve", "Set reserve", "reserve.set"),
    ("claims.request", "Request disbursement", "claim.edit"),
    ("claims.recover", "Record recovery", "claim.edit"),
    ("claims.assign", "Assign", "claim.edit"),
    ("claims.recuse", "Recuse", "claim.edit"),
    ("claims.reinstate", "Withdraw recusal", "user.manage"),
    ("claims.note", "Add note", "note.add"),
    ("claims.diary", "Add diary date", "claim.edit"),
    ("claims.reveal", "Reveal contact", "claim.view_pii"),
)


def acts_of(request: ConsoleRequest, number: str) -> tuple[tuple[str, str], ...]:
    """Label and address of what the viewer may do here; nothing under a grant."""
    if request.scope.mode != "own":
        return ()
    return tuple(
        (label, links.url(name, number))
        for name, label, permission in ACTS
        if permission in request.rights
    )
