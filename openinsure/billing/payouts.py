"""The journal lines and ledger legs of money paid out to another party. Pure.

Authorised: the payable moves to payouts in transit, pending in the ledger. The bank confirms: it
is posted, linked with the cash that left. The bank rejects: it is voided and the payable stands
again. Source: domain.md 5.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.billing.postings import LedgerKey, Line, Transfer

AUTHORISED, CONFIRMED, DEPOSITED = 1301, 1302, 1501
PENDING, POST_PENDING, VOID_PENDING = 2, 4, 8  # flags of the engine
LEG = "payout"  # the leg whose transfer is pending until the bank answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """Cents owed to one payee. payee: its outside account; account: the payable in the chart."""

    account: str
    payable: LedgerKey
    payee: LedgerKey
    cents: int
    currency: str = "USD"
    trust_account_id: str = "premium"
    carrier_id: str | None = None
    treaty_id: str | None = None
    state: str | None = None
    producer_id: str | None = None

    def line(self, cents: int) -> Line:
        """A line of the payable with its dimensions."""
        return Line(
            account=self.account,
            cents=cents,
            currency=self.currency,
            carrier_id=self.carrier_id,
            treaty_id=self.treaty_id,
            state=self.state,
            producer_id=self.producer_id,
        )

    def transit(self, cents: int) -> Line:
        """A line of payouts in transit."""
        return Line(account="2090", cents=cents, currency=self.currency)

    def leg(self, flags: int, pending: str | None = None) -> Transfer:
        """The transfer from the payable to the payee."""
        return Transfer(
            leg=LEG,
            code=AUTHORISED,
            debit=self.payable,
            credit=self.payee,
            cents=self.cents,
            currency=self.currency,
            flags=flags,
            pending_transfer_id=pending,
        )


def authorised(payout: Payout) -> tuple[list[Line], list[Transfer]]:
    """Its lines and legs when the payment is released."""
    return [payout.line(payout.cents), payout.transit(-payout.cents)], [payout.leg(PENDING)]


def confirmed(payout: Payout, pending: str) -> tuple[list[Line], list[Transfer]]:
    """Its lines and legs when the bank has paid. pending: the transfer that waits."""
    cash = Line(account="1010", cents=-payout.cents, currency=payout.currency)
    left = Transfer(
        leg="cash",
        code=CONFIRMED,
        debit=payout.payee,
        credit=LedgerKey("MGA_FIDUCIARY", "trust_account", payout.trust_account_id),
        cents=payout.cents,
        currency=payout.currency,
    )
    return [payout.transit(payout.cents), cash], [payout.leg(POST_PENDING, pending), left]


def returned(payout: Payout, pending: str) -> tuple[list[Line], list[Transfer]]:
    """Its lines and legs when the bank did not pay: the payable stands again."""
    lines = [payout.transit(payout.cents), payout.line(-payout.cents)]
    return lines, [payout.leg(VOID_PENDING, pending)]


def kept_for_claims(
    *, carrier_id: str, program_id: str, cents: int, currency: str
) -> tuple[list[Line], list[Transfer]]:
    """An agreed offset: premium owed to the carrier stays here as money for its claims."""
    lines = [
        Line(account="2100", cents=cents, currency=currency, carrier_id=carrier_id),
        Line(account="2510", cents=-cents, currency=currency, carrier_id=carrier_id),
        Line(account="1020", cents=cents, currency=currency),
        Line(account="1010", cents=-cents, currency=currency),
    ]
    legs = [
        Transfer(
            leg=f"offset-{program_id}",
            code=DEPOSITED,
            debit=LedgerKey("CARRIER_PAYABLE", "carrier", carrier_id),
            credit=LedgerKey("LOSS_FUND", "program", program_id, "claims"),
            cents=cents,
            currency=currency,
        ),
        Transfer(
            leg=f"cash-{program_id}",
            code=DEPOSITED,
            debit=LedgerKey("MGA_FIDUCIARY", "trust_account", "claims"),
            credit=LedgerKey("MGA_FIDUCIARY", "trust_account", "premium"),
            cents=cents,
            currency=currency,
        ),
    ]
    return lines, legs
