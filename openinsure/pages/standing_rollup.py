"""The roll-up policy_standing: what changed in billing and claims since the last time.

Cut into chunks, each replaced in one transaction of oi_console; the list orders by these rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction

from openinsure.billing import counts as billing
from openinsure.claims import counts as claims
from openinsure.pages.models import OrgFigure, PolicyStanding
from openinsure.tenancy.scope import Scope

NAME = "standing"
OVERLAP = timedelta(minutes=5)  # a change may commit later than the time it carries
CHUNK_ROWS = 1_000


def refresh_org(scope: Scope, *, at: datetime) -> int:
    """Take up what changed since the last refresh of the organisation entered; how many rows."""
    since = _last(scope)
    taken = 0
    for owed in billing.owed_since(scope, since):
        _replace(scope, {row.policy_id: row for row in owed}, at)
        taken += len(owed)
    for ids in _chunks(claims.policies_with_changes(scope, since)):
        _replace(scope, dict.fromkeys(ids), at)
        taken += len(ids)
    return taken


def _last(scope: Scope) -> datetime | None:
    rows = OrgFigure.objects.within(scope).filter(name=NAME).values_list("read_at", flat=True)
    last: datetime | None = rows.first()
    return last - OVERLAP if last else None


def _replace(scope: Scope, owed: dict[str, billing.Owed | None], at: datetime) -> None:
    """Write these policies' rows anew; one without news from billing keeps what it owed."""
    open_claims = claims.open_by_policy(scope, owed)
    rows = PolicyStanding.objects.within(scope).filter(policy_id__in=sorted(owed))
    with transaction.atomic():
        kept = {
            key: (balance, late)
            for key, balance, late in rows.values_list(
                "policy_id", "balance_cents", "past_due_cents"
            )
        }
        rows.delete()
        made = []
        for key, news in owed.items():
            before = kept.get(key, (0, 0))
            balance, late = (news.balance_cents, news.past_due_cents) if news else before
            made.append(
                PolicyStanding(
                    org_id=scope.org_id,
                    policy_id=key,
                    balance_cents=balance,
                    past_due_cents=late,
                    open_claims=open_claims.get(key, 0),
                    read_at=at,
                )
            )
        PolicyStanding.objects.bulk_create(made)


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(ids)
    while chunk := list(islice(left, CHUNK_ROWS)):
        yield chunk
