"""Numbers in blocks: one row of organization_settings a kind, locked while a block is taken."""

from __future__ import annotations

import threading
from collections import deque

from django.db import transaction
from django.utils import timezone

from openinsure.keyspaces.ids import new_id
from openinsure.orgs.models import OrganizationSetting
from openinsure.tenancy.scope import Scope

BLOCK = 20  # numbers a process reserves at once; what it does not use is a gap
PREFIXES = {
    "claim": "CLM",
    "submission": "SUB",
    "invoice": "INV",
    "payment": "PAY",
    "account": "ACC",
    "disbursement": "DSB",
    "certificate": "CRT",
    "quote": "QUO",
    "refund": "RFD",
    "bordereau": "BDX",
    "settlement": "STL",
    "policy": "",
}
DIGITS = 6
_held: dict[tuple[str, str], deque[int]] = {}
_lock = threading.Lock()


def reserve(scope: Scope, kind: str, series: str = "") -> str:
    """The next number, e.g. `CLM-ACM-000046` or, in a series, `ACM-2026-001201`.

    Raises KeyError for an unknown kind.
    """
    prefix = PREFIXES[kind]
    with _lock:
        block = _held.setdefault((scope.org_id, kind), deque())
        if not block:
            block.extend(_take(scope, kind))
        number = block.popleft()
    parts = (prefix, _org_prefix(scope), series, f"{number:0{DIGITS}d}")
    return "-".join(part for part in parts if part)


def start(scope: Scope, kind: str, used: int) -> None:
    """Say that numbers up to `used` are taken (demo data, imports)."""
    _row(scope, f"sequence.{kind}", {"next": used + 1})


def name_prefix(scope: Scope, prefix: str) -> None:
    """Set the organisation's letters in its numbers."""
    _row(scope, "number_prefix", {"prefix": prefix})


def _row(scope: Scope, key: str, value: dict[str, object]) -> OrganizationSetting:
    now = timezone.now()
    row, _ = OrganizationSetting.objects.within(scope).get_or_create(
        setting_key=key,
        version=1,
        defaults={
            "id": new_id(),
            "value": value,
            "effective_at": now,
            "created_at": now,
            "updated_at": now,
        },
    )
    found: OrganizationSetting = row
    return found


def _take(scope: Scope, kind: str) -> range:
    with transaction.atomic(using="oi_global"):
        key = f"sequence.{kind}"
        _row(scope, key, {"next": 1})
        row = (
            OrganizationSetting.objects.within(scope)
            .select_for_update()
            .get(setting_key=key, version=1)
        )
        first = int(row.value["next"])
        row.value = {"next": first + BLOCK}
        row.updated_at = timezone.now()
        row.save(update_fields=["value", "updated_at"])
    return range(first, first + BLOCK)


def _org_prefix(scope: Scope) -> str:
    row = _row(scope, "number_prefix", {"prefix": scope.org_id[-3:].upper()})
    value: dict[str, str] = row.value or {}
    return value["prefix"]
