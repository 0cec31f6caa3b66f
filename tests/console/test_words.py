"""Statuses: every one that the interface names has a word and a tone, others do not break."""

from __future__ import annotations

import importlib
import logging
import re
from pathlib import Path

import pytest

from dbops.readings import State
from openinsure.console.states import IllegalTransition, Machine
from openinsure.console.words import STATUSES, any_of, lowered, spoken, status

ROOT = Path(__file__).parents[2]
# interface.md 3.3, by tone.
NAMED = {
    "ok": "active issued bound paid cleared settled matched applied complete in_sync at_head",
    "info": "in_review quoted released open investigating reserved processing running ready queued",
    "warn": "pending referred info_requested partially_paid litigated disputed explained behind "
    "skipped orphaned unverified ahead revert_window pending_cancellation nonrenewal_pending",
    "bad": "cancelled denied declined failed overdue written_off reversed unexplained drifted "
    "modified partial unreachable missed",
    "neutral": "draft expired closed void waived lost withdrawn superseded unknown",
}


@pytest.mark.parametrize(
    ("key", "tone"), [(key, tone) for tone, keys in NAMED.items() for key in keys.split()]
)
def test_it_knows_every_named_status(key: str, tone: str) -> None:
    assert status(key).tone == tone


@pytest.mark.parametrize("state", list(State))
def test_it_knows_every_state_of_a_database(state: State) -> None:
    assert str(state) in STATUSES


def machines() -> list[Machine]:
    """Every state machine of the product, wherever it is declared."""
    found: list[Machine] = []
    for file in sorted((ROOT / "openinsure").rglob("*.py")):
        if "= Machine(" in file.read_text():
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            kept = vars(importlib.import_module(name)).values()
            found += [value for value in kept if isinstance(value, Machine)]
    return found


def test_it_has_a_word_for_every_state_of_every_machine() -> None:
    known = machines()
    assert {"policy", "claim", "invoice"} <= {machine.noun for machine in known}
    states = {
        state for machine in known for at, after in machine.steps.items() for state in (at, *after)
    }
    assert not {state for state in states if status(state) == (state, "neutral", False)}


def test_it_has_a_word_for_every_status_that_a_template_names() -> None:
    named = {
        word
        for file in (ROOT / "templates").rglob("*.html")
        for call in re.findall(r"badge\(([^)]*)\)", file.read_text())
        for word in re.findall(r'"([a-z_]+)"', call)
    }
    assert "out_of_balance" in named
    assert not named - STATUSES.keys()


def test_it_refuses_every_step_in_words() -> None:
    wrong = {"info_requested", "pending_cancellation", "in_review", "stop_requested"}
    for machine in machines():
        for at in machine.steps:
            for to in wrong - set(machine.allowed(at)):
                with pytest.raises(IllegalTransition) as refused:
                    machine.check(at, to)
                assert "_" not in f"{refused.value.message} {refused.value.rule}"


def test_it_says_a_status_inside_a_sentence() -> None:
    assert spoken("info_requested") == "info requested"
    assert spoken("nonrenewal_pending") == "nonrenewal pending"
    assert (lowered("Check"), lowered("ACH")) == ("check", "ACH")
    assert any_of(("in_review",)) == "in review"
    assert any_of(("reserved", "litigated", "denied")) == "reserved, litigated or denied"
    assert any_of(()) == "nothing"


def test_it_gives_each_status_one_tone() -> None:
    words = [entry.word for entry in STATUSES.values()]
    assert len(words) == len(set(words))


def test_it_shows_an_unlisted_status_as_stored(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "openinsure.console.words"):
        assert status("Half_Bound") == ("Half_Bound", "neutral", False)
    assert [vars(record)["status"] for record in caplog.records] == ["Half_Bound"]


@pytest.mark.parametrize("key", [None, ""])
def test_it_calls_nothing_unknown(key: str | None) -> None:
    assert status(key).unknown
