"""/policies/<number>: one term on a date, its tabs, whether it was in force, what is earned."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.policy_transfers import transfers_of_policy
from openinsure.claims.standing import numbers_of_policies
from openinsure.console import links
from openinsure.console.details import DetailAsk, ask_detail
from openinsure.console.offers import Offered, Sent, is_offered
from openinsure.console.panels import Asked, Panel, load_together
from openinsure.console.rendering import render_detail
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.orgs.codes import Coded, OrgCodes, org_codes
from openinsure.orgs.diary import list_activities
from openinsure.orgs.staff import org_staff, underwriter_choices
from openinsure.pages import policy_papers
from openinsure.pages.ledger_parties import Owner, Party, owners_of, parties
from openinsure.pages.policy_caller import NUMBERS, Beside, caller_panels, standing_in
from openinsure.pages.policy_forms import BIND_ENDORSEMENT, FORMS, REINSTATE, RENEW, offered
from openinsure.pages.policy_lapse import reinstate_form
from openinsure.pages.policy_timeline import ACTIVITIES, timeline
from openinsure.policies import history, panels, queries
from openinsure.policies.documents import list_documents
from openinsure.policies.rows import InForce, PolicyOnDate, PolicyTerm, Refusal, TermRow
from openinsure.policies.states import CANCELLABLE
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9-]{0,39}")
OVERVIEW = "overview"
TABS = {
    OVERVIEW: "Overview",
    "coverages": "Coverages",
    "vehicles": "Vehicles",
    "drivers": "Drivers",
    "endorsements": "Endorsements",
    "documents": "Documents",
    "billing": "Billing",
    "claims": "Claims",
    "ledger": "Ledger",
    "timeline": "Timeline",
    "work": "Work",
}
WORK = "work"
DOCUMENTS = "documents"
TIMELINE, LEDGER = "timeline", "ledger"
# Read for every view of the page, so their tabs read nothing more.
CALLERS = ("billing", "claims")


@dataclass(frozen=True, slots=True)
class PolicyHead:
    """The object of the page, as JSON tells it: list fields, the term, the date's answers."""

    id: str
    number: str
    term: int
    status: str
    insured: str
    program: str | None
    producer: str | None
    carrier: str | None
    state: str
    effective: date
    expires: date
    premium_cents: int
    currency: str
    in_force: InForce
    written_to_date_cents: int
    earned_cents: int
    earned_bp: int | None
    details: PolicyTerm
    terms: tuple[TermRow, ...]
    nonrenewal: Refusal | None


@require_GET
@allow("policy.view")
def policy_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One policy number; ?term=, ?as_of= and ?tab= choose what of it."""
    return show(request, number)


def term_of(request: ConsoleRequest, number: str) -> PolicyTerm:
    """The term that a form below the page is about. Raises NotFound."""
    return _found(request, number, _asked(request)).policy


def show(
    request: ConsoleRequest,
    number: str,
    *,
    tab: str = "",
    status: int = 200,
    sent: Sent | None = None,
    shown_once: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page. sent: a form that was refused. shown_once: what is told in this answer only."""
    asked = _asked(request)
    asked = replace(asked, tab=tab or asked.tab)
    found = _found(request, number, asked)
    codes = org_codes(request.scope)
    shown = tabs_to_load(asked, every=wants_json(request))
    sources = tab_sources(request.scope, found)
    policy, on = found.policy, found.in_force.on
    callers = caller_panels(
        request, [policy.id], [policy.producer_id], on=on, beside=_beside(request, found, shown)
    )
    own = load_together({name: (TABS[name], sources[name]) for name in shown if name in sources})
    if TIMELINE in shown:
        noted = callers.pop(ACTIVITIES)
        own[TIMELINE] = timeline(request, policy.id, callers, own[TIMELINE], noted)
    if LEDGER in shown:
        own[LEDGER] = callers.pop(LEDGER)
    numbers = callers.pop(NUMBERS, None)
    return render_detail(
        request,
        "policies/detail.html",
        "policies/_tab.html",
        row=head_of(found, codes),
        panels={**callers, **own},
        standing=standing_in(callers),
        on=on,
        titles=TABS,
        status=status,
        sent=sent or Sent(),
        shown_once=shown_once,
        forms=forms_of(request, policy, asked.tab, own.get(DOCUMENTS)),
        cancellable=policy.status in CANCELLABLE and "policy.edit" in request.rights,
        renewable=is_offered(RENEW, request, policy.status) and found.successor is None,
        codes=names_of(found.policy, codes),
        bar=term_bar(found),
        tab=asked.tab or OVERVIEW,
        tabs=tab_links(request, found.policy),
        parties=_parties(request, own[LEDGER], numbers) if numbers is not None else {},
    )


def _parties(request: ConsoleRequest, moved: Panel, numbers: Panel) -> dict[Owner, Party]:
    """Whose the accounts of the transfers are. numbers: of the claims that exist for the viewer."""
    claims = {claim.id: claim.number for claim in numbers.rows}
    return parties(request, owners_of(moved.rows), claims=claims)


