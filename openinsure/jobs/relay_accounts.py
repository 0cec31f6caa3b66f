"""What the ledger is told of a batch: accounts, opened before anything names them, and moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from openinsure.billing.models import LedgerAccount
from openinsure.billing.operations import outbox
from openinsure.billing.operations.outbox import Chain
from openinsure.ledger import accounts, ids
from openinsure.ledger.port import OrgLedger, Result, Transfer, TransferFlags
from openinsure.tenancy.scope import Scope


@dataclass(slots=True)
class Accounts:
    """What one relay learned of accounts, by row id. foreign: status of those held differently."""

    rows: dict[str, LedgerAccount] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)

    def learn(self, scope: Scope, ledger: OrgLedger, chains: Sequence[Chain]) -> None:
        """Read those that are new here, and open in the ledger those it never had."""
        wanted = _named(chains) - self.rows.keys()
        if not wanted:
            return
        rows = outbox.accounts_of(scope, wanted)
        self.foreign |= _open_accounts(ledger, list(rows.values()))
        self.numbers |= {key: ids.number(row.tb_account_id) for key, row in rows.items()}
        self.rows |= rows

    def apart(
        self, chains: Sequence[Chain]
    ) -> tuple[list[Chain], list[tuple[Chain, list[Result]]]]:
        """The chains that may go; those that name an account the ledger holds differently, with
        what that makes of their rows.
        """
        if not self.foreign:
            return list(chains), []
        may, may_not = [], []
        for chain in chains:
            if _named([chain]) & self.foreign.keys():
                told = [self.foreign.get(row.debit_account_id, "ACCOUNT_DIFFERS") for row in chain]
                may_not.append((chain, [Result(status) for status in told]))
            else:
                may.append(chain)
        return may, may_not

    def moved(self, chains: Sequence[Chain]) -> dict[int, LedgerAccount]:
        """The accounts that these move, by the engine's id."""
        return {self.numbers[key]: self.rows[key] for key in _named(chains)}

    def events(self, chains: Sequence[Chain]) -> list[Transfer]:
        """What the ledger is told, chain after chain."""
        numbers, rows = self.numbers, self.rows
        flags: dict[int, TransferFlags] = {}  # an IntFlag costs more to make than the rest of a row
        events = []
        for chain in chains:
            for row in chain:
                flag = flags.get(row.tb_flags)
                if flag is None:
                    flag = flags[row.tb_flags] = TransferFlags(row.tb_flags)
                pending = row.pending_transfer_id
                events.append(Transfer(
                    id=ids.number(row.tb_transfer_id),
                    debit_account_id=numbers[row.debit_account_id],
                    credit_account_id=numbers[row.credit_account_id],
                    amount=row.amount_cents,
                    pending_id=ids.number(pending) if pending else 0,
                    user_data_128=ids.of_uuid(row.policy_id or row.claim_id),
                    ledger=rows[row.debit_account_id].ledger_code,
                    code=row.transfer_code,
                    flags=flag,
                ))  # fmt: skip
        return events


def _open_accounts(ledger: OrgLedger, rows: Sequence[LedgerAccount]) -> dict[str, str]:
    """Open those never seen in the ledger; row id -> status of those it holds differently."""
    fresh = [row for row in rows if row.last_synced_at is None]
    if not fresh:
        return {}
    told = ledger.create_accounts(
        [
            accounts.requested(
                tb_account_id=row.tb_account_id,
                ledger_code=row.ledger_code,
                tb_code=row.tb_code,
                tb_flags=row.tb_flags,
                entity_id=row.entity_id,
            )
            for row in fresh
        ]
    )
    pairs = zip(fresh, told, strict=True)
    return {row.id: result.status for row, result in pairs if not result.done}


def _named(chains: Sequence[Chain]) -> set[str]:
    named = {row.debit_account_id for chain in chains for row in chain}
    named.update(row.credit_account_id for chain in chains for row in chain)
    return named
