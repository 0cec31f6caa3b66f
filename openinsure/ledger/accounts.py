"""The nine account types of an organisation and the two clearing ones (requirement 000).

Flags are immutable in the engine; `HISTORY` is on everywhere, because without it the balance
history is empty and no error says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openinsure.ledger import ids
from openinsure.ledger.port import Account, AccountFlags

Side = Literal["D", "C"]
FUND = AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS
CASH = AccountFlags.CREDITS_MUST_NOT_EXCEED_DEBITS


@dataclass(frozen=True, slots=True)
class AccountType:
    """One kind of account. entity: what its accounts are keyed by; limit: its engine's rule."""

    name: str
    code: int
    side: Side
    entity: str
    means: str
    limit: AccountFlags = AccountFlags.NONE
    sub_purpose: str = ""
    clearing: bool = False

    @property
    def flags(self) -> AccountFlags:
        """What the account is opened with."""
        return self.limit | AccountFlags.HISTORY


TYPES: tuple[AccountType, ...] = (
    AccountType("MGA_FIDUCIARY", 101, "D", "trust_account", "cash in trust", CASH),
    AccountType("CARRIER_PAYABLE", 102, "C", "carrier", "earned net premium owed"),
    AccountType("PRODUCER_PAYABLE", 103, "C", "producer", "commission owed"),
    AccountType("MGA_REVENUE", 104, "C", "org", "commission and fees not yet swept"),
    AccountType("TAX_AUTHORITY_PAYABLE", 105, "C", "tax", "tax and stamping fee held"),
    AccountType("REINSURER_PAYABLE", 106, "C", "treaty_participant", "ceded share held"),
    AccountType("LOSS_FUND", 107, "C", "program", "carrier share unearned", FUND, "unearned"),
    AccountType("LOSS_FUND", 107, "C", "program", "claims money", sub_purpose="claims"),
    AccountType("RESERVES", 108, "C", "claim", "case reserves", FUND),
    AccountType("CLAIMS_PAID", 109, "D", "claim", "paid net of recoveries, to date"),
    AccountType("EXTERNAL_PAYOUT", 190, "C", "payee", "payouts in transit", clearing=True),
    AccountType("SUSPENSE", 191, "C", "org", "open suspense items", FUND, clearing=True),
)


def requested(
    *, tb_account_id: str, ledger_code: int, tb_code: int, tb_flags: int, entity_id: str
) -> Account:
    """The engine's account of a `ledger_accounts` row. entity_id goes along as user data."""
    return Account(
        id=ids.number(tb_account_id),
        ledger=ledger_code,
        code=tb_code,
        flags=AccountFlags(tb_flags),
        user_data_128=_entity(entity_id),
    )


def _entity(entity_id: str) -> int:
    try:
        return ids.of_uuid(entity_id)
    except ValueError:  # a state and tax code, not a UUID
        return 0
