"""/ledger/deposits: claims money that a carrier paid in, put on the fund of a program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.operations.deposits import Deposit, record_deposit
from openinsure.billing.queries.ledger import list_balances
from openinsure.console import forms
from openinsure.console.amounts import HINT
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import org_codes
from openinsure.orgs.programs import program_carriers
from openinsure.pages.claim_form import Field, choice
from openinsure.pages.money_form import Audited, Step, amount_and_day, serve
from openinsure.pages.settling_acts import actor
from openinsure.tenancy.scope import Scope

FUND = ("LOSS_FUND", "claims")
PAID = ("CLAIMS_PAID", "")


@require_http_methods(["GET", "HEAD", "POST"])
@allow("billing.edit")
def deposit(request: ConsoleRequest) -> HttpResponse:
    """Record a deposit to the claims fund; its entry is the next page."""
    scope = request.scope

    def run(sent: Mapping[str, str]) -> Any:
        return record_deposit(
            scope,
            once=forms.once(request, sent),
            deposit=_typed(scope, sent),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return serve(
        request,
        lambda: _blank(scope),
        Audited("fund.deposited", "gl_journal_entries", "", ""),
        run,
        done=lambda done: (
            url("ledger.entry", done.number) if "ledger.view" in request.rights else url("home")
        ),
    )


def _typed(scope: Scope, sent: Mapping[str, str]) -> Deposit:
    """The fields read. Raises BadForm naming every one that cannot be read."""
    program, carriers = sent.get("program", ""), program_carriers(scope)
    wrong = {} if program in carriers else {"program": "must be one of the programs offered"}
    cents, day = amount_and_day(sent, wrong)
    return Deposit(
        program_id=program,
        carrier_id=carriers[program],
        cents=cents,
        received_on=day,
        reference=sent.get("reference", "").strip(),
        words=org_codes(scope).programs[program].code,
    )


def _blank(scope: Scope) -> Step:
    """The empty form, with what the fund holds."""
    programs = tuple(
        (key, f"{one.code}, {one.name}") for key, one in org_codes(scope).programs.items()
    )
    sums = {(row.account_type, row.purpose): row for row in list_balances(scope)}
    fund, paid = sums[FUND], sums[PAID]
    free = fund.balance_cents - paid.balance_cents
    return Step(
        title="Record a deposit to the claims fund",
        button="Record deposit",
        crumb=("Ledger", url("ledger.accounts")),
        back=url("ledger.account", FUND[0]),
        number=FUND[0],
        facts=(
            ("Claims fund", format_cents(fund.balance_cents, fund.currency)),
            ("Claims paid", format_cents(paid.balance_cents, paid.currency)),
            ("Free for claims", format_cents(free, fund.currency)),
        ),
        fields=(
            choice("program", "Program", programs or (("", "No program is recorded"),)),
            Field(name="amount", label="Amount received", hint=HINT),
            Field(name="received_on", label="Received", kind="date",
                  value=timezone.now().date().isoformat()),
            Field(name="reference", label="Reference", hint="What the bank calls it"),
        ),
    )  # fmt: skip


urlpatterns = [path("ledger/deposits", deposit, name="ledger.deposit")]
