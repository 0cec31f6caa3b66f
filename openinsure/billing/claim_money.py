"""The journal lines and ledger legs of a claim's money (domain.md 5.4). Pure.

A reserve moves claims money aside, a check moves it out and takes the reserve down with it, a
recovery brings it back; the carrier's deposits are what all of it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.billing.postings import LedgerKey, Line, Transfer

RESERVE_UP, RESERVE_DOWN, PAID, RECOVERED, DEPOSITED = 1201, 1202, 1203, 1204, 1501
CASH = LedgerKey("MGA_FIDUCIARY", "trust_account", "claims")

Booking = tuple[list[Line], list[Transfer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTerms:
    """What of a claim its money needs."""

    claim_id: str
    policy_id: str
    program_id: str

    @property
    def reserves(self) -> LedgerKey:
        """Its case reserves."""
        return LedgerKey("RESERVES", "claim", self.claim_id)

    @property
    def paid(self) -> LedgerKey:
        """What was paid on it, net of recoveries."""
        return LedgerKey("CLAIMS_PAID", "claim", self.claim_id)


def fund(program_id: str) -> LedgerKey:
    """The claims money of a program."""
    return LedgerKey("LOSS_FUND", "program", program_id, "claims")


def deposit(program_id: str, carrier_id: str, cents: int) -> Booking:
    """Claims money that a carrier put at the organisation's disposal. cents > 0."""
    moved = Transfer(leg="deposit", code=DEPOSITED, debit=CASH, credit=fund(program_id),
                     cents=cents)  # fmt: skip
    lines = [
        Line(account="1020", cents=cents, carrier_id=carrier_id),
        Line(account="2510", cents=-cents, carrier_id=carrier_id),
    ]
    return lines, [moved]


def reserve_change(terms: ClaimTerms, cents: int) -> Booking:
    """A reserve set, raised (positive) or taken down (negative)."""
    return _pair(terms, "2510", "2600", cents), [_reserve(terms, cents)]


def check(terms: ClaimTerms, cents: int, *, takedown_cents: int) -> Booking:
    """A payment issued, linked with the part of the reserve it uses up."""
    lines, legs = _pair(terms, "5100", "1020", cents), [_leg(terms, "paid", PAID, cents)]
    if takedown_cents:
        lines += _pair(terms, "2510", "2600", -takedown_cents)
        legs.append(_reserve(terms, -takedown_cents))
    return lines, legs


def recovery(terms: ClaimTerms, cents: int) -> Booking:
    """Salvage or subrogation received."""
    return _pair(terms, "1020", "5100", cents), [_leg(terms, "recovered", RECOVERED, -cents)]


def _reserve(terms: ClaimTerms, cents: int) -> Transfer:
    return Transfer(
        leg="reserve",
        code=RESERVE_UP if cents > 0 else RESERVE_DOWN,
        debit=fund(terms.program_id),
        credit=terms.reserves,
        cents=cents,
        policy_id=terms.policy_id,
        claim_id=terms.claim_id,
    )


def _leg(terms: ClaimTerms, leg: str, code: int, cents: int) -> Transfer:
    return Transfer(
        leg=leg,
        code=code,
        debit=terms.paid,
        credit=CASH,
        cents=cents,
        policy_id=terms.policy_id,
        claim_id=terms.claim_id,
    )


def _pair(terms: ClaimTerms, debit: str, credit: str, cents: int) -> list[Line]:
    """Debit and credit of one amount; a negative one turns both."""
    about = {"policy_id": terms.policy_id, "claim_id": terms.claim_id}
    return [Line(account=debit, cents=cents, **about), Line(account=credit, cents=-cents, **about)]
