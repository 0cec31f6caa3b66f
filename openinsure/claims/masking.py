"""Claimants' names as payees, their telephone, mail and tax numbers: what lists may show."""

from __future__ import annotations

MASK = "••••"


def masked_name(name: str | None) -> str:
    """Initials with dots, `J••• S•••`; companies alike, because a payee may be a person."""
    return " ".join(f"{word[0]}•••" for word in (name or "").split()[:4]) or MASK


def masked(value: str | None) -> str | None:
    """Dots where something is recorded, None where nothing is."""
    return MASK if value else None


def last4(value: str | None) -> str | None:
    """Dots and the four stored digits."""
    return f"{MASK} {value}" if value else None
