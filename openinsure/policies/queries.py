"""Reads of oi_policies: lists of terms, one policy on a date, what hangs on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from openinsure.policies import in_force
from openinsure.policies.filters import PolicyFilter
from openinsure.policies.models import (
    Cancellation,
    Nonrenewal,
    Policy,
    PolicyTransaction,
    Reinstatement,
)
from openinsure.policies.rows import PolicyOnDate, PolicyRow, PolicyTerm, Refusal, TermRow
from openinsure.policies.streams import CANCELLATION, Written, standing
from openinsure.problems import NotFound
from openinsure.tenancy.listing import (
    Count,
    ListSpec,
    Page,
    Position,
    Sort,
    count_rows,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, read_together, reading

LIST_COLUMNS = {
    "number": "policy_number",
    "term": "term_number",
    "insured": "insured_name",
    "effective": "effective_date",
    "expires": "expiration_date",
    "premium_cents": "written_premium_cents",
    "updated": "updated_at",
}
POLICIES = ListSpec(
    model=Policy,
    row=PolicyRow,
    columns=LIST_COLUMNS,
    sorts={
        "updated": Sort(
            "updated_at",
            "policies_org_updated_id",
            within={
                "status": "policies_org_status_updated_id",
                "program_id": "policies_org_program_updated_id",
                "producer_id": "policies_org_producer_updated_id",
                "state": "policies_org_state_updated_id",
            },
        ),
        "effective": Sort(
            "effective_date",
            "policies_org_effective_id",
            within={"status": "policies_org_status_effective_id"},
        ),
        "expires": Sort(
            "expiration_date",
            "policies_org_expiration_id",
            within={"status": "policies_org_status_expiration_id"},
        ),
        "number": Sort("policy_number", "policies_org_policy_number_id"),
        "insured": Sort("insured_name_norm", "policies_org_insured_name_id"),
        "premium_cents": Sort("written_premium_cents", "policies_org_written_premium_id"),
    },
)
TERM_COLUMNS = LIST_COLUMNS | {
    "bound_at": "bound_at",
    "cancellation_effective": "cancellation_effective_date",
    "updated_at": "updated_at",
}
# No carrier writes that many annual terms under one number.
TERMS_MAX = 100
# Cancellations that did not stand, or never took effect.
UNDONE = ("rescinded", "withdrawn", "void")
Rows = Iterable[Any]


def list_policies(
    scope: Scope,
    wanted: PolicyFilter,
    *,
    sort: str = "updated",
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[PolicyRow]:
    """At most `size` terms. One statement on oi_policies; a combination no index serves, two."""
    return list_page(
        scope, POLICIES, where=wanted.where, sort=sort, descending=descending, at=at, size=size
    )


def count_policies(scope: Scope, wanted: PolicyFilter, *, sort: str) -> Count:
    """How many terms match, counted to 1,000. One statement."""
    return count_rows(scope, POLICIES, where=wanted.where, sort=sort)


def policies_by_id(
    scope: Scope, ids: Iterable[str], wanted: PolicyFilter | None = None
) -> dict[str, PolicyRow]:
    """Rows of these ids that match, by id; what is not of the organisation is absent.

    One statement.
    """
    return rows_by_key(scope, POLICIES, ids, where=wanted.where if wanted else None)


def get_row(scope: Scope, policy_id: str) -> PolicyRow:
    """One term by id. Raises NotFound, for another organisation's id too."""
    row = policies_by_id(scope, [policy_id]).get(policy_id)
    if row is None:
        raise NotFound("policy")
    return row


