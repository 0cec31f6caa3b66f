"""What waits for a second or third person: one row each, from every part of the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from openinsure.billing.queries.waiting import (
    BORDEREAU,
    COMMISSION,
    COMMISSION_RELEASE,
    DIFFERENCE,
    ENTRY,
    PERIOD,
    REFUND,
    REMITTANCE,
    SETTLEMENT,
    SETTLEMENT_RELEASE,
    WaitingBilling,
    list_waiting,
)
from openinsure.claims.disbursing import list_waiting as waiting_disbursements
from openinsure.console.dates import format_day
from openinsure.console.links import url
from openinsure.console.newest import SIZE
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

    read: its rows behind one of them. of, tell: instead of that, its part of what billing reads.
    """

    name: str
    title: str
    permissions: tuple[str, ...]
    read: Callable[[ConsoleRequest, str], Iterable[Waiting]] = lambda request, after: ()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A kind with a page of its rows. next_href: those behind them, None at the end."""

    kind: Kind
    panel: Panel
    next_href: str | None

    @property
    def mine(self) -> list[Decision]:
        """Rows that wait for the viewer."""
        return [row for row in self.panel.rows if row.mine]

    @property
    def others(self) -> list[Decision]:
        """Rows that the viewer took part in."""
        return [row for row in self.panel.rows if not row.mine]


def disbursements(request: ConsoleRequest, after: str) -> Iterable[Waiting]:
    """Payments to claimants. Two statements: recusals, rows."""
    recused = hidden_from(request)
    for row in waiting_disbursements(request.scope, without=recused, limit=SIZE + 1, after=after):
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


def _settlement(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    what = f"{carrier_name(row.party, codes)}, to {format_day(row.day)}"
    return _two_steps(_of(row, url("billing.settlement", row.number), what, _step(row)))


def _bordereau(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    carrier = carrier_name(row.party, codes)
    what = f"{row.detail.capitalize()}, {carrier}, to {format_day(row.day)}"
    return _of(row, url("billing.bordereau", row.number), what, "Approve")


def _remittance(row: WaitingBilling, codes: OrgCodes) -> Waiting:
    what = f"{row.party} {row.detail.replace('_', ' ')}, to {format_day(row.day)}"
    return replace(_of(row, url("billing.remittance", row.id), what, "Release"), rejectable=True)


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
    return _two_steps(_of(row, url("billing.statement", row.number), what, _step(row)))


def _step(row: WaitingBilling) -> str:
    return "Approve" if row.status == "ready" else "Release"


def _two_steps(told: Waiting) -> Waiting:
    """Its form is that of the first step, whichever waits; either may refuse."""
    return replace(told, kind=told.kind.removesuffix("_release"), rejectable=True)


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
        people=tuple(filter(None, (row.by, row.second))),
    )


APPROVE, RELEASE = ("settlement.approve",), ("settlement.release",)
KINDS = (
    Kind("disbursements", "Disbursements", ("disbursement.approve",), disbursements),
    Kind("settlements", "Settlements to approve", APPROVE, of=SETTLEMENT, tell=_settlement),
    Kind("releases", "Settlements to release", RELEASE, of=SETTLEMENT_RELEASE, tell=_settlement),
    Kind("remittances", "Taxes", RELEASE, of=REMITTANCE, tell=_remittance),
    Kind("bordereaux", "Bordereaux", ("bordereau.approve",), of=BORDEREAU, tell=_bordereau),
    Kind("entries", "Journal entries", ("journal.post",), of=ENTRY, tell=_entry),
    Kind("refunds", "Refunds", ("billing.edit",), of=REFUND, tell=_refund),
    Kind("commissions", "Commissions to approve", APPROVE, of=COMMISSION, tell=_commission),
    Kind("payouts", "Commissions to release", RELEASE, of=COMMISSION_RELEASE, tell=_commission),
    Kind("differences", "Differences", ("ledger.resolve",), of=DIFFERENCE, tell=_difference),
    Kind("periods", "Months to reopen", ("period.reopen",), of=PERIOD, tell=_period),
)


def shown_to(request: ConsoleRequest, *, only: str = "", after: str = "") -> tuple[Shown, ...]:
    """A page of every kind that the viewer may decide, names filled in; none without a permission.

    only: one kind by name, after: behind the row of this id. Raises NotFound if it has no such row.
    """
    assert request.who is not None
    kinds = [
        kind
        for kind in KINDS
        if request.rights.intersection(kind.permissions) and only in ("", kind.name)
    ]
    billing = Panel("empty")
    if parts := [kind.of for kind in kinds if kind.of]:
        wanted = {"only": parts[0], "after": after} if only else {}
        billing = load("Billing", partial(list_waiting, request.scope, limit=SIZE + 1, **wanted))
    read = [
        (kind, _part(request, kind, billing))
        if kind.of
        else (kind, load(kind.title, partial(kind.read, request, after)))
        for kind in kinds
    ]
    ids = {row.by for _, panel in read for row in panel.rows if row.by}
    names = dict(load("People", lambda: user_names(request.scope, ids).items()).rows)
    return tuple(_shown(request, kind, panel, names) for kind, panel in read)


def _shown(request: ConsoleRequest, kind: Kind, panel: Panel, names: Mapping[str, str]) -> Shown:
    assert request.who is not None
    rows = panel.rows[:SIZE]
    more = len(panel.rows) > SIZE
    return Shown(
        kind=kind,
        panel=Panel(panel.state, _decisions(rows, request.who.user_id, names), panel.reason),
        next_href=url("approvals.list", kind=kind.name, after=rows[-1].id) if more else None,
    )


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
