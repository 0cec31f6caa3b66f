"""Where a receipt goes, in the order of application. Source: domain.md 4.3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Component(IntEnum):
    """What an amount due is for; the order is the order of application."""

    PRIOR_BALANCE = 1
    TAX = 2
    NSF_OR_LATE_FEE = 3
    INSTALLMENT_FEE = 4
    POLICY_FEE = 5
    PREMIUM = 6


@dataclass(frozen=True, slots=True)
class Due:
    """An open amount. `key` names the invoice line; ties within a component keep their order,
    so pass premium oldest invoice first.
    """

    key: str
    component: Component
    open_cents: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Cents of the receipt applied to one due."""

    key: str
    component: Component
    cents: int


def allocate(receipt_cents: int, dues: Sequence[Due]) -> tuple[list[Allocation], int]:
    """The allocations of a receipt and what is left for suspense; together the whole receipt.

    Raises ValueError for a receipt that is not positive or a due that is negative.
    """
    if receipt_cents <= 0:
        raise ValueError("a receipt is positive")
    if any(due.open_cents < 0 for due in dues):
        raise ValueError("an amount due is not negative")
    left, made = receipt_cents, []
    for due in sorted(dues, key=lambda due: due.component):
        taken = min(left, due.open_cents)
        if taken:
            made.append(Allocation(due.key, due.component, taken))
            left -= taken
    return made, left
