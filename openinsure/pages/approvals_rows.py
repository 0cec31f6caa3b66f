"""What waits for a second or third person: one row each, from every part of the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from openinsure.billing.queries import settling
from openinsure.billing.queries.waiting import (
    BORDEREAU,
    COMMISSION,
    DIFFERENCE,
    ENTRY,
    PERIOD,
    REFUND,
    REMITTANCE,
    WaitingBilling,
    list_waiting,
)
from openinsure.claims.disbursing import list_waiting as waiting_disbursements
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.panels import Panel, load
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import OrgCodes, org_codes
from openinsure.orgs.diary import user_names
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.settling import carrier_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One decision. people: who took part already and cannot take it; by: whose wish it is.

    act: the word on the button. form: where that step is taken, "" for here. rejectable: it may
    be refused here, with a reason. amount_cents: None where no money is decided.
    """

    id: str
    kind: str
    number: str
    href: str
    what: str
    amount_cents: int | None
    currency: str
    by: str | None
    since: datetime
    status: str
    act: str
    rejectable: bool
    form: str = ""
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of decision. permissions: any of them shows it.

    read: its rows. of, tell: instead of that, its part of what billing reads in one statement.
    """

    name: str
    title: str
    permissions: tuple[str, ...]
    read: Callable[[ConsoleRequest], Iterable[Waiting]] = lambda request: ()
    of: str = ""
    tell: Callable[[WaitingBilling, OrgCodes], Waiting] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A row as the viewer sees it. mine: waits for the viewer; else for others."""

    id: str
    kind: str
    number: str
    href: str
    what: str
    amount_cents: int | None
    currency: str
    by: str | None
    since: datetime
    status: str
    act: str
    form: str
    rejectable: bool
    mine: bool


def disbursements(request: ConsoleRequest) -> Iterable[Waiting]:
    """Payments to claimants. Two statements: recusals, rows."""
    for row in waiting_disbursements(request.scope, without=hidden_from(request)):
        yield Waiting(
            id=row.id,
            kind="disbursement",
            number=row.number,
            href=url("claims.disbursement", row.number),
            what=f"To {row.payee}",
            amount_cents=row.amount_cents,
            currency=row.currency,
            by=row.requested_by,
            since=row.since,
            status="pending_approval",
            act="Approve",
            rejectable=True,
            people=tuple(filter(None, (row.requested_by, row.first_approver))),
        )


def settlements(request: ConsoleRequest) -> Iterable[Waiting]:
    """Settlements to approve or to release. One statement."""
    codes = org_codes(request.scope)
    for row in settling.waiting_settlements(request.scope):
        ready = row.status == "ready"
        wanted = "settlement.approve" if ready else "settlement.release"
        if wanted not in request.rights:
            continue
        yield Waiting(
            id=row.id,
            kind="settlement",
            number=row.number,
            href=url("billing.settlement", row.number),
            what=f"{carrier_name(row.carrier_id, codes)}, to {format_day(row.period_end)}",
            amount_cents=row.net_due_cents,
            currency=row.currency,
            by=row.author_user_id,
            since=row.drawn_up if ready else row.approved_at or row.drawn_up,
            status=row.status,
            act="Approve" if ready else "Release",
            rejectable=True,
            people=tuple(filter(None, (row.author_user_id, row.approved_by_user_id))),
        )


