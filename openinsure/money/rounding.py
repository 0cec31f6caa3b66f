"""The one rounding of money: exact rationals inside, half to even, on cumulative amounts.

Source: domain.md 4.1. Integers only; a float raises TypeError by itself in divmod's tests.
"""

from __future__ import annotations

from collections.abc import Sequence


def half_even(numerator: int, denominator: int) -> int:
    """numerator / denominator rounded to a whole number, halves to even; -2.5 gives -2.

    Raises ValueError for a denominator <= 0 and TypeError for anything but int.
    """
    if type(numerator) is not int or type(denominator) is not int:
        raise TypeError("money is whole cents")
    if denominator <= 0:
        raise ValueError("the denominator must be positive")
    quotient, remainder = divmod(abs(numerator), denominator)
    if 2 * remainder > denominator or (2 * remainder == denominator and quotient % 2):
        quotient += 1
    return quotient if numerator >= 0 else -quotient


def split(total_cents: int, weights: Sequence[int]) -> list[int]:
    """Shares of a total by whole-number weights, cents; they always sum to the total.

    share_k = round(T * (w_1 + .. + w_k) / W) - round(T * (w_1 + .. + w_(k-1)) / W).
    Raises ValueError for no weight, a negative one, or only zeros.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be >= 0 and not all zero")
    shares, upto, before = [], 0, 0
    for weight in weights:
        upto += weight
        rounded = half_even(total_cents * upto, whole)
        shares.append(rounded - before)
        before = rounded
    return shares
