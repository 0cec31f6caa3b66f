"""The next number of a kind ("CLM-ACM-000046"): a port, because every app needs one and the
counters live in oi_global (organization_settings rows `sequence.<kind>`, decisions.md 21).

Blocks are reserved, so numbers may have gaps and never repeat. `orgs` registers the reserver.
"""

from __future__ import annotations

from collections.abc import Callable

from openinsure.problems import Unavailable
from openinsure.tenancy.scope import Scope

Reserver = Callable[[Scope, str, str], str]
_reservers: list[Reserver] = []


def register(reserver: Reserver) -> None:
    """`orgs` registers the one reserver at start."""
    _reservers[:] = [reserver]


def next_number(scope: Scope, kind: str, *, series: str = "") -> str:
    """The next number of a kind: claim, invoice, payment, submission, disbursement, policy ...

    series: stands inside it and starts no new count (the year in ACM-2026-000124).
    Raises Unavailable when oi_global is away: nothing is numbered by guessing.
    """
    if not _reservers:
        raise Unavailable("Numbers cannot be given now. Try again in a minute.")
    return _reservers[0](scope, kind, series)
