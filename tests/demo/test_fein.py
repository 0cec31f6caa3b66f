"""The demo's invented FEINs can be looked up: only a keyed hash of each is stored."""

from __future__ import annotations

from datetime import date

from openinsure.demo.book import Book
from openinsure.demo.policies import fein_of, insured
from openinsure.keyspaces.sealing import keyed_hash
from tests.demo.test_generate import ACME, TODAY


def test_an_insured_is_found_by_its_whole_fein() -> None:
    book = Book.opened(ACME, 7, TODAY)
    row = insured(book, "FL", date(2026, 3, 1))
    fein = fein_of(row["usdot_number"], row["fein_last4"])
    assert len(fein) == 9
    assert row["fein_hash"] == keyed_hash(book.spec.id, fein)
    assert fein not in {str(value) for value in row.values()}
