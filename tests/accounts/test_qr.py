"""The QR code of a second factor: the modules that the page draws are the code's own."""

from __future__ import annotations

import re

import pytest
import segno

from openinsure.accounts import qr, totp

ADDRESS = totp.address("JBSWY3DPEHPK3PXP", "support@acme.test")
SQUARE = re.compile(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z")


def drawn(code: qr.Code) -> list[list[int]]:
    """The path painted module by module, quiet zone included."""
    field = [[0] * code.size for _ in range(code.size)]
    assert SQUARE.sub("", code.path) == "", "nothing but squares"
    for x, y, length, back in SQUARE.findall(code.path):
        assert length == back
        for step in range(int(length)):
            field[int(y)][int(x) + step] += 1
    return field


@pytest.mark.parametrize("text", [ADDRESS, "a", "x" * 300])
def test_it_draws_every_module_once(text: str) -> None:
    code = qr.code_of(text)
    wanted = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=qr.QUIET)]
    assert drawn(code) == [[int(bool(dark)) for dark in row] for row in wanted]


def test_it_keeps_the_white_round_it() -> None:
    field = drawn(qr.code_of(ADDRESS))
    edge = [*field[: qr.QUIET], *field[-qr.QUIET :]]
    sides = [[row[k] for row in field] for k in (*range(qr.QUIET), *range(-qr.QUIET, 0))]
    assert not any(any(line) for line in (*edge, *sides))
