"""The steps of a bordereau from the browser: draw up from policies or claims, approve, send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing import settling
from openinsure.billing.bordereau_lines import (
    Paid,
    Reported,
    Written,
    claims_lines,
    premium_line,
)
from openinsure.billing.operations import bordereaux
from openinsure.billing.queries import settling as queries
from openinsure.billing.settling_rows import BordereauRow
from openinsure.billing.views import known
from openinsure.claims.reported import ClaimMoneyRow, paid_in, recovered_in
from openinsure.console import forms
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.numbers import next_number
from openinsure.console.request import ConsoleRequest
from openinsure.money.rates import Split
from openinsure.orgs.cancel_rules import cancel_rules
from openinsure.orgs.codes import org_codes
from openinsure.orgs.programs import program_carriers
from openinsure.pages.claim_form import Field, choice
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling import carrier_name
from openinsure.pages.settling_acts import actor
from openinsure.policies.written import written_before, written_in
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

TABLE = "bordereaux"
KINDS = tuple((option.value, option.label) for option in settling.KINDS)
Period = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_bordereau(request: ConsoleRequest) -> HttpResponse:
    """Draw up the bordereau of a program's period; another person approves it."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        kind, program = sent.get("kind", ""), sent.get("program", "")
        carriers = program_carriers(scope)
        if program not in carriers:
            raise BadForm({"program": "must be one of the programs offered"})
        wanted = bordereaux.Wanted(
            kind=kind,
            carrier_id=carriers[program],
            program_id=program,
            period_start=day_of(sent, "period_start"),
            period_end=day_of(sent, "period_end"),
        ).checked(timezone.now())
        return bordereaux.generate_bordereau(
            scope,
            once=forms.once(request, sent),
            number=next_number(scope, "bordereau"),
            wanted=wanted,
            lines=lines_of(scope, wanted),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return serve(
        request,
        lambda: _blank(scope),
        Audited("bordereau.drawn_up", TABLE, "", ""),
        run,
        done=lambda done: url("billing.bordereau", done.number),
    )


def _blank(scope: Scope) -> Step:
    """The empty form, for the month that ended last."""
    last = timezone.now().date().replace(day=1) - timedelta(days=1)
    programs = tuple(
        (key, f"{one.code}, {one.name}") for key, one in org_codes(scope).programs.items()
    )
    return Step(
        title="Draw up a bordereau",
        button="Draw up",
        crumb=("Bordereaux", url("billing.bordereaux")),
        back=url("billing.bordereaux"),
        fields=(
            choice("kind", "Reports", KINDS),
            choice("program", "Program", programs),
            Field(name="period_start", label="From", kind="date",
                  value=last.replace(day=1).isoformat()),
            Field(name="period_end", label="To", kind="date", value=last.isoformat()),
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@allow("bordereau.approve")
def approve(request: ConsoleRequest, number: str) -> HttpResponse:
    """Approve what another person drew up."""

    def run(scope: Scope) -> Any:
        return bordereaux.approve_bordereau(
            scope, number=number, actor_user_id=actor(request), now=timezone.now()
        )

    return _step(request, number, "Approve the bordereau", "approved", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def reopen(request: ConsoleRequest, number: str) -> HttpResponse:
    """Take the lines back, before it is approved."""

    def run(scope: Scope) -> Any:
        return bordereaux.reopen_bordereau(scope, number=number, now=timezone.now())

    return _step(request, number, "Reopen the bordereau", "reopened", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def send(request: ConsoleRequest, number: str) -> HttpResponse:
    """It went to the carrier."""

    def run(scope: Scope) -> Any:
        return bordereaux.send_bordereau(scope, number=number, now=timezone.now())

    return _step(request, number, "Mark the bordereau as sent", "sent", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def acknowledge(request: ConsoleRequest, number: str) -> HttpResponse:
    """The carrier took it."""

    def run(scope: Scope) -> Any:
        return bordereaux.acknowledge_bordereau(scope, number=number, now=timezone.now())

    return _step(request, number, "The carrier acknowledged it", "acknowledged", run)


def lines_of(scope: Scope, wanted: bordereaux.Wanted) -> list[Reported]:
    """What happened in the period, from policies or from claims, as lines."""
    period: Period = {
        "carrier_id": wanted.carrier_id,
        "program_id": wanted.program_id,
        "first": wanted.period_start,
        "last": wanted.period_end,
    }
    if wanted.kind == settling.CLAIMS:
        paid = [_paid(row, "PAYMENT") for row in paid_in(scope, **period)]
        back = [_paid(row, "RECOVERY") for row in recovered_in(scope, **period)]
        return claims_lines(sorted(paid + back, key=lambda row: (row.claim_id, row.kind)))
    rows = written_in(scope, **period)
    before = written_before(scope, (row.policy_id for row in rows))
    share = cancel_rules(scope, wanted.program_id).quota_share
    return [
        premium_line(
            Written(
                transaction_id=row.id,
                policy_id=row.policy_id,
                policy_number=row.policy_number,
                insured_name=row.insured,
                state=row.state,
                kind=row.kind,
                processed=row.processed,
                premium_cents=row.premium_cents,
                fees_cents=row.fees_cents,
                taxes_cents=row.taxes_cents,
                before_cents=before[row.policy_id, row.number],
                split=Split.from_rates(
                    producer=row.producer_rate, mga=row.mga_rate, quota_share=share
                ),
                currency=row.currency,
            )
        )
        for row in rows
    ]


def _paid(row: ClaimMoneyRow, kind: str) -> Paid:
    return Paid(
        kind=kind,
        payment_id=row.id,
        claim_id=row.claim_id,
        claim_number=row.claim_number,
        policy_id=row.policy_id,
        policy_number=row.policy_number,
        insured_name=row.insured,
        state=row.state,
        paid_cents=row.cents if kind == "PAYMENT" else 0,
        outstanding_cents=row.indemnity_outstanding_cents + row.expense_outstanding_cents,
        recovered_cents=row.cents if kind == "RECOVERY" else 0,
        currency=row.currency,
    )


def _step(
    request: ConsoleRequest, number: str, title: str, verb: str, act: Callable[[Scope], Any]
) -> HttpResponse:
    row = queries.get_bordereau(request.scope, known("bordereau", number))

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return act(request.scope)

    audited = Audited(f"bordereau.{verb}", TABLE, row.id, number)
    return serve(
        request, lambda: _form(request, row, title), audited, run, grave=verb == "approved"
    )


def _form(request: ConsoleRequest, row: BordereauRow, title: str) -> Step:
    carrier = carrier_name(row.carrier_id, org_codes(request.scope))
    net = ("Net to carrier", format_cents(row.net_to_carrier_cents, row.currency))
    paid = ("Claims paid", format_cents(row.paid_claims_cents, row.currency))
    return Step(
        title=title,
        button=title,
        crumb=("Bordereaux", url("billing.bordereaux")),
        back=url("billing.bordereau", row.number),
        number=row.number,
        facts=(
            ("Carrier", carrier),
            ("Period", f"{_day(row.period_start)} to {_day(row.period_end)}"),
            ("Lines", f"{row.line_count:,}"),
            net if row.kind == settling.PREMIUM else paid,
        ),
    )


def _day(day: date) -> str:
    return format_day(day)
