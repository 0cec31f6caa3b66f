"""/ledger/entries/new and /ledger/journal/<number>/reversals: asking for a manual entry.

Another person posts it by approving it on /approvals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.chart import CHART
from openinsure.billing.operations import bank_fees, manual
from openinsure.billing.postings import Line
from openinsure.billing.views import known
from openinsure.console import forms
from openinsure.console.amounts import HINT, read_cents
from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.request import ConsoleRequest
from openinsure.pages.claim_form import REASON, Field
from openinsure.pages.money_form import Audited, Step, day_of, serve
from openinsure.pages.settling_acts import actor
from openinsure.problems import BadForm

TABLE, LINES = "gl_journal_entries", 4
CHOICES = (("", "No line"), *((code, f"{code} {CHART[code].name}") for code in manual.ACCOUNTS))
AGAIN = (("Bank line", "Open again then, to be matched to what it is"),)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("journal.post")
def propose(request: ConsoleRequest) -> HttpResponse:
    """Ask for an entry; nothing is posted before another person approves it."""

    def run(sent: Mapping[str, str]) -> Any:
        return manual.propose_entry(
            request.scope,
            once=forms.once(request, sent),
            entry_date=day_of(sent, "entry_date"),
            lines=lines_of(sent),
            reason=sent.get("reason", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    step = Step(
        title="Propose a journal entry",
        button="Propose",
        crumb=("Journal", url("ledger.journal")),
        back=url("approvals.list"),
        fields=(_date(), *(_line(n) for n in range(1, LINES + 1)), REASON),
        facts=(
            ("Accounts", "Only those without a counterpart in the ledger"),
            ("Posted", "Once another person approves it"),
        ),
    )
    return serve(request, lambda: step, Audited("entry.proposed", TABLE, "", ""), run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("journal.post")
def take_back(request: ConsoleRequest, number: str) -> HttpResponse:
    """Ask that a manual entry, a deposit or a bank fee be mirrored; another person approves it."""

    def run(sent: Mapping[str, str]) -> Any:
        return manual.propose_reversal(
            request.scope,
            once=forms.once(request, sent),
            number=known("journal entry", number),
            entry_date=day_of(sent, "entry_date"),
            reason=sent.get("reason", ""),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    entry = manual.entry_named(request.scope, known("journal entry", number))
    step = Step(
        title="Take the entry back",
        button="Propose the reversal",
        crumb=("Journal", url("ledger.journal")),
        back=url("approvals.list"),
        number=number,
        fields=(_date(), REASON),
        facts=(
            ("Entry", number),
            ("For", entry.description or ""),
            ("Amount", format_cents(entry.total_debit_cents, entry.currency)),
            ("Posted", "Its mirror, once another person approves it"),
            *(AGAIN if entry.source_type == bank_fees.KIND else ()),
        ),
    )
    audited = Audited("entry.reversal_proposed", TABLE, entry.id, number)
    return serve(request, lambda: step, audited, run)


def lines_of(sent: Mapping[str, str]) -> list[Line]:
    """The lines that were filled in. Raises BadForm naming the field that cannot stand."""
    made = []
    for n in range(1, LINES + 1):
        account, debit, credit = (
            sent.get(f"{name}_{n}", "").strip() for name in ("account", "debit", "credit")
        )
        if not account and not debit and not credit:
            continue
        if account not in manual.ACCOUNTS:
            raise BadForm({f"account_{n}": "must be one of " + ", ".join(manual.ACCOUNTS)})
        if bool(debit) == bool(credit):
            raise BadForm({f"debit_{n}": "or the credit must be given, and only one of them"})
        side, text = ("debit", debit) if debit else ("credit", credit)
        cents = read_cents(f"{side}_{n}", text)
        if not cents:
            raise BadForm({f"{side}_{n}": "must be more than 0.00"})
        made.append(Line(account=account, cents=cents if debit else -cents))
    if len(made) < 2:
        raise BadForm({"account_1": "and account_2 must be given: an entry has two lines or more"})
    _balanced(made)
    return made


def _balanced(lines: list[Line]) -> None:
    """Raises BadForm saying both sums where they differ."""
    debits = sum(line.cents for line in lines if line.cents > 0)
    credits = debits - sum(line.cents for line in lines)
    if debits != credits:
        sums = (format_cents(cents, manual.DOLLARS) for cents in (debits, credits))
        told = "debits are {}, credits are {}; they must be equal".format(*sums)
        raise BadForm({"debit_1": told})


def _date() -> Field:
    today = timezone.now().date().isoformat()
    return Field(name="entry_date", label="Date", kind="date", value=today)


def _line(n: int) -> tuple[Field, Field, Field]:
    needed, hint = n <= 2, HINT if n == 1 else ""
    return (
        Field(name=f"account_{n}", label=f"Account of line {n}", kind="select", choices=CHOICES,
              required=needed),
        Field(name=f"debit_{n}", label=f"Debit of line {n}", required=False, hint=hint),
        Field(name=f"credit_{n}", label=f"Credit of line {n}", required=False, hint=hint),
    )  # fmt: skip


urlpatterns = [
    path("ledger/entries/new", propose, name="ledger.propose"),
    path("ledger/journal/<str:number>/reversals", take_back, name="ledger.take_back"),
]
