"""The chart of accounts and the kinds of ledger accounts, as data (domain.md 5.1 and 5.3).

A journal account that is mapped to a ledger type is summed against it every morning; the unmapped
ones (billed premium, uncollected carrier share) have no counterpart there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from openinsure.ledger.accounts import TYPES

Side = Literal["D", "C"]


@dataclass(frozen=True, slots=True)
class GlType:
    """One account of the chart. ledger: the mapped ledger type, "" for none."""

    code: str
    name: str
    account_class: Literal["asset", "liability", "income", "expense", "memo"]
    side: Side
    ledger: str = ""
    fiduciary: bool = False


CHART = {
    account.code: account
    for account in (
        GlType("1010", "Trust cash, premium", "asset", "D", "MGA_FIDUCIARY", fiduciary=True),
        GlType("1020", "Trust cash, claims", "asset", "D", "MGA_FIDUCIARY", fiduciary=True),
        GlType("1030", "Revenue swept to operating", "income", "D", "MGA_REVENUE"),
        GlType("1200", "Premium billed", "memo", "D"),
        GlType("1210", "Carrier share earned, uncollected", "memo", "D"),
        GlType("2050", "Suspense", "liability", "C", "SUSPENSE", fiduciary=True),
        GlType("2090", "Payouts in transit", "liability", "C", "EXTERNAL_PAYOUT", fiduciary=True),
        GlType("2100", "Carrier payable", "liability", "C", "CARRIER_PAYABLE", fiduciary=True),
        GlType("2110", "Carrier payable, uncollected", "memo", "C"),
        GlType("2200", "Producer payable", "liability", "C", "PRODUCER_PAYABLE", fiduciary=True),
        GlType("2300", "Taxes held", "liability", "C", "TAX_AUTHORITY_PAYABLE", fiduciary=True),
        GlType("2400", "Reinsurer payable", "liability", "C", "REINSURER_PAYABLE", fiduciary=True),
        GlType("2500", "Unearned carrier share", "liability", "C", "LOSS_FUND", fiduciary=True),
        GlType("2510", "Claims fund", "liability", "C", "LOSS_FUND", fiduciary=True),
        GlType("2600", "Case reserves", "liability", "C", "RESERVES", fiduciary=True),
        GlType("2900", "Premium billed, contra", "memo", "C"),
        GlType("4100", "Commission income", "income", "C", "MGA_REVENUE"),
        GlType("4200", "Fee income", "income", "C", "MGA_REVENUE"),
        GlType("5100", "Claims paid", "expense", "D", "CLAIMS_PAID"),
        GlType("5200", "Bank charges", "expense", "D", "MGA_REVENUE"),
    )
}


# Kinds of ledger accounts by (type, sub-purpose): code, side and flags are the ledger's.
LEDGER_TYPES = {(one.name, one.sub_purpose): one for one in TYPES}
