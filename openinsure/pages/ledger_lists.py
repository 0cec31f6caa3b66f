"""Whole lists behind the ledger's pages: accounts of a type; what an entry or a policy earned."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.filters import Where
from openinsure.billing.ledger_rows import LedgerAccountRow
from openinsure.billing.ledger_sections import ledger_sections
from openinsure.billing.queries import earning, journal, ledger
from openinsure.billing.queries.earning import PostingLine
from openinsure.billing.views import known
from openinsure.console.columns import Column
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.pages.ledger_parties import Party, parties
from openinsure.problems import NotFound
from openinsure.tenancy.listing import Page

TEMPLATE, OF_ONE = "billing/list.html", "billing/postings.html"


class Of(NamedTuple):
    """The entry or the policy whose postings are listed, and its page."""

    number: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine(LedgerAccountRow):
    """An account with its owner by name."""

    owner: str

    @property
    def transfers(self) -> str:
        """The transfers on its normal side."""
        if self.normal_side == "D":
            return url("ledger.transfers", debit=self.id)
        return url("ledger.transfers", credit=self.id)


ACCOUNTS = ListPage(
    name="ledger.account_list",
    title="Ledger accounts",
    noun="account",
    nouns="ledger accounts",
    columns=(
        Column(name="owner", label="Account of"),
        Column(name="purpose", label="For", narrow=False),
        Column(name="debits_posted_cents", label="Debits", kind="money", narrow=False),
        Column(name="credits_posted_cents", label="Credits", kind="money", narrow=False),
        Column(name="balance_cents", label="Balance", kind="money", sort="descending"),
        Column(name="last_transfer_at", label="Last transfer", kind="instant", narrow=False),
        Column(name="read_at", label="Read", kind="instant", shown=False),
        Column(name="entity_id", label="Owner's id", kind="code", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-balance_cents",
    href=lambda row: row.transfers,
    state="purpose",
    empty="An account is opened with its first transfer.",
)  # fmt: skip
POSTINGS = ListPage(
    name="ledger.postings",
    title="Earned premium",
    noun="posting",
    nouns="postings of earned premium",
    columns=(
        Column(name="policy_number", label="Policy", kind="code"),
        Column(name="as_of_date", label="As of", kind="day", sort="descending"),
        Column(name="days_elapsed", label="Days", kind="count", narrow=False),
        Column(name="days_total", label="Of days", kind="count", narrow=False),
        Column(name="earned_cents", label="Earned", kind="money"),
        Column(name="carrier_earned_cents", label="Carrier's share", kind="money", narrow=False),
        Column(name="ledger_earned_cents", label="Moved in the ledger", kind="money"),
        Column(name="transfer", label="Transfer", kind="code", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-as_of_date",
    href=lambda row: url("policies.detail", row.policy_number, tab="ledger"),
    state="policy_number",
    empty="Every night posts here what each premium stream earned.",
)
# Of one policy a row leads on to the transfer that carried it; uncollected, it moved nothing.
OF_POLICY = replace(
    POSTINGS,
    name="ledger.policy_postings",
    columns=tuple(
        replace(one, shown=one.shown or one.name == "transfer")
        for one in sorted(POSTINGS.columns, key=lambda one: one.name != "as_of_date")
    ),
    href=lambda row: url("ledger.transfer", row.transfer) if row.transfer else "",
)


@require_GET
@allow("ledger.view")
def account_list(request: ConsoleRequest, account_type: str) -> HttpResponse:
    """Every account of a type, the biggest balance first."""
    asked, scope = ask(request, ACCOUNTS), request.scope
    if account_type not in ledger.NAMES:
        raise NotFound("account type", account_type[:40])

    def read(wanted: Ask) -> Page[AccountLine]:
        page = ledger.page_of_accounts(scope, account_type, wanted)
        named = parties(request, ((row.entity_type, row.entity_id) for row in page.rows))
        rows = tuple(
            AccountLine(
                **asdict(row),
                owner=named.get((row.entity_type, row.entity_id), Party(row.entity_id)).name,
            )
            for row in page.rows
        )
        return Page(rows, page.next, page.previous, page.searched_to)

    return render_list(
        request, asked, Source(read=read), template=TEMPLATE, tabs=ledger_sections(request)
    )


@require_GET
@allow("ledger.view")
def entry_postings(request: ConsoleRequest, number: str) -> HttpResponse:
    """Every stream that earned in an entry."""
    found = journal.get_entry(request.scope, known("journal entry", number))
    of = Of(found.number, url("ledger.entry", found.number))
    return _postings(request, POSTINGS, {"gl_entry_id": found.id}, of)


@require_GET
@allow("ledger.view")
def policy_postings(request: ConsoleRequest, number: str) -> HttpResponse:
    """What every night earned of a policy, with the transfer that carried it."""
    policies = journal.policies_of(request.scope, known("policy", number))
    if not policies:
        raise NotFound("policy", number)
    of = Of(number, url("policies.detail", number))
    return _postings(request, OF_POLICY, {"policy_id": policies}, of)


def _postings(request: ConsoleRequest, page: ListPage, where: Where, of: Of) -> HttpResponse:
    asked = ask(request, page)

    def read(wanted: Ask) -> Page[PostingLine]:
        return earning.list_postings(request.scope, where, wanted)

    return render_list(
        request, asked, Source(read=read), template=OF_ONE, tabs=ledger_sections(request), of=of
    )


urlpatterns = [
    path("ledger/accounts/<str:account_type>/all", account_list, name="ledger.account_list"),
    path("ledger/journal/<str:number>/postings", entry_postings, name="ledger.postings"),
    path("ledger/policies/<str:number>/postings", policy_postings, name="ledger.policy_postings"),
]