def _bordereau(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    carrier = carrier_name(row.party, codes)
    what = f"{row.detail.capitalize()}, {carrier}, to {format_day(row.day)}"
    return _of(row, url("billing.bordereau", row.number), what, "Approve")


def _remittance(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    what = f"{row.party} {row.detail.replace('_', ' ')}, to {format_day(row.day)}"
    return _of(row, url("billing.remittance", row.id), what, "Release")


def _period(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    form = url("ledger.reopen_period", row.number)
    return _of(row, url("ledger.period", row.number), row.detail, "Reopen", form)


def _difference(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    what = f"{row.why}, compared {format_day(row.day)}"
    href = url("ledger.difference", row.id)
    return _of(row, href, what, "Resolve", url("ledger.resolve", row.id))


def _entry(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    what = f"{format_day(row.day)}: {row.detail}. {row.party}"
    return replace(_of(row, url("ledger.journal"), what, "Approve"), rejectable=True)


def _refund(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    form = url("billing.approve_refund", row.number, row.id)
    href = url("billing.account", row.number, tab="holds")
    return _of(row, href, f"Due {format_day(row.day)}", "Approve", form)


def _commission(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    producer = codes.producers.get(row.party)
    what = f"{producer.name if producer else row.party}, to {format_day(row.day)}"
    act = "Approve" if row.status == "ready" else "Release"
    told = _of(row, url("billing.statement", row.number), what, act)
    people = tuple(filter(None, (row.by, row.detail)))
    return replace(told, rejectable=True, people=people)


def _of(row: WaitingBilling, href: str, what: str, act: str, form: str = "") -> Waiting:
    return Waiting(
        id=row.id,
        kind=row.kind,
        number=row.name,
        href=href,
        what=what,
        amount_cents=None if row.kind == PERIOD else row.cents,
        currency=row.currency,
        by=row.by,
        since=row.since,
        status=row.status,
        act=act,
        form=form,
        rejectable=False,
        people=tuple(filter(None, (row.by,))),
    )


KINDS = (
    Kind("disbursements", "Disbursements", ("disbursement.approve",), disbursements),
    Kind("settlements", "Settlements", ("settlement.approve", "settlement.release"), settlements),
    Kind("remittances", "Taxes", ("settlement.release",), of=REMITTANCE, tell=_remittance),
    Kind("bordereaux", "Bordereaux", ("bordereau.approve",), of=BORDEREAU, tell=_bordereau),
    Kind("entries", "Journal entries", ("journal.post",), of=ENTRY, tell=_entry),
    Kind("refunds", "Refunds", ("billing.edit",), of=REFUND, tell=_refund),
    Kind(
        "commissions",
        "Commissions",
        ("settlement.approve", "settlement.release"),
        of=COMMISSION,
        tell=_commission,
    ),
    Kind("differences", "Differences", ("ledger.resolve",), of=DIFFERENCE, tell=_difference),
    Kind("periods", "Months to reopen", ("period.reopen",), of=PERIOD, tell=_period),
)


def panels_of(request: ConsoleRequest) -> dict[str, Panel]:
    """Every kind that the viewer may decide, names filled in; none without a permission."""
    assert request.who is not None
    shown = [kind for kind in KINDS if request.rights.intersection(kind.permissions)]
    billing = Panel("empty")
    if any(kind.of for kind in shown):
        billing = load("Billing", partial(list_waiting, request.scope))
    read = {
        kind.name: _part(request, kind, billing)
        if kind.of
        else load(kind.title, partial(kind.read, request))
        for kind in shown
    }
    ids = {row.by for panel in read.values() for row in panel.rows if row.by}
    names = dict(load("People", lambda: user_names(request.scope, ids).items()).rows)
    viewer = request.who.user_id
    return {
        name: Panel(panel.state, _decisions(panel.rows, viewer, names), panel.reason)
        for name, panel in read.items()
    }


def _part(request: ConsoleRequest, kind: Kind, billing: Panel) -> Panel:
    """The rows of one kind out of what billing has waiting."""
    codes = org_codes(request.scope)
    assert kind.tell is not None
    rows = tuple(kind.tell(row, codes) for row in billing.rows if row.kind == kind.of)
    state = billing.state if billing.state == "unavailable" else "ok" if rows else "empty"
    return Panel(state, rows, billing.reason)


def _decisions(
    rows: Iterable[Waiting], viewer: str, names: Mapping[str, str]
) -> tuple[Decision, ...]:
    return tuple(
        Decision(
            id=row.id,
            kind=row.kind,
            number=row.number,
            href=row.href,
            what=row.what,
            amount_cents=row.amount_cents,
            currency=row.currency,
            by=names.get(row.by or "") or ("the job" if row.by is None else None),
            since=row.since,
            status=row.status,
            act=row.act,
            form=row.form,
            rejectable=row.rejectable,
            mine=viewer not in row.people,
        )
        for row in rows
    )
