"""The journal lines and ledger legs of money received, and of its return. Pure.

Source: domain.md 4.3, 4.7 and 5.4. A return has the same parts with the sign turned; its chain
begins with the pull-back of what the carrier was credited too early.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openinsure.billing.postings import LedgerKey, Line, Transfer, merged
from openinsure.money.earning import Standing
from openinsure.money.legs import Legs
from openinsure.money.rates import Split

TAXES = ("tax", "stamping_fee")
PRODUCER, MGA, FEE, TAX, CEDED, CARRIER, UNAPPLIED = 1001, 1002, 1003, 1004, 1005, 1006, 1007
EARNED, PULLED_BACK, REFUNDED, REVERSED = 1101, 1102, 1401, 1402


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What of a policy its money needs.

    carrier_earned_cents: its carrier share earned so far; None = the operation reads it, inside
    its transaction, where no run can change it meanwhile.
    """

    org_id: str
    policy_id: str
    split: Split
    producer_id: str
    carrier_id: str
    program_id: str
    state: str
    trust_account_id: str = "premium"
    carrier_earned_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Cents applied to one component, with their legs if it is premium; negative returns them."""

    component: str
    cents: int
    legs: Legs


def lines_of(
    terms: Terms, parts: Sequence[Part], *, unapplied_cents: int, collected_cents: int
) -> list[Line]:
    """The balanced journal lines. collected_cents: the carrier leg collected before this."""
    applied = sum(part.cents for part in parts)
    legs = _sum(part.legs for part in parts)
    fees = sum(p.cents for p in parts if p.component not in (*TAXES, "premium"))
    moved = _change(terms, collected_cents, legs.carrier_cents)
    amounts = (
        ("1010", applied + unapplied_cents),
        ("2200", -legs.producer_cents),
        ("4100", -legs.mga_cents),
        ("2400", -legs.ceded_cents),
        ("2500", -legs.carrier_cents + moved.ledger_earned_cents),
        ("4200", -fees),
        ("2300", -sum(part.cents for part in parts if part.component in TAXES)),
        ("2050", -unapplied_cents),
        ("2900", applied),
        ("1200", -applied),
        ("2100", -moved.ledger_earned_cents),
        ("1210", moved.uncollected_cents),
        ("2110", -moved.uncollected_cents),
    )
    return merged(
        Line(
            account=code,
            cents=cents,
            policy_id=terms.policy_id,
            producer_id=terms.producer_id if code == "2200" else None,
            carrier_id=terms.carrier_id if code in ("2100", "2110", "2500") else None,
            state=terms.state if code == "2300" else None,
        )
        for code, cents in amounts
    )


def transfers_of(
    terms: Terms, parts: Sequence[Part], *, unapplied_cents: int, collected_cents: int,
    returned_as: int = REVERSED,
) -> list[Transfer]:  # fmt: skip
    """The legs of one linked chain, signed: `postings.directed` turns and drops.

    returned_as: the code of legs that go back.
    """
    cash = LedgerKey("MGA_FIDUCIARY", "trust_account", terms.trust_account_id)
    fund = LedgerKey("LOSS_FUND", "program", terms.program_id, "unearned")
    revenue = LedgerKey("MGA_REVENUE", "org", terms.org_id)
    returns = sum(part.cents for part in parts) + unapplied_cents < 0
    legs = _sum(part.legs for part in parts)
    wanted = [
        ("producer", PRODUCER, LedgerKey("PRODUCER_PAYABLE", "producer", terms.producer_id),
         legs.producer_cents),
        ("mga", MGA, revenue, legs.mga_cents),
        ("ceded", CEDED, LedgerKey("REINSURER_PAYABLE", "treaty_participant", terms.program_id),
         legs.ceded_cents),
        ("carrier", CARRIER, fund, legs.carrier_cents),
        ("suspense", UNAPPLIED, LedgerKey("SUSPENSE", "org", terms.org_id), unapplied_cents),
    ]  # fmt: skip
    for place, part in enumerate(parts):
        if part.component in TAXES:
            key = LedgerKey("TAX_AUTHORITY_PAYABLE", "tax", f"{terms.state}:{part.component}")
            wanted.append((f"{part.component}-{place}", TAX, key, part.cents))
        elif part.component != "premium":
            wanted.append((f"{part.component}-{place}", FEE, revenue, part.cents))
    chain = [
        Transfer(
            leg=leg,
            code=returned_as if returns else code,
            debit=cash,
            credit=credit,
            cents=cents,
            policy_id=terms.policy_id,
        )
        for leg, code, credit, cents in wanted
    ]
    moved = _change(terms, collected_cents, legs.carrier_cents).ledger_earned_cents
    shift = Transfer(
        leg="earned",
        code=EARNED if moved > 0 else PULLED_BACK,
        debit=fund,
        credit=LedgerKey("CARRIER_PAYABLE", "carrier", terms.carrier_id),
        cents=moved,
        policy_id=terms.policy_id,
    )
    return [shift, *chain] if returns else [*chain, shift]


def _change(terms: Terms, before_cents: int, now_cents: int) -> Standing:
    """How far min(E, C) and max(0, E - C) move when C does."""
    earned = terms.carrier_earned_cents or 0
    old = Standing.of(carrier_earned_cents=earned, carrier_collected_cents=before_cents)
    new = Standing.of(carrier_earned_cents=earned, carrier_collected_cents=before_cents + now_cents)
    return Standing(
        new.ledger_earned_cents - old.ledger_earned_cents,
        new.uncollected_cents - old.uncollected_cents,
    )


def _sum(legs: Iterable[Legs]) -> Legs:
    rows = list(legs)
    return Legs(
        sum(row.producer_cents for row in rows),
        sum(row.mga_cents for row in rows),
        sum(row.ceded_cents for row in rows),
        sum(row.carrier_cents for row in rows),
    )
