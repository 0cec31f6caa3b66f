"""The ledger number of an organisation: kept in oi_global, so a port that pages connect."""

from __future__ import annotations

from collections.abc import Callable

from openinsure.problems import Unavailable
from openinsure.tenancy.scope import Scope

Reader = Callable[[Scope], int]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Pages register the one reader at start; it answers 1000 n + ISO 4217 number."""
    _readers[:] = [reader]


def ledger_number(scope: Scope) -> int:
    """The number of the scope's organisation, in its default currency.

    Raises Unavailable when oi_global is away: an account is never opened in a guessed ledger.
    """
    if not _readers:
        raise Unavailable("The ledger of this organization is not known now. Try again soon.")
    return _readers[0](scope)