def _beside(request: ConsoleRequest, found: PolicyOnDate, shown: tuple[str, ...]) -> Beside:
    """What the tabs read in keyspaces that callers ask anyway."""
    scope = request.scope
    beside: dict[str, Mapping[str, Asked]] = {}
    if LEDGER in shown:
        terms = {one.id: one.term for one in found.terms}
        moved = partial(transfers_of_policy, scope, terms)
        beside["oi_billing"] = {LEDGER: ("Billing", moved)}
        if not wants_json(request):  # JSON names no owners
            numbers = partial(numbers_of_policies, scope, terms)
            beside["oi_claims"] = {NUMBERS: ("Claims", numbers)}
    if TIMELINE in shown:
        noted = partial(list_activities, scope, "policies", found.policy.id)
        beside["oi_global"] = {ACTIVITIES: (ACTIVITIES, noted)}
    return beside


def forms_of(
    request: ConsoleRequest, policy: PolicyTerm, tab: str, documents: Panel | None
) -> tuple[Offered, ...]:
    """The forms that stand on a tab."""
    if tab == WORK:
        chosen = {"underwriter": underwriter_choices(org_staff(request.scope))}
        if policy.status == "cancelled":
            again = reinstate_form(request, policy)
            forms = tuple(again if one is REINSTATE else one for one in FORMS)
            return offered(request, policy, forms, chosen)
        drafts = {"bound_endorsement": panels.draft_endorsements(request.scope, policy.id)}
        forms = (*FORMS, BIND_ENDORSEMENT) if drafts["bound_endorsement"] else FORMS
        return offered(request, policy, forms, {**chosen, **drafts})
    if tab == DOCUMENTS:
        return offered(request, policy, policy_papers.FORMS, policy_papers.choices_of(documents))
    return ()


def _asked(request: ConsoleRequest) -> DetailAsk:
    return ask_detail(request, tabs=tuple(TABS), noun="the page of a policy")


def _found(request: ConsoleRequest, number: str, asked: DetailAsk) -> PolicyOnDate:
    if not NUMBER.fullmatch(number):
        raise NotFound("policy", number[:40])
    return queries.get_policy(
        request.scope, number, now=timezone.now(), as_of=asked.as_of, term=asked.term
    )


def tabs_to_load(asked: DetailAsk, *, every: bool) -> tuple[str, ...]:
    """Beside what callers ask only the open tab is read; a program that names none gets all."""
    if every and not asked.tab:
        return tuple(name for name in TABS if name not in (OVERVIEW, WORK, *CALLERS))
    return (asked.tab,) if asked.tab not in ("", OVERVIEW, WORK, *CALLERS) else ()


def tab_sources(scope: Scope, found: PolicyOnDate) -> Mapping[str, Callable[[], Reading[Any]]]:
    """How each tab is read."""
    key, on = found.policy.id, found.in_force.on
    return {
        "coverages": lambda: panels.list_coverages(scope, key, on=on),
        "vehicles": lambda: panels.list_vehicles(scope, key, on=on),
        "drivers": lambda: panels.list_drivers(scope, key, on=on),
        "endorsements": lambda: panels.list_endorsements(scope, key),
        DOCUMENTS: lambda: list_documents(scope, key),
        TIMELINE: lambda: history.list_events(scope, key),
    }


def head_of(found: PolicyOnDate, codes: OrgCodes) -> PolicyHead:
    """The row of the page and of JSON."""
    policy, earned = found.policy, found.earned
    names = names_of(policy, codes)
    return PolicyHead(
        id=policy.id,
        number=policy.number,
        term=policy.term,
        status=policy.status,
        insured=policy.insured,
        program=names["program"].code or None,
        producer=names["producer"].code or None,
        carrier=names["carrier"].code or None,
        state=policy.state,
        effective=policy.effective,
        expires=policy.expires,
        premium_cents=policy.premium_cents,
        currency=policy.currency,
        in_force=found.in_force,
        written_to_date_cents=earned.written_cents,
        earned_cents=earned.earned_cents,
        earned_bp=earned.share_bp,
        details=policy,
        terms=found.terms,
        nonrenewal=found.refusal,
    )


def names_of(policy: PolicyTerm, codes: OrgCodes) -> Mapping[str, Coded]:
    """Code and name of program, producer and carrier; empty where they are not known."""
    unknown = Coded("", "")
    return {
        "program": codes.programs.get(policy.program_id, unknown),
        "producer": codes.producers.get(policy.producer_id, unknown),
        "carrier": codes.carriers.get(policy.carrier_id, unknown),
    }


@dataclass(frozen=True, slots=True)
class Bar:
    """A term as a bar: days, how many are past on the date, and where coverage had gaps."""

    days: int
    past: int
    gaps: tuple[tuple[int, int], ...]


def term_bar(found: PolicyOnDate) -> Bar:
    """Days of the term, those before the date, and the gaps as offset and length."""
    policy, answer = found.policy, found.in_force
    days = max(1, (policy.expires - policy.effective).days)
    gaps = tuple(
        ((start - policy.effective).days, (end - start).days) for start, end in answer.gaps
    )
    return Bar(days, min(days, max(0, (answer.on - policy.effective).days)), gaps)


def tab_links(
    request: ConsoleRequest, policy: PolicyTerm
) -> tuple[tuple[str, str, str, int | None], ...]:
    """key, word, address and count of each tab; counts only where the term carries them."""
    counts = {"vehicles": policy.vehicle_count, "drivers": policy.driver_count}
    return tuple(
        (
            key,
            word,
            links.query(request, tab=None if key == OVERVIEW else key),
            counts.get(key),
        )
        for key, word in TABS.items()
    )
