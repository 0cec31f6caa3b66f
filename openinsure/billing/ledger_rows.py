"""What the ledger pages show: balances by account type, accounts, transfers, the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from openinsure.billing.reconciling import CAUSE_WORDS
from openinsure.billing.transfer_words import AccountName, account_name, code_words


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBalance:
    """One account type (LOSS_FUND by purpose), cents. balance: on its normal side.

    read_at: the oldest reading of its accounts, None before the first. clearing: not one of the
    nine. latest_transfer_at: when a transfer of it last reached the ledger.
    """

    id: str
    code: int
    account_type: str
    purpose: str
    currency: str
    normal_side: str
    means: str
    clearing: bool
    accounts: int
    debits_posted_cents: int
    credits_posted_cents: int
    debits_pending_cents: int
    credits_pending_cents: int
    balance_cents: int
    latest_transfer_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """One account of the ledger as its table has it."""

    id: str
    tb_account_id: str
    name: str
    account_type: str
    entity_type: str
    entity_id: str
    purpose: str
    currency: str
    normal_side: str
    debits_posted_cents: int
    credits_posted_cents: int
    debits_pending_cents: int
    credits_pending_cents: int
    balance_cents: int
    last_transfer_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAccountRow(StoredAccount):
    """One account of the ledger as last read, every sum integer cents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Transfers the ledger does not have. waiting: queued or unanswered; stuck: refused for good
    or for a person to look at. behind_minutes: age of the oldest that waits, whole minutes."""

    waiting: int
    behind_minutes: int
    stuck: int


@dataclass(frozen=True, slots=True)
class TransferLine:
    """One transfer of the list. number: its id in the ledger."""

    id: str
    number: str
    status: str
    code: int
    amount_cents: int
    currency: str
    debit_account_id: str
    credit_account_id: str
    source_type: str
    source_id: str
    policy_id: str | None
    claim_id: str | None
    queued_at: datetime
    posted_at: datetime | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferDetail:
    """One transfer with the names of what it joins. entry: the number of its journal entry.

    earlier: what the ledger last refused of it, with the id it then had.
    """

    id: str
    number: str
    status: str
    code: int
    amount_cents: int
    currency: str
    debit: str
    debit_type: str
    debit_account_id: str
    credit: str
    credit_type: str
    credit_account_id: str
    source_type: str
    source_id: str
    policy_id: str | None
    claim_id: str | None
    entry_id: str | None
    entry: str | None
    flags: int
    pending_number: str | None
    batch_id: str
    attempts: int
    result: str | None
    earlier: str | None
    engine_time: int | None
    queued_at: datetime
    posted_at: datetime | None

    @property
    def means(self) -> str:
        """Its code in words."""
        return code_words(self.code)

    @property
    def sides(self) -> tuple[AccountName, AccountName]:
        """Debited and credited account."""
        return account_name(self.debit), account_name(self.credit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciledRow:
    """One account type of the newest comparison, or (below a line) one cause or fault. Cents."""

    id: str
    run_id: str
    account_type: str
    gl_code: str | None
    currency: str
    journal_cents: int
    ledger_cents: int
    difference_cents: int
    explained_cents: int
    unexplained_cents: int
    cause: str | None
    status: str
    run_date: date
    run_at: datetime
    entry: str | None
    entry_by: str | None
    transfer: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    note: str | None
    correction: str | None
    stray: str | None

    @property
    def why(self) -> str:
        """Its cause or fault in words, "" for none."""
        return CAUSE_WORDS.get(self.cause or "", "")

    @property
    def purpose(self) -> str:
        """Which of the two loss funds."""
        return {"2500": "unearned", "2510": "claims"}.get(self.gl_code or "", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRun:
    """One comparison. away: it is with the last stored balances. Cents."""

    id: str
    run_date: date
    status: str
    drift_cents: int
    unexplained_cents: int
    currency: str
    finished_at: datetime | None
    away: str | None
