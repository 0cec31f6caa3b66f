"""Numbers in blocks: never twice, not even for two processes at once."""

from __future__ import annotations

import pytest

from openinsure.console.numbers import next_number
from openinsure.orgs.operations import sequences
from openinsure.tenancy.scope import Scope, entered

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


def test_it_counts_on_from_what_is_used(acme: Scope) -> None:
    with entered(acme):
        sequences.name_prefix(acme, "ACM")
        sequences.start(acme, "claim", 45)
        assert [next_number(acme, "claim") for _ in range(2)] == [
            "CLM-ACM-000046",
            "CLM-ACM-000047",
        ]


def test_it_never_repeats_across_processes(acme: Scope) -> None:
    with entered(acme):
        here = [next_number(acme, "invoice") for _ in range(3)]
        sequences._held.clear()  # another process knows nothing of this one's block
        there = [next_number(acme, "invoice") for _ in range(30)]
    assert len({*here, *there}) == 33


def test_it_counts_each_organisation_apart(acme: Scope, borealis: Scope) -> None:
    with entered(acme):
        ours = next_number(acme, "claim")
    with entered(borealis):
        theirs = next_number(borealis, "claim")
    assert ours[-6:] == theirs[-6:] == "000001"


def test_it_refuses_an_unknown_kind(acme: Scope) -> None:
    with entered(acme), pytest.raises(KeyError):
        next_number(acme, "unicorn")
