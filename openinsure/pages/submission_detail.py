"""/submissions/<number>: one submission, its tabs, what may be done next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.console import links
from openinsure.console.details import ask_detail
from openinsure.console.offers import Sent
from openinsure.console.panels import Asked, Panel
from openinsure.console.rendering import render_detail
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.orgs.codes import Coded, OrgCodes, org_codes
from openinsure.orgs.staff import Staff, name_of, org_staff
from openinsure.pages.submission_forms import offered, offered_to_bind, offered_to_refresh
from openinsure.pages.submission_panels import TAB_PANELS, Sources
from openinsure.problems import NotFound
from openinsure.submissions import panels
from openinsure.submissions.detail_rows import SubmissionFile
from openinsure.submissions.offers import open_offers, side_by_side
from openinsure.submissions.states import SUBMISSION, stage_of

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
OPEN = "open"  # quotes that may still change: what forms offer
OVERVIEW, WORK, CHECKLIST, CARRIER = "overview", "work", "checklist", "carrier"
TABS = {
    OVERVIEW: "Overview",
    CARRIER: "Motor carrier",
    "drivers": "Drivers",
    "losses": "Losses",
    "quotes": "Quotes",
    CHECKLIST: "Bind checklist",
    "documents": "Documents",
    "notes": "Notes",
    WORK: "Work",
    "timeline": "Timeline",
}
UNKNOWN = Coded("", "")
QUOTABLE = ("in_review", "quoted")


@dataclass(frozen=True, slots=True)
class SubmissionHead:
    """The object of the page, as JSON tells it: list fields, codes, what may follow."""

    id: str
    number: str
    status: str
    insured: str
    received_at: datetime
    stage: str
    next: tuple[str, ...]
    program: str | None
    producer: str | None
    underwriter: str | None
    state: str
    requested_effective: date | None
    target_premium_cents: int
    currency: str
    age_days: int
    details: SubmissionFile


@require_GET
@allow("submission.view")
def submission_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One submission; ?tab= chooses what of it."""
    asked = ask_detail(request, tabs=tuple(TABS), noun="the page of a submission")
    return show(request, number, tab=asked.tab)


def show(
    request: ConsoleRequest, number: str, *, tab: str, status: int = 200, sent: Sent | None = None
) -> HttpResponse:
    """The page. sent: a form that was refused, shown again with what it held."""
    found = named(request, number)
    codes, staff, now = org_codes(request.scope), org_staff(request.scope), timezone.now()
    shown = tab or OVERVIEW
    every = wants_json(request) and not tab
    names = [name for key in (TAB_PANELS if every else (shown,)) for name in TAB_PANELS[key]]
    sources = Sources(request.scope, found, staff, now)
    works = every or shown == WORK
    also: dict[str, Asked] = {}
    if works and found.status in QUOTABLE:
        also[OPEN] = ("Quotes", partial(open_offers, request.scope, found.id))
    loaded = sources.panels(names, also)
    opened = loaded.pop(OPEN, Panel("empty")).rows
    forms: tuple[Any, ...] = ()
    if works:
        forms = offered(request, found, staff, loaded, opened)
    if (every or shown == CHECKLIST) and found.status in QUOTABLE:
        checks = loaded["checklist"]
        if checks.state == "ok":
            forms += offered_to_bind(request, found, sources.quotes(), checks.rows)
    if every or shown == CARRIER:
        forms += offered_to_refresh(request, found)
    if every or shown in (WORK, CHECKLIST, CARRIER):
        loaded["actions"] = Panel("ok" if forms else "empty", forms)
    if found.status == "bound":
        loaded["policy"] = sources.policy()
    quotes = loaded.get("quotes")
    return render_detail(
        request,
        "submissions/detail.html",
        "submissions/_tab.html",
        row=head_of(found, codes, staff, now),
        panels=loaded,
        status=status,
        codes=names_of(found, codes),
        tab=shown,
        tabs=tab_links(request, number),
        panel_words=TAB_PANELS[shown],
        forms=forms,
        sent=sent or Sent(),
        staff=staff,
        org_codes=codes,
        compared=side_by_side(quotes.rows) if quotes else (),
    )


def named(request: ConsoleRequest, number: str) -> SubmissionFile:
    """The submission of an address. Raises NotFound."""
    if not NUMBER.fullmatch(number):
        raise NotFound("submission", number[:40])
    return panels.get_submission(request.scope, number)


def head_of(found: SubmissionFile, codes: OrgCodes, staff: Staff, now: datetime) -> SubmissionHead:
    """The row of the page and of JSON."""
    names = names_of(found, codes)
    ended = found.closed_at or now
    return SubmissionHead(
        id=found.id,
        number=found.number,
        status=found.status,
        insured=found.insured,
        received_at=found.received_at,
        stage=stage_of(found.status),
        next=SUBMISSION.allowed(found.status),
        program=names["program"].code or None,
        producer=names["producer"].code or None,
        underwriter=name_of(staff, found.underwriter_id) or None,
        state=found.state,
        requested_effective=found.requested_effective,
        target_premium_cents=found.target_premium_cents,
        currency=found.currency,
        age_days=max(0, (ended - found.received_at).days),
        details=found,
    )


def names_of(found: SubmissionFile, codes: OrgCodes) -> dict[str, Coded]:
    """Code and name of program and producer; empty where they are not known."""
    return {
        "program": codes.programs.get(found.program_id, UNKNOWN),
        "producer": codes.producers.get(found.producer_id or "", UNKNOWN),
    }


def tab_links(request: ConsoleRequest, number: str) -> tuple[tuple[str, str, str, None], ...]:
    """key, word, address and (no) count of each tab; of the object, also after a refused form."""
    address = links.url("submissions.detail", number)
    joint = "&" if "?" in address else "?"
    return tuple(
        (key, word, address if key == OVERVIEW else f"{address}{joint}tab={key}", None)
        for key, word in TABS.items()
    )
