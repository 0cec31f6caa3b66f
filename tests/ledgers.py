"""Stopping the ledger for a while: it answers nothing, as a server that is down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from openinsure.ledger.embedded import EmbeddedLedger
from openinsure.ledger.port import LedgerAway

Away = Callable[[], AbstractContextManager[None]]
CALLS = (
    "create_accounts", "create_transfers", "lookup_accounts", "lookup_transfers",
    "account_transfers", "account_balances",
)  # fmt: skip


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Away:
    """`with away(): ...` stops the ledger."""

    def stopped(*args: Any, **kwargs: Any) -> None:
        raise LedgerAway("stopped")

    @contextmanager
    def inside() -> Iterator[None]:
        with monkeypatch.context() as patch:
            for name in CALLS:
                patch.setattr(EmbeddedLedger, name, stopped)
            yield

    return inside
