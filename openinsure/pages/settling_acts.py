"""The steps of a settlement from the browser: draw up, approve, reject, release, bank's answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow, require
from openinsure.billing.operations import authoring, releases, settlements
from openinsure.billing.queries import bank
from openinsure.billing.queries import settling as queries
from openinsure.billing.settling_rows import PayoutRow, SettlementRow
from openinsure.billing.views import known
from openinsure.console import forms
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.numbers import next_number
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import org_codes
from openinsure.pages.claim_form import REASON, Field, choice
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling import carrier_name
from openinsure.problems import BadForm, NotFound
from openinsure.tenancy.scope import Scope

TABLE = "carrier_settlements"
DUE_DAYS = 15
ANSWERS = (("paid", "The bank paid"), ("returned", "The bank did not pay"))
Facts = tuple[tuple[str, str], ...]


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def new_settlement(request: ConsoleRequest) -> HttpResponse:
    """Draw up a settlement with a carrier; another person approves it."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        carriers = org_codes(scope).carriers
        if sent.get("carrier", "") not in carriers:
            raise BadForm({"carrier": "must be one of the carriers offered"})
        wish = authoring.Wish(
            carrier_id=sent["carrier"],
            period_end=day_of(sent, "period_end"),
            due_date=day_of(sent, "due_date"),
            offset=sent.get("offset") == "on",
        )
        return authoring.author_settlement(
            scope,
            once=forms.once(request, sent),
            number=next_number(scope, "settlement"),
            wish=wish,
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return serve(
        request,
        lambda: _blank(scope),
        Audited("settlement.drawn_up", TABLE, "", ""),
        run,
        done=lambda done: url("billing.settlement", done.number),
    )


def _blank(scope: Scope) -> Step:
    """The empty form, for the month that ended last."""
    today = timezone.now().date()
    month_end = today.replace(day=1) - timedelta(days=1)
    carriers = tuple((key, one.name) for key, one in org_codes(scope).carriers.items())
    return Step(
        title="Draw up a settlement",
        button="Draw up",
        crumb=("Settlements", url("billing.settlements")),
        back=url("billing.settlements"),
        facts=(("What is due", "The payable in the journal at the end of the period"),),
        fields=(
            choice("carrier", "Carrier", carriers),
            Field(name="period_end", label="Period to", kind="date",
                  value=month_end.isoformat()),
            Field(name="due_date", label="Pay by", kind="date",
                  value=(month_end + timedelta(days=DUE_DAYS)).isoformat()),
            Field(name="offset", label="Keep agreed claims from the premium", kind="checkbox",
                  hint="Paid less recovered, of acknowledged claims bordereaux"),
        ),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@allow("settlement.approve")
def approve(request: ConsoleRequest, number: str) -> HttpResponse:
    """Approve what another person drew up."""
    row = seen(request, number)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        require(request, "settlement.approve", "settlement", row.id)
        return settlements.approve_settlement(
            request.scope, number=number, actor_user_id=actor(request), now=timezone.now()
        )

    step = step_of(request, row, "Approve the settlement", "Approve")
    audited = Audited("settlement.approved", TABLE, row.id, number)
    return serve(request, lambda: step, audited, run, grave=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("settlement.approve")
def reject(request: ConsoleRequest, number: str) -> HttpResponse:
    """Reject it: nothing is paid, its bordereaux are free again."""
    row = seen(request, number)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return settlements.reject_settlement(
            request.scope,
            number=number,
            reason=sent.get("reason", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    step = step_of(request, row, "Reject the settlement", "Reject", REASON, danger=True)
    audited = Audited("settlement.rejected", TABLE, row.id, number)
    return serve(request, lambda: step, audited, run, grave=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("settlement.release")
def release(request: ConsoleRequest, number: str) -> HttpResponse:
    """Send the payouts; a third person than author and approver."""
    row = seen(request, number)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        require(request, "settlement.release", "settlement", row.id)
        return releases.release_settlement(
            request.scope, number=number, actor_user_id=actor(request), now=timezone.now()
        )

    step = step_of(request, row, "Release the payouts", "Release payouts")
    audited = Audited("settlement.released", TABLE, row.id, number)
    return serve(request, lambda: step, audited, run, grave=True)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def payout(request: ConsoleRequest, number: str, payout_id: str) -> HttpResponse:
    """The bank's answer to one payout: paid, with its line of the statement, or returned."""
    row = seen(request, number)
    one = payout_of(request, row, payout_id)

    def run(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        told: dict[str, Any] = {
            "number": number,
            "payout_id": one.id,
            "actor_user_id": actor(request),
            "now": timezone.now(),
        }
        if sent.get("answer") not in dict(ANSWERS):
            raise BadForm({"answer": "must be one of paid, returned"})
        if sent["answer"] == "returned":
            return releases.return_payout(request.scope, reason=sent.get("reason", ""), **told)
        line = sent.get("bank_line") or None
        return releases.confirm_payout(request.scope, bank_transaction_id=line, **told)

    def step() -> Step:
        open_lines = bank.open_debits(request.scope, one.amount_cents, one.currency)
        offered = tuple((line.id, f"{line.bank_ref}, {line.posted_on}") for line in open_lines)
        reason = Field(name="reason", label="Reason", required=False, hint="If it did not pay")
        return step_of(
            request, row, "Bank's answer", "Record the answer",
            choice("answer", "Answer", ANSWERS),
            choice("bank_line", "Line of the statement", (("", "Not on a statement yet"), *offered),
                   "Money out of this amount that nothing is matched to"),
            reason,
            facts=(("Payee", one.payee), ("Amount", format_cents(one.amount_cents, one.currency))),
        )  # fmt: skip

    return serve(request, step, Audited("settlement.answered", TABLE, row.id, number), run)


def seen(request: ConsoleRequest, number: str) -> SettlementRow:
    """The settlement of the address. Raises NotFound."""
    return queries.get_settlement(request.scope, known("settlement", number))


def payout_of(request: ConsoleRequest, row: SettlementRow, payout_id: str) -> PayoutRow:
    """A payout of the settlement. Raises NotFound."""
    for one in queries.list_payouts(request.scope, row.id):
        if one.id == payout_id:
            return one
    raise NotFound("payout", payout_id[:40])


def step_of(
    request: ConsoleRequest,
    row: SettlementRow,
    title: str,
    button: str,
    *fields: Field,
    facts: Facts = (),
    danger: bool = False,
) -> Step:
    """A form about one settlement, with what is at stake."""
    carrier = carrier_name(row.carrier_id, org_codes(request.scope))
    told = (
        ("Carrier", carrier),
        ("Premium due", format_cents(row.premium_due_cents, row.currency)),
        ("Claims kept", format_cents(row.claims_offset_cents, row.currency)),
        ("Net due", format_cents(row.net_due_cents, row.currency)),
    )
    return Step(
        title=title,
        button=button,
        crumb=("Settlements", url("billing.settlements")),
        back=url("billing.settlement", row.number),
        number=row.number,
        fields=fields,
        facts=facts or told,
        kind="danger" if danger else "primary",
    )


def actor(request: ConsoleRequest) -> str:
    """The user id of the signed-in person."""
    assert request.who is not None
    return request.who.user_id
