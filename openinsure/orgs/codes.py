"""Codes of programs, producers and carriers: rows hold ids, people read codes.

Kept for a minute per process and organisation, so that no list asks for them again and again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any

from openinsure.orgs.models import PlatformCarrier, Producer, Program
from openinsure.tenancy.scope import Scope

KEPT_S = 60
ORGANISATIONS_MAX = 500
ROWS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Coded:
    """One object by its id: the code people use, and its name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OrgCodes:
    """id -> Coded, of one organisation; carriers by NAIC code."""

    programs: Mapping[str, Coded] = field(default_factory=dict)
    producers: Mapping[str, Coded] = field(default_factory=dict)
    carriers: Mapping[str, Coded] = field(default_factory=dict)


_kept: dict[str, tuple[float, OrgCodes]] = {}
_lock = Lock()


def org_codes(scope: Scope) -> OrgCodes:
    """The codes of the scope's organisation, at most KEPT_S seconds old.

    Three statements on oi_global when they are not held.
    """
    held = _kept.get(scope.org_id)
    if held is not None and monotonic() - held[0] < KEPT_S:
        return held[1]
    programs = Program.objects.within(scope).values_list("id", "code", "name")
    producers = Producer.objects.within(scope).values_list("id", "code", "agency_name")
    carriers = PlatformCarrier.objects.values_list("id", "naic_code", "legal_name")
    codes = OrgCodes(_coded(programs), _coded(producers), _coded(carriers))
    with _lock:
        if len(_kept) >= ORGANISATIONS_MAX:
            _kept.clear()
        _kept[scope.org_id] = (monotonic(), codes)
    return codes


def forget(org_id: str) -> None:
    """Read the codes of an organisation anew, after they were changed."""
    _kept.pop(org_id, None)


def _coded(rows: Any) -> dict[str, Coded]:
    return {key: Coded(code, name) for key, code, name in rows.order_by("id")[:ROWS_MAX]}
