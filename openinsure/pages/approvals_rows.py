"""What waits for a second or third person: one row each, from every part of the console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from openinsure.billing.queries import dues, settling
from openinsure.claims.disbursing import list_waiting
from openinsure.console.links import url
from openinsure.console.panels import Panel, load
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import org_codes
from openinsure.orgs.diary import user_names
from openinsure.pages.claim_people import hidden_from
from openinsure.pages.settling import carrier_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One decision. people: who took part already and cannot take it; by: whose wish it is.

    act: the word on the button. rejectable: it may be refused here, with a reason.
    """

    id: str
    kind: str
    number: str
    href: str
    what: str
    amount_cents: int
    currency: str
    by: str | None
    since: datetime
    status: str
    act: str
    rejectable: bool
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of decision. permissions: any of them shows it."""

    name: str
    title: str
    permissions: tuple[str, ...]
    read: Callable[[ConsoleRequest], Iterable[Waiting]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A row as the viewer sees it. mine: waits for the viewer; else for others."""

    id: str
    kind: str
    number: str
    href: str
    what: str
    amount_cents: int
    currency: str
    by: str | None
    since: datetime
    status: str
    act: str
    rejectable: bool
    mine: bool


def disbursements(request: ConsoleRequest) -> Iterable[Waiting]:
    """Payments to claimants. Two statements: recusals, rows."""
    for row in list_waiting(request.scope, without=hidden_from(request)):
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
            what=f"To {carrier_name(row.carrier_id, codes)}, period to {row.period_end:%Y-%m-%d}",
            amount_cents=row.net_due_cents,
            currency=row.currency,
            by=row.author_user_id,
            since=row.drawn_up if ready else row.approved_at or row.drawn_up,
            status=row.status,
            act="Approve" if ready else "Release",
            rejectable=True,
            people=tuple(filter(None, (row.author_user_id, row.approved_by_user_id))),
        )


def bordereaux(request: ConsoleRequest) -> Iterable[Waiting]:
    """Bordereaux to approve. One statement."""
    codes = org_codes(request.scope)
    for row in settling.waiting_bordereaux(request.scope):
        premium = row.kind == "premium"
        yield Waiting(
            id=row.id,
            kind="bordereau",
            number=row.number,
            href=url("billing.bordereau", row.number),
            what=f"{row.kind.capitalize()} to {carrier_name(row.carrier_id, codes)}",
            amount_cents=row.net_to_carrier_cents if premium else row.paid_claims_cents,
            currency=row.currency,
            by=row.author_user_id,
            since=row.generated_at or row.updated,
            status=row.status,
            act="Approve",
            rejectable=False,
            people=tuple(filter(None, (row.author_user_id,))),
        )


def remittances(request: ConsoleRequest) -> Iterable[Waiting]:
    """Taxes to release. One statement."""
    for row in dues.waiting_remittances(request.scope):
        yield Waiting(
            id=row.id,
            kind="remittance",
            number=row.number,
            href=url("billing.remittance", row.id),
            what=f"{row.state} {row.tax_code.replace('_', ' ')} to {row.period_end:%Y-%m-%d}",
            amount_cents=row.amount_cents,
            currency=row.currency,
            by=row.author_user_id,
            since=row.drawn_up,
            status=row.status,
            act="Release",
            rejectable=False,
            people=tuple(filter(None, (row.author_user_id,))),
        )


KINDS = (
    Kind("disbursements", "Disbursements", ("disbursement.approve",), disbursements),
    Kind("settlements", "Settlements", ("settlement.approve", "settlement.release"), settlements),
    Kind("remittances", "Taxes", ("settlement.release",), remittances),
    Kind("bordereaux", "Bordereaux", ("bordereau.approve",), bordereaux),
)


def panels_of(request: ConsoleRequest) -> dict[str, Panel]:
    """Every kind that the viewer may decide, names filled in; none without a permission."""
    assert request.who is not None
    read = {
        kind.name: load(kind.title, partial(kind.read, request))
        for kind in KINDS
        if request.rights.intersection(kind.permissions)
    }
    ids = {row.by for panel in read.values() for row in panel.rows if row.by}
    names = dict(load("People", lambda: user_names(request.scope, ids).items()).rows)
    viewer = request.who.user_id
    return {
        name: Panel(panel.state, _decisions(panel.rows, viewer, names), panel.reason)
        for name, panel in read.items()
    }


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
            rejectable=row.rejectable,
            mine=viewer not in row.people,
        )
        for row in rows
    )
