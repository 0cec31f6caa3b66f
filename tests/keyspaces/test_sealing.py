"""Protected columns: sealed values open only where they were sealed."""

from __future__ import annotations

import pytest

from openinsure.keyspaces.sealing import CannotOpen, keyed_hash, seal, unseal

A = "0190a000-0000-7000-8000-00000000000a"
B = "0190a000-0000-7000-8000-00000000000b"


def test_it_opens_what_it_sealed() -> None:
    assert unseal(A, "drivers.dob", seal(A, "drivers.dob", "1980-02-29")) == "1980-02-29"


@pytest.mark.parametrize(("org", "field"), [(B, "drivers.dob"), (A, "drivers.licence")])
def test_it_does_not_open_a_moved_value(org: str, field: str) -> None:
    with pytest.raises(CannotOpen):
        unseal(org, field, seal(A, "drivers.dob", "1980-02-29"))


@pytest.mark.parametrize("junk", [b"", b"v1", b"v2.local.AA.AA", b"v1.gone.AA.AA", b"\xff.a.b.c"])
def test_it_refuses_junk_without_showing_it(junk: bytes) -> None:
    with pytest.raises(CannotOpen, match="^dob$"):
        unseal(A, "dob", junk)


def test_it_never_repeats_a_sealed_text() -> None:
    assert seal(A, "dob", "x") != seal(A, "dob", "x")


def test_it_hashes_differently_in_each_organisation() -> None:
    assert keyed_hash(A, "D1234567") != keyed_hash(B, "D1234567")
