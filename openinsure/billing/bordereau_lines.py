"""The lines of a bordereau, worked out from what happened in its period. Pure.

A premium line is one written movement with its legs by the cumulative rule; net is what the carrier
is due of it. A claims line is one payment or recovery; what is outstanding of a claim stands on its
first line. Source: domain.md 4.8.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from openinsure.money.legs import receipt_legs
from openinsure.money.rates import Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A movement of written premium as the policy has it. before_cents: written before it."""

    transaction_id: str
    policy_id: str
    policy_number: str
    insured_name: str
    state: str
    kind: str
    processed: date
    premium_cents: int
    fees_cents: int
    taxes_cents: int
    before_cents: int
    split: Split
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment or recovery of the period, and what is outstanding on its claim."""

    payment_id: str
    claim_id: str
    claim_number: str
    policy_id: str
    policy_number: str
    insured_name: str
    state: str
    paid_cents: int
    outstanding_cents: int
    recovered_cents: int
    kind: str = "PAYMENT"
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The amounts of a line, or the totals of a bordereau, cents."""

    premium_cents: int = 0
    fees_cents: int = 0
    taxes_cents: int = 0
    producer_cents: int = 0
    mga_cents: int = 0
    ceded_cents: int = 0
    net_cents: int = 0
    paid_cents: int = 0
    outstanding_cents: int = 0
    recovered_cents: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One line as it is frozen. transaction_id, payment_id: what it reports, at most one."""

    kind: str
    policy_id: str
    policy_number: str
    insured_name: str
    state: str
    figures: Figures
    currency: str = "USD"
    transaction_id: str | None = None
    payment_id: str | None = None
    claim_id: str | None = None
    claim_number: str | None = None


def premium_line(row: Written) -> Reported:
    """Fees and taxes are named and taken off again: they go to others than the carrier."""
    legs = receipt_legs(row.split, before_cents=row.before_cents, now_cents=row.premium_cents)
    return Reported(
        kind=row.kind,
        policy_id=row.policy_id,
        policy_number=row.policy_number,
        insured_name=row.insured_name,
        state=row.state,
        currency=row.currency,
        transaction_id=row.transaction_id,
        figures=Figures(
            premium_cents=row.premium_cents,
            fees_cents=row.fees_cents,
            taxes_cents=row.taxes_cents,
            producer_cents=legs.producer_cents,
            mga_cents=legs.mga_cents,
            ceded_cents=legs.ceded_cents,
            net_cents=legs.carrier_cents,
        ),
    )


def claims_lines(rows: Sequence[Paid]) -> list[Reported]:
    """One line a payment or recovery, in the order given."""
    made, told = [], set()
    for row in rows:
        first = row.claim_id not in told
        told.add(row.claim_id)
        made.append(
            Reported(
                kind=row.kind,
                policy_id=row.policy_id,
                policy_number=row.policy_number,
                insured_name=row.insured_name,
                state=row.state,
                currency=row.currency,
                payment_id=row.payment_id,
                claim_id=row.claim_id,
                claim_number=row.claim_number,
                figures=Figures(
                    paid_cents=row.paid_cents,
                    outstanding_cents=row.outstanding_cents if first else 0,
                    recovered_cents=row.recovered_cents,
                ),
            )
        )
    return made


def columns(line: Reported, place: int) -> dict[str, Any]:
    """The columns of a line's row but its keys and its time. place: from 1."""
    return {
        "line_no": place,
        "policy_id": line.policy_id,
        "policy_number": line.policy_number,
        "claim_id": line.claim_id,
        "claim_number": line.claim_number,
        "transaction_type": line.kind,
        "insured_name": line.insured_name,
        "state": line.state,
        "gross_premium_cents": line.figures.premium_cents,
        "net_cents": line.figures.net_cents,
        "currency": line.currency,
        "payload": asdict(line.figures),
        "policy_transaction_id": line.transaction_id,
        "claim_payment_id": line.payment_id,
    }


def frozen(lines: Sequence[Reported]) -> dict[str, Any]:
    """The columns of a bordereau that follow from its lines: count, sums and seal."""
    sums = total(line.figures for line in lines)
    return {
        "line_count": len(lines),
        "gross_premium_cents": sums.premium_cents,
        "fees_cents": sums.fees_cents,
        "taxes_cents": sums.taxes_cents,
        "producer_commission_cents": sums.producer_cents,
        "mga_commission_cents": sums.mga_cents,
        "net_to_carrier_cents": sums.net_cents,
        "paid_claims_cents": sums.paid_cents,
        "recoveries_cents": sums.recovered_cents,
        "outstanding_claims_cents": sums.outstanding_cents,
        "content_sha256": sealed(lines),
    }


def total(lines: Iterable[Figures]) -> Figures:
    """The sum of each figure."""
    rows = list(lines)
    return Figures(**{f.name: sum(getattr(row, f.name) for row in rows) for f in fields(Figures)})


def sealed(lines: Sequence[Reported]) -> str:
    """SHA-256 over the lines in their order, 64 hex: what was approved is what was sent."""
    told = [asdict(line) for line in lines]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
