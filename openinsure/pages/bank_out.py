"""A line of money out: what it may be, and saying which; a check of a claim clears with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from openinsure.audit import reasons
from openinsure.billing.chart import CHART
from openinsure.billing.dues_rows import BankLineRow
from openinsure.billing.operations import bank_fees, manual
from openinsure.billing.operations.bank import Tied
from openinsure.billing.operations.bank_out import match_cleared, match_out
from openinsure.billing.queries.bank_out import (
    DISBURSEMENT,
    FEE,
    OUT,
    candidates,
    fee_pages,
    pages_of,
)
from openinsure.claims.disbursing import disbursement_numbers, issued_of
from openinsure.claims.operations.clearing import clear_disbursement
from openinsure.console import forms
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.pages.claim_form import Field, act_of, choice
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.money_form import Audited, Step, serve
from openinsure.pages.settling_acts import actor
from openinsure.problems import BadForm

NONE = (("", "Nothing of this amount left"),)
WHY = Field(
    name="reason", label="Reason of a bank fee", kind="textarea", required=False,
    hint=f"For a bank fee only: {reasons.SPAN}, kept",
)  # fmt: skip


def match_step(line: BankLineRow, way: str, *fields: Field) -> Step:
    """The form that says what a line is. way: after its amount, " out" where money left."""
    return Step(
        title="Match the line",
        button="Match",
        crumb=("Bank", url("billing.bank")),
        back=url("billing.bank"),
        facts=(
            ("Line", line.bank_ref),
            ("Amount", f"{format_cents(line.amount_cents, line.currency)}{way}"),
            ("Description", line.description or ""),
        ),
        fields=fields,
    )


def match_page(request: ConsoleRequest, line: BankLineRow) -> HttpResponse:
    """The form of a line of money out: payouts and disbursements of its amount."""

    def run(sent: Mapping[str, str]) -> Tied:
        forms.once(request, sent)
        kind, _, key = sent.get("payout", "").partition(":")
        if kind == FEE:
            return _ask_fee(request, line, sent)
        if kind == DISBURSEMENT:
            return _clear(request, line, key, sent)
        return match_out(request.scope, line_id=line.id, kind=kind, key=key, now=timezone.now())

    def step() -> Step:
        offered = (*(tuple(_offered(request, line)) or NONE), (f"{FEE}:{line.id}", FEE_WORDS))
        return match_step(line, " out", choice("payout", "Payout", offered), WHY)

    fee = request.POST.get("payout", "").startswith(FEE)
    action = "entry.proposed" if fee else "bank.matched"
    audited = Audited(action, "bank_transactions", line.id, line.bank_ref)
    return serve(request, step, audited, run, done=_next)


FEE_WORDS = f"Bank fee: {bank_fees.ACCOUNT} {CHART[bank_fees.ACCOUNT].name}, by another person"


def _ask_fee(request: ConsoleRequest, line: BankLineRow, sent: Mapping[str, str]) -> Tied:
    """The charge waits for another person on /approvals."""
    asked = manual.propose_bank_fee(
        request.scope,
        once=forms.once(request, sent),
        line_id=line.id,
        reason=sent.get("reason", ""),
        actor_user_id=actor(request),
        now=timezone.now(),
    )
    return Tied(asked.number, asked.status, asked.repeated)


def _next(done: Tied) -> str:
    """The approvals for what waits there, else the lines."""
    return url("approvals.list" if done.status == manual.PROPOSED else "billing.bank")


def _offered(request: ConsoleRequest, line: BankLineRow) -> Iterable[tuple[str, str]]:
    """Value and words of everything of the line's amount that left without a line."""
    for one in candidates(request.scope, line.amount_cents, line.currency):
        yield f"{one.kind}:{one.id}", one.label
    for row in _issued(request, line):
        check = f", check {row.check_number}" if row.check_number else ""
        yield f"{DISBURSEMENT}:{row.id}", f"Disbursement {row.number}{check}"


def _issued(request: ConsoleRequest, line: BankLineRow) -> list[Any]:
    """Disbursements of the amount, for who may see claims."""
    if "claim.view" not in request.rights:
        return []
    hidden = hidden_from(request)
    return issued_of(request.scope, line.amount_cents, line.currency, without=hidden)


def _clear(request: ConsoleRequest, line: BankLineRow, key: str, sent: Mapping[str, str]) -> Tied:
    """The claim first, with its event; the line follows at once, or by the round of events."""
    scope, act = request.scope, act_of(request, sent)
    if line.matched_id != key:
        row = next((one for one in _issued(request, line) if one.id == key), None)
        if row is None or line.status == "matched":
            raise BadForm({"payout": "must be one of the payouts offered"})
        clear_disbursement(
            scope, row.id, row.claim_id, act, line_id=line.id, cents=line.amount_cents,
            on=line.posted_on,
        )  # fmt: skip
    return match_cleared(scope, line_id=line.id, disbursement_id=key, now=act.now)


def out_pages(request: ConsoleRequest, rows: Iterable[BankLineRow]) -> dict[str, tuple[str, str]]:
    """Matched id -> number and address of payouts; at most one statement a kind."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        if row.matched_id:
            ids.setdefault(row.matched_type or "", set()).add(row.matched_id)
    found = fee_pages(request.scope, ids.get(FEE, set()))
    for kind in ("commission_payout", "refund"):
        if kind in ids and kind in OUT:
            found |= pages_of(request.scope, kind, ids[kind])
    numbers = disbursement_numbers(request.scope, ids.get(DISBURSEMENT, set()))
    sees = "claim.view" in request.rights
    for key, number in numbers.items():
        found[key] = (number, url("claims.disbursement", number) if sees else "")
    return found
