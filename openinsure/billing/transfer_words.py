"""Transfer codes in words, and the three parts of a ledger account's name (domain.md 5.1, 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

CODES: Mapping[int, str] = {
    1001: "Producer commission",
    1002: "MGA commission",
    1003: "Fee",
    1004: "Tax",
    1005: "Ceded to reinsurers",
    1006: "Carrier share",
    1007: "Not applied yet",
    1101: "Earned premium",
    1102: "Earned premium, back",
    1201: "Reserve up",
    1202: "Reserve down",
    1203: "Claim paid",
    1204: "Recovery",
    1301: "Payout authorized",
    1302: "Payout confirmed",
    1401: "Refund",
    1402: "Reversal",
    1501: "Fund deposit",
    1901: "Correction",
}


class AccountName(NamedTuple):
    """`producer:<id>:PRODUCER_PAYABLE`: whose account it is, and its type."""

    entity_type: str
    entity_id: str
    account_type: str

    @property
    def owner(self) -> tuple[str, str]:
        """What the account is kept for."""
        return self.entity_type, self.entity_id


def code_words(code: int) -> str:
    """What a transfer of this code moves; the code itself if it is not ours."""
    return CODES.get(code, str(code))


def account_name(name: str) -> AccountName:
    """The parts of a name; an id may hold colons (a state and its tax)."""
    entity_type, _, rest = name.partition(":")
    entity_id, _, account_type = rest.rpartition(":")
    return AccountName(entity_type, entity_id, account_type)
