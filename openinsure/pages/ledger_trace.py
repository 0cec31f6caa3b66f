"""From any cent of the ledger to what it came from: account types, transfers, entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing import journal_filters
from openinsure.billing.ledger_rows import TransferDetail
from openinsure.billing.ledger_views import NUMBER
from openinsure.billing.operations import manual
from openinsure.billing.queries import earning, journal, ledger, transfers
from openinsure.billing.queries.origins import Origin, origin_of
from openinsure.billing.transfer_words import account_name
from openinsure.billing.views import known
from openinsure.console.details import ask_detail
from openinsure.console.links import url
from openinsure.console.panels import Panel, load
from openinsure.console.rendering import render_detail
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import sentence
from openinsure.pages.ledger_parties import Owner, claims_by_id, owners_of, parties
from openinsure.pages.settling import new_link
from openinsure.problems import NotFound

# Tab of a claim where the source of an entry is shown.
CLAIM_TABS = {
    "claim_reserve": ("Reserve of claim", "reserves"),
    "claim_payment": ("Payment on claim", "disbursements"),
    "claim_recovery": ("Recovery on claim", "subrogation"),
    "claim_reinsurance": ("Reinsurer's payment on claim", "subrogation"),
}


@require_GET
@allow("ledger.view")
def account_detail(request: ConsoleRequest, account_type: str) -> HttpResponse:
    """One account type: its sums, and its biggest accounts, each with its transfers."""
    ask_detail(request, tabs=(), noun="the page of an account type")
    scope = request.scope
    found = [row for row in ledger.list_balances(scope) if row.account_type == account_type]
    if not found:
        raise NotFound("account type", account_type[:40])
    accounts = load("Accounts", partial(ledger.list_accounts, scope, account_type))
    holds_claims = any(row.purpose == "claims" for row in found)
    return render_detail(
        request,
        "billing/ledger_account.html",
        row=found[0],
        panels={"accounts": accounts},
        sums=found,
        every=sum(row.accounts for row in found),
        new=new_link(request, "ledger.deposit", "Record deposit") if holds_claims else None,
        parties=parties(request, ((row.entity_type, row.entity_id) for row in accounts.rows)),
    )


@require_GET
@allow("ledger.view")
def transfer_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One transfer: what it came from, what it joins, its chain, the policies it earned of."""
    ask_detail(request, tabs=(), noun="the page of a transfer")
    if not NUMBER.fullmatch(number):
        raise NotFound("transfer", number[:40])
    scope = request.scope
    found = transfers.get_transfer(scope, number)
    panels = {"chain": load("Chain", partial(transfers.chain_of, scope, found.batch_id))}
    if found.source_type == "earned_premium" and found.entry_id:
        panels["earned"] = _earned(request, found.entry_id)
    owners = owners_of(panels["chain"].rows)
    owners |= {account_name(found.debit).owner, account_name(found.credit).owner}
    claims = _claims(request, owners, {found.claim_id})
    return render_detail(
        request,
        "billing/transfer.html",
        row=found,
        panels=panels,
        parties=parties(request, owners, claims=claims),
        origins=_origins(request, found, claims),
        kind=kind_words(found.source_type),
    )


@require_GET
@allow("ledger.view")
def entry_detail(request: ConsoleRequest, number: str) -> HttpResponse:
    """One entry: what it was posted for, its lines with their sums, its transfers."""
    ask_detail(request, tabs=(), noun="the page of a journal entry")
    scope = request.scope
    found = journal.get_entry(scope, known("journal entry", number))
    panels = {
        "lines": load("Lines", partial(journal.list_entry_lines, scope, found.id)),
        "transfers": load("Transfers", partial(journal.list_entry_transfers, scope, found.id)),
    }
    lines = panels["lines"].rows
    if lines:
        found = found.checked(lines)
    if found.kind == "earned_premium":
        panels["earned"] = _earned(request, found.id)
    owners, told = owners_of(panels["transfers"].rows), {line.claim_id for line in lines}
    named = _claims(request, owners, told)
    claims = {key: number for key, number in named.items() if key in told}
    return render_detail(
        request,
        "billing/entry.html",
        row=found,
        panels=panels,
        kind=kind_words(found.kind),
        may_take_back=(
            request.grant is None
            and "journal.post" in request.rights
            and found.kind in manual.TAKEN_BACK
        ),
        claims=claims,
        origins=(
            *_told(origin_of(scope, found.kind, found.source_id)),
            *_claim_origins(request, found.kind, claims.values()),
        ),
        parties=parties(request, owners, claims=named),
    )


def kind_words(kind: str) -> str:
    """What an entry or a transfer is posted for, in words."""
    return journal_filters.KINDS.get(kind, sentence(kind))


def _earned(request: ConsoleRequest, entry_id: str) -> Panel:
    return load("Earned", partial(earning.postings_of_entry, request.scope, entry_id))


def _claims(
    request: ConsoleRequest, owners: Iterable[Owner], others: Iterable[str | None]
) -> dict[str, str]:
    """The claims that accounts are kept for, and others, by id: read once for all of a page."""
    owing = {key for kind, key in owners if kind == "claim"}
    return claims_by_id(request, owing.union(key for key in others if key))


def _origins(
    request: ConsoleRequest, row: TransferDetail, claims: Mapping[str, str]
) -> tuple[Origin, ...]:
    """The objects behind a transfer: a payment, a settlement, a claim; its policy besides."""
    found = [*_told(origin_of(request.scope, row.source_type, row.source_id))]
    if row.claim_id and row.claim_id in claims:
        found += _claim_origins(request, row.source_type, [claims[row.claim_id]])
    if row.policy_id:
        policies = journal.policy_numbers(request.scope, [row.policy_id]).values()
        found += (
            Origin(word="Policy", number=one, href=url("policies.detail", one, tab="ledger"))
            for one in policies
        )
    return tuple(found)


def _told(origin: Origin | None) -> tuple[Origin, ...]:
    return (origin,) if origin else ()


def _claim_origins(
    request: ConsoleRequest, kind: str, numbers: Iterable[str]
) -> tuple[Origin, ...]:
    word, tab = CLAIM_TABS.get(kind, ("Claim", "books"))
    may = "claim.view" in request.rights
    return tuple(
        Origin(word=word, number=one, href=url("claims.detail", one, tab=tab) if may else "")
        for one in sorted(numbers)
    )


urlpatterns = [
    path("ledger/accounts/<str:account_type>", account_detail, name="ledger.account"),
    path("ledger/transfers/<str:number>", transfer_detail, name="ledger.transfer"),
    path("ledger/journal/<str:number>", entry_detail, name="ledger.entry"),
]
