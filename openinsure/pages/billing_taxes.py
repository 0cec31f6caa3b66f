"""/billing/taxes: what is held by state, what was remitted, and remitting it by two people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.dues_rows import HeldTax, RemittanceRow
from openinsure.billing.operations import remittances
from openinsure.billing.queries import dues
from openinsure.billing.sections import sections
from openinsure.console import forms
from openinsure.console.areas import US_STATES
from openinsure.console.columns import Column
from openinsure.console.filters import OneOf, Option
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.money import format_cents
from openinsure.console.regions import region
from openinsure.console.rendering import render_list
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import sentence
from openinsure.pages.claim_form import Field, choice
from openinsure.pages.dues_lists import dues_source, summed
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling import new_link
from openinsure.pages.settling_acts import actor
from openinsure.problems import BadForm, NotFound

TABLE, DUE_DAYS = "tax_remittances", 45
CODES = (("tax", "Premium tax"), ("stamping_fee", "Stamping fee"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceLine(RemittanceRow):
    """A remittance with its page and the word for its tax."""

    href: str
    tax: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine(HeldTax):
    """Held tax with the word for its kind and the journal lines it stands on."""

    tax: str
    source: str


LIST = ListPage(
    name="billing.taxes",
    title="Taxes",
    noun="remittance",
    nouns="remittances",
    columns=(
        Column(name="state", label="State", kind="code"),
        Column(name="tax", label="Tax"),
        Column(name="period_start", label="From", kind="day", narrow=False),
        Column(name="period_end", label="To", kind="day", narrow=False),
        Column(name="due_date", label="Due", kind="day", sort="descending"),
        Column(name="amount_cents", label="Amount", kind="money"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="confirmation_number", label="Confirmation", kind="code", narrow=False),
        Column(name="filed_at", label="Confirmed", kind="instant", narrow=False),
        Column(name="tax_code", label="Code", kind="code", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-due_date",
    filters=(
        OneOf(
            "status",
            "Status",
            (
                Option("ready", "Ready"),
                Option("released", "Released"),
                Option("remitted", "Remitted"),
                Option("rejected", "Rejected"),
                Option("returned", "Returned"),
            ),
            many=True,
        ),
        OneOf("state", "State", US_STATES, many=True),
    ),
    href=lambda row: row.href,
    empty="A remittance appears here once tax held for a state is drawn up to be paid.",
)
HELD = region(
    "held", "Held and not remitted", "No tax is held",
    state="State|code", tax="Tax", items="Receipts|count", newest="Newest|instant",
    amount_cents="Amount|money",
    links={"amount_cents": "source"}, sums=("amount_cents",),
)  # fmt: skip


@require_GET
@allow("ledger.view")
def tax_list(request: ConsoleRequest) -> HttpResponse:
    """Taxes held by state, and the remittances."""
    scope, asked = request.scope, ask(request, LIST)

    source = dues_source(scope, dues.REMITTANCES, _where, partial(map, _line))
    note = "Collected with premium, in trust until it is remitted."
    return render_list(
        request,
        asked,
        source,
        template="billing/list.html",
        tabs=sections(request),
        new=new_link(request, "billing.new_remittance", "Draw up a remittance"),
        summary=summed(HELD, lambda: map(_held, dues.held_taxes(scope)), note),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_remittance(request: ConsoleRequest) -> HttpResponse:
    """Draw up what is held of one state's tax; another person releases it."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        state, _, code = sent.get("tax", "").partition(":")
        if code not in dict(CODES):
            raise BadForm({"tax": "must be one of the taxes offered"})
        due = remittances.Due(
            state=state,
            tax_code=code,
            period_end=day_of(sent, "period_end"),
            due_date=day_of(sent, "due_date"),
        )
        return remittances.draw_remittance(
            scope,
            once=forms.once(request, sent),
            due=due,
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    def step() -> Step:
        last = timezone.now().date().replace(day=1) - timedelta(days=1)
        offered = tuple(
            (row.id, f"{row.state}, {tax_word(row.tax_code)}: "
                     f"{format_cents(row.amount_cents, row.currency)} held")
            for row in dues.held_taxes(scope)
        )  # fmt: skip
        return Step(
            title="Draw up a remittance",
            button="Draw up",
            crumb=("Taxes", url("billing.taxes")),
            back=url("billing.taxes"),
            fields=(
                choice("tax", "Tax", offered or (("", "No tax is held"),)),
                Field(name="period_end", label="Period to", kind="date", value=last.isoformat()),
                Field(name="due_date", label="Due", kind="date",
                      value=(last + timedelta(days=DUE_DAYS)).isoformat()),
            ),
        )  # fmt: skip

    return serve(request, step, Audited("remittance.drawn_up", TABLE, "", ""), run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("settlement.release")
def release(request: ConsoleRequest, remittance_id: str) -> HttpResponse:
    """Send it; another person than drew it up."""
    row = seen(request, remittance_id)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return remittances.release_remittance(
            request.scope,
            remittance_id=row.id,
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    step = remittance_step(row, "Release the remittance")
    audited = Audited("remittance.released", TABLE, row.id, remittance_name(row))
    return serve(request, lambda: step, audited, run, grave=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def confirm(request: ConsoleRequest, remittance_id: str) -> HttpResponse:
    """The state confirmed it."""
    row = seen(request, remittance_id)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return remittances.confirm_remittance(
            request.scope,
            remittance_id=row.id,
            confirmation=sent.get("confirmation", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    field = Field(name="confirmation", label="Confirmation number", hint="As the state gives it")
    step = remittance_step(row, "Confirm the remittance", field)
    audited = Audited("remittance.confirmed", TABLE, row.id, remittance_name(row))
    return serve(request, lambda: step, audited, run)


def seen(request: ConsoleRequest, remittance_id: str) -> RemittanceRow:
    """The remittance of the address. Raises NotFound."""
    row = dues.get_remittance(request.scope, remittance_id)
    if row is None:
        raise NotFound("remittance", remittance_id[:40])
    return row


def remittance_step(row: RemittanceRow, title: str, *fields: Field) -> Step:
    """The form of one step of a remittance."""
    return Step(
        title=title,
        button=title,
        crumb=("Taxes", url("billing.taxes")),
        back=url("billing.remittance", row.id),
        facts=(
            ("Tax", remittance_name(row)),
            ("Amount", format_cents(row.amount_cents, row.currency)),
            ("Status", sentence(row.status)),
        ),
        fields=fields,
    )


def _where(asked: Ask) -> dict[str, Any]:
    return {name: asked.many(name) for name in ("status", "state") if asked.many(name)}


def _line(row: RemittanceRow) -> RemittanceLine:
    href = url("billing.remittance", row.id)
    return RemittanceLine(**asdict(row), href=href, tax=tax_word(row.tax_code))


def _held(row: HeldTax) -> HeldLine:
    return HeldLine(
        **asdict(row), tax=tax_word(row.tax_code), source=url("ledger.journal", account="2300")
    )


def tax_word(code: str) -> str:
    """What people call a tax."""
    return dict(CODES).get(code, sentence(code))


def remittance_name(row: RemittanceRow) -> str:
    """State, tax and last day."""
    return f"{row.state} {tax_word(row.tax_code).lower()} to {row.period_end}"


urlpatterns = [
    path("billing/taxes", tax_list, name="billing.taxes"),
    path("billing/taxes/new", new_remittance, name="billing.new_remittance"),
    path("billing/taxes/<str:remittance_id>/releases", release, name="billing.release_remittance"),
    path("billing/taxes/<str:remittance_id>/confirmations", confirm,
         name="billing.confirm_remittance"),
]  # fmt: skip
