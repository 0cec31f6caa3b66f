"""The time zones of policies: a loss happened on a day there, not in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from openinsure.policies.models import Policy
from openinsure.tenancy.scope import Scope


def zones_of(scope: Scope, policy_ids: Iterable[str]) -> dict[str, ZoneInfo]:
    """Policy id -> its zone; unknown and foreign ids are absent. One statement on oi_policies."""
    wanted = sorted(set(policy_ids))
    if not wanted:
        return {}
    rows = Policy.objects.within(scope).filter(id__in=wanted).values_list("id", "timezone")
    return {key: ZoneInfo(name) for key, name in rows}
