"""/billing/reinsurance/recoverables: losses billed to reinsurers, claim by claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.billing.dues_rows import OwedByReinsurer, RecoverableRow, TreatyRow
from openinsure.billing.queries import dues
from openinsure.billing.sections import sections
from openinsure.console.columns import Column
from openinsure.console.filters import Days
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.regions import region
from openinsure.console.rendering import render_list
from openinsure.console.request import ConsoleRequest
from openinsure.pages.dues_lists import dues_source, summed
from openinsure.pages.ledger_parties import claims_by_id
from openinsure.tenancy.listing import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoverableLine(RecoverableRow):
    """A row with its treaty, reinsurer and claim by name; left: billed and not collected."""

    treaty: str
    reinsurer: str
    claim: str | None
    left_cents: int
    days_late: int | None
    href: str


LIST = ListPage(
    name="billing.recoverables",
    title="Reinsurance recoverables",
    noun="recoverable",
    nouns="recoverables",
    columns=(
        Column(name="claim", label="Claim", kind="code"),
        Column(name="reinsurer", label="Reinsurer", clip=True),
        Column(name="treaty", label="Treaty", kind="code", narrow=False),
        Column(name="billed_on", label="Billed", kind="day", sort="descending"),
        Column(name="due_date", label="Due", kind="day", narrow=False),
        Column(name="days_late", label="Days late", kind="count", narrow=False),
        Column(name="billed_cents", label="Billed", kind="money", narrow=False),
        Column(name="collected_cents", label="Collected", kind="money", narrow=False),
        Column(name="left_cents", label="Open", kind="money"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="dispute_status", label="Dispute", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-billed_on",
    filters=(Days("billed", "Billed"),),
    href=lambda row: row.href,
    empty="The ceded share of paid claims is billed here with each statement to reinsurers.",
)
OWED = region(
    "owed", "Open by reinsurer", "No reinsurer owes anything",
    reinsurer="Reinsurer", items="Items|count", oldest="Oldest due|day", cents="Open|money",
    sums=("cents",),
)  # fmt: skip


@require_GET
@allow("ledger.view")
def recoverable_list(request: ConsoleRequest) -> HttpResponse:
    """What reinsurers were asked for, newest first; the sum of what is open by reinsurer."""
    scope, asked, today = request.scope, ask(request, LIST), timezone.now().date()
    known = {row.id: row for row in dues.treaties(scope)}

    def lines(rows: Sequence[RecoverableRow]) -> Iterator[RecoverableLine]:
        claims = claims_by_id(request, {row.claim_id for row in rows})
        return (_line(row, known, claims, today) for row in rows)

    source = dues_source(scope, dues.RECOVERABLES, _where, lines)

    def owed() -> list[OwedByReinsurer]:
        return [
            OwedByReinsurer(row.id, _name(known, row.id), row.items, row.oldest, row.cents,
                            row.currency)
            for row in dues.owed_by_reinsurers(scope)
        ]  # fmt: skip

    return render_list(
        request,
        asked,
        source,
        template="billing/list.html",
        tabs=sections(request),
        summary=summed(OWED, owed, "Billed and not collected, of every treaty."),
    )


def _where(asked: Ask) -> dict[str, Any]:
    span = Span(asked.day("billed_from"), asked.day("billed_to"))
    return {"billed_on": span} if span != Span() else {}


def _name(known: Mapping[str, TreatyRow], participant: str) -> str:
    found = known.get(participant)
    return f"{found.reinsurer}, {found.code}" if found else participant


def _line(
    row: RecoverableRow, known: Mapping[str, TreatyRow], claims: Mapping[str, str], today: Any
) -> RecoverableLine:
    party, claim = known.get(row.participant_id), claims.get(row.claim_id)
    left = row.billed_cents - row.collected_cents
    late = (today - row.due_date).days if left > 0 and row.due_date < today else None
    return RecoverableLine(
        **asdict(row),
        treaty=party.code if party else row.treaty_id,
        reinsurer=party.reinsurer if party else row.participant_id,
        claim=claim,
        left_cents=left,
        days_late=late,
        href=url("claims.detail", claim, tab="books") if claim else "",
    )


urlpatterns = [
    path("billing/reinsurance/recoverables", recoverable_list, name="billing.recoverables"),
]