def get_policy(
    scope: Scope, number: str, *, now: datetime, as_of: date | None = None, term: int | None = None
) -> PolicyOnDate:
    """The term in force on `as_of`, else the next, else the last; `term` overrides.

    as_of: by default today in the policy's own time zone. Raises NotFound for an unknown number
    or term, another organisation's number included. Two statements.
    """
    found = Policy.objects.within(scope).filter(policy_number=number)
    columns = [TERM_COLUMNS.get(name, name) for name in PolicyTerm.__slots__]
    terms = [
        _term(values)
        for values in found.order_by("term_number", "id").values_list(*columns)[:TERMS_MAX]
    ]
    if not terms:
        raise NotFound("policy", number)
    on = as_of or now.astimezone(ZoneInfo(terms[-1].timezone)).date()
    chosen = _numbered(terms, number, term) if term is not None else _on(terms, on)
    endings, movements, refusal = _history(scope, chosen)
    return PolicyOnDate(
        policy=chosen,
        terms=tuple(TermRow(t.id, t.term, t.status, t.effective, t.expires) for t in terms),
        in_force=in_force.in_force(
            on=on,
            effective=chosen.effective,
            expires=chosen.expires,
            bound=chosen.bound_at is not None,
            endings=endings,
        ),
        earned=in_force.earned(
            on=on,
            expires=chosen.expires,
            movements=movements,
            cancelled=chosen.cancellation_effective,
        ),
        refusal=refusal,
    )


def _term(values: tuple[Any, ...]) -> PolicyTerm:
    row = dict(zip(PolicyTerm.__slots__, values, strict=True))
    row["admitted"] = bool(row["admitted"])
    row["producer_commission_rate"] = str(row["producer_commission_rate"])
    return PolicyTerm(**row)


def _numbered(terms: list[PolicyTerm], number: str, term: int) -> PolicyTerm:
    for candidate in terms:
        if candidate.term == term:
            return candidate
    raise NotFound("policy", f"{number} term {term}")


def _on(terms: list[PolicyTerm], on: date) -> PolicyTerm:
    """In force on the date, else the next to come, else the last."""
    for candidate in reversed(terms):
        if candidate.effective <= on < candidate.expires:
            return candidate
    coming = [candidate for candidate in terms if candidate.effective > on]
    return coming[0] if coming else terms[-1]


def _history(
    scope: Scope, term: PolicyTerm
) -> tuple[list[in_force.Ending], list[in_force.Movement], Refusal | None]:
    """Cancellations that stand, each with the day coverage came back, written premium, and the
    decision not to renew. One statement.
    """
    cancelled = (
        Cancellation.objects.within(scope)
        .filter(policy_id=term.id, rescinded_at__isnull=True)
        .exclude(status__in=UNDONE)
        .values_list("id", "effective_date", "status")
    )
    back = (
        Reinstatement.objects.within(scope)
        .filter(policy_id=term.id, status__in=("effective", "approved", "bound"))
        .values_list("cancellation_id", "effective_date")
    )
    written = (
        PolicyTransaction.objects.within(scope)
        .filter(policy_id=term.id)
        .values_list("transaction_no", "id", "effective_date", "written_premium_cents",
                     "transaction_type")
    )  # fmt: skip
    refused = Nonrenewal.objects.within(scope).filter(policy_id=term.id).exclude(status__in=UNDONE)
    told = refused.values_list(
        "status", "effective_date", "notice_mailed_at", "notice_days", "notice_due_date"
    )
    endings, movements, refusals = read_together([
        Reading((cancelled, back), _endings),
        Reading((written,), _movements),
        reading(told, lambda status, on, at, days, due: Refusal(
            status, on, at and at.astimezone(ZoneInfo(term.timezone)).date(), days, due
        )),
    ])  # fmt: skip
    return list(endings), list(movements), refusals[0] if refusals else None


def _endings(cancelled: Rows, back: Rows) -> list[in_force.Ending]:
    reinstated: dict[str, date] = dict(back)
    return [
        in_force.Ending(day, pending=word != "effective", reinstated=reinstated.get(key))
        for key, day, word in sorted(cancelled, key=itemgetter(0))
    ]


def _movements(written: Rows) -> list[in_force.Movement]:
    rows = sorted(written, key=itemgetter(0, 1))
    moves = standing(Written(day, cents, word) for _, _, day, cents, word in rows)
    return [
        in_force.Movement(one.effective, one.cents, one.kind == CANCELLATION, one.lapsed)
        for one in moves
    ]
