"""One producer, one program; carriers and the reference data that everybody shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.console import links
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import load, load_together
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.small_lists import page_of
from openinsure.orgs import producers, programs, reference
from openinsure.orgs.codes import Coded, org_codes
from openinsure.orgs.staff import name_of, org_staff
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Page
from openinsure.tenancy.together import Reading

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
NO_CODE = Coded("", "")
PRODUCER_PANELS = {
    "licenses": "Licenses",
    "appointments": "Appointments",
    "overrides": "Commission exceptions",
}
# Tab -> its panels with their words.
PROGRAM_TABS = {
    "terms": {
        "states": "States",
        "plans": "Payment plans",
        "commissions": "Commission rates",
        "fees": "Fees",
    },
    "authority": {
        "agreements": "Delegated authority",
        "utilization": "Use of the authority",
    },
}
REFERENCE: Mapping[str, tuple[str, Callable[[], Iterable[Any]]]] = {
    "states": ("States", reference.list_states),
    "naics": ("Industries (NAICS)", reference.list_naics),
    "coverages": ("Coverage codes", reference.list_coverages),
    "taxes": ("Tax rates", reference.list_taxes),
    "notices": ("Notice rules", reference.list_notices),
    "holidays": ("Holidays", reference.list_holidays),
}


@require_GET
@allow("org.view")
def producer_detail(request: ConsoleRequest, code: str) -> HttpResponse:
    """One producer: licences with days left, appointments, commission exceptions."""
    ask_detail(request, tabs=(), noun="the page of a producer")
    _check(code, "producer")
    scope, today = request.scope, timezone.now().date()
    row = producers.get_producer(scope, code)
    sources: dict[str, Callable[[], Iterable[Any]]] = {
        "licenses": lambda: producers.list_licences(scope, row.id, today=today),
        "appointments": lambda: producers.list_appointments(scope, row.id),
        "overrides": lambda: producers.list_overrides(scope, row.id),
    }
    return render_detail(
        request,
        "reference/producer.html",
        row=row,
        panels={name: load(word, sources[name]) for name, word in PRODUCER_PANELS.items()},
        words=PRODUCER_PANELS,
        codes=org_codes(scope),
        owner=name_of(org_staff(scope), row.owner_id),
    )


@require_GET
@allow("org.view")
def program_detail(request: ConsoleRequest, code: str) -> HttpResponse:
    """One program: states, plans, rates, fees; ?tab=authority: how much authority is left."""
    asked = ask_detail(request, tabs=tuple(PROGRAM_TABS), noun="the page of a program")
    _check(code, "program")
    scope = request.scope
    row = programs.get_program(scope, code)
    sources: dict[str, Callable[[], Reading[Any]]] = {
        "states": lambda: programs.list_states(scope, row.id),
        "plans": lambda: programs.list_plans(scope, row.id),
        "commissions": lambda: programs.list_commissions(scope, row.id),
        "fees": lambda: programs.list_fees(scope, row.id),
        "agreements": lambda: programs.list_agreements(scope, row.id),
        "utilization": lambda: programs.list_utilization(scope, row.id),
    }
    shown = asked.tab or "terms"
    every = wants_json(request) and not asked.tab
    words = {
        name: word
        for tab, named in PROGRAM_TABS.items()
        if every or tab == shown
        for name, word in named.items()
    }
    return render_detail(
        request,
        "reference/program.html",
        row=row,
        panels=load_together({name: (word, sources[name]) for name, word in words.items()}),
        words=words,
        tab=shown,
        tabs=[
            (tab, word, links.query(request, tab=tab), None)
            for tab, word in (("terms", "Terms"), ("authority", "Authority"))
        ],
        carrier=org_codes(scope).carriers.get(row.carrier_id, NO_CODE),
    )


def _check(code: str, noun: str) -> None:
    if not CODE.fullmatch(code):
        raise NotFound(noun, code[:40])


@dataclass(frozen=True, slots=True)
class CarrierLine:
    """A carrier of this organisation and the programs on its paper."""

    id: str
    naic: str
    name: str
    status: str
    am_best: str | None
    programs: str
    remit_basis: str
    remit_day: int | None
    currency: str


CARRIERS = ListPage(
    name="carriers.list",
    title="Carriers",
    noun="carrier",
    nouns="carriers",
    columns=(
        Column(name="name", label="Carrier", sort="ascending"),
        Column(name="naic", label="NAIC", kind="code", sort="ascending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="am_best", label="AM Best", kind="code"),
        Column(name="programs", label="Programs", kind="code"),
        Column(name="remit_basis", label="Remits", narrow=False),
        Column(name="remit_day", label="On day", kind="count", narrow=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="name",
)


@require_GET
@allow("org.view")
def carrier_list(request: ConsoleRequest) -> HttpResponse:
    """The carriers on whose paper the organisation writes."""
    asked, scope = ask(request, CARRIERS), request.scope

    def read(a: Ask) -> Page[CarrierLine]:
        codes = programs.codes_by_carrier(scope)
        lines = [
            _carrier(row, codes[row.id]) for row in reference.list_carriers() if row.id in codes
        ]
        return page_of(lines, a, value=lambda row, sort: str(getattr(row, sort)))

    return render_list(request, asked, Source(read=read))


def _carrier(row: reference.CarrierRow, codes: tuple[str, ...]) -> CarrierLine:
    return CarrierLine(
        id=row.id,
        naic=row.naic,
        name=row.name,
        status=row.status,
        am_best=row.am_best,
        programs=", ".join(codes),
        remit_basis=row.remit_basis,
        remit_day=row.remit_day,
        currency=row.currency,
    )


@dataclass(frozen=True, slots=True)
class ReferenceHead:
    """What the page of reference data holds."""

    kinds: tuple[str, ...]


@require_GET
@allow("org.view")
def reference_list(request: ConsoleRequest) -> HttpResponse:
    """States, industries, coverage codes, tax rates, notice rules with citation, holidays."""
    asked = ask_detail(request, tabs=tuple(REFERENCE), noun="the reference data")
    shown = asked.tab or next(iter(REFERENCE))
    names = tuple(REFERENCE) if wants_json(request) and not asked.tab else (shown,)
    return render_detail(
        request,
        "reference/reference.html",
        row=ReferenceHead(tuple(REFERENCE)),
        panels={name: load(*REFERENCE[name]) for name in names},
        tab=shown,
        word=REFERENCE[shown][0],
        tabs=[
            (name, word, links.query(request, tab=name), None)
            for name, (word, _) in REFERENCE.items()
        ],
    )
