"""Short words for the ledger suites: a fresh ledger number, accounts, transfers, statuses."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from openinsure.ledger.port import Account, AccountFlags, Adapter, Transfer, TransferFlags

T, A = TransferFlags, AccountFlags
DEADLINE_MS = 10_000


@dataclass(slots=True)
class Bench:
    """One adapter and ids nobody else uses."""

    adapter: Adapter
    ledger: int = field(default_factory=lambda: 1000 * secrets.randbelow(2_000_000) + 1840)

    def account(self, flags: A = A.NONE, **changes: Any) -> int:
        """Open one; its id."""
        made = Account(
            **{"id": fresh(), "ledger": self.ledger, "code": 102, "flags": flags, **changes}
        )
        assert self.accounts(made) == ["CREATED"]
        return made.id

    def funded(self, amount: int, flags: A = A.NONE) -> int:
        """An account with this much credited."""
        made = self.account(flags)
        assert self.move(self.account(), made, amount) == "CREATED"
        return made

    def transfer(self, debit: int, credit: int, amount: int, **changes: Any) -> Transfer:
        """A request."""
        values = {
            "id": fresh(),
            "debit_account_id": debit,
            "credit_account_id": credit,
            "amount": amount,
            "ledger": self.ledger,
            "code": 1901,
        }
        return Transfer(**{**values, **changes})

    def move(self, debit: int, credit: int, amount: int, **changes: Any) -> str:
        """Send one; its status."""
        return self.send(self.transfer(debit, credit, amount, **changes))[0]

    def send(self, *events: Transfer) -> list[str]:
        """Send a batch; statuses."""
        done = self.adapter.create_transfers(events, deadline_ms=DEADLINE_MS)
        return [one.status for one in done]

    def accounts(self, *events: Account) -> list[str]:
        """Open a batch; statuses."""
        return [one.status for one in self.adapter.create_accounts(events, deadline_ms=DEADLINE_MS)]

    def sums(self, account_id: int) -> tuple[int, int, int, int]:
        """Debits pending, posted, credits pending, posted."""
        found = self.read(account_id)
        return (
            found.debits_pending,
            found.debits_posted,
            found.credits_pending,
            found.credits_posted,
        )

    def read(self, account_id: int) -> Account:
        """The account."""
        (found,) = self.adapter.lookup_accounts([account_id], deadline_ms=DEADLINE_MS)
        return found

    def kept(self, transfer_id: int) -> Transfer:
        """The transfer as recorded."""
        (found,) = self.adapter.lookup_transfers([transfer_id], deadline_ms=DEADLINE_MS)
        return found


def fresh() -> int:
    """An id nobody else uses."""
    return secrets.randbits(120) + 1
