"""An address as a QR code: squares of one SVG path, so that only numbers enter the page."""

from __future__ import annotations

from dataclasses import dataclass

QUIET = 4  # modules of white round the code, as the standard wants


@dataclass(frozen=True, slots=True)
class Code:
    """size: modules of a side, quiet zone included. path: the dark ones, as SVG path data."""

    size: int
    path: str


def code_of(text: str) -> Code:
    """The smallest code that bears the text with error correction M. Pure."""
    import segno  # one page of the console needs it, once a person

    rows = tuple(segno.make_qr(text, error="m").matrix)
    path = "".join(
        f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _runs(row)
    )
    return Code(len(rows) + 2 * QUIET, path)


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Start and length of each stretch of dark modules."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
