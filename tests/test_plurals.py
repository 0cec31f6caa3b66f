"""What is counted is said in the number that fits, and only one place knows how."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from openinsure.plurals import many

ROOT = Path(__file__).resolve().parent.parent
BY_HAND = re.compile(r"""(""|'') if [^{}\n]{1,60} == 1 else ["']e?s["']""")


@pytest.mark.parametrize(
    ("count", "what", "said"),
    [
        (0, "table", "0 tables"),
        (1, "table", "1 table"),
        (2, "index", "2 indexes"),
        (1, "journal entry", "1 journal entry"),
        (3, "journal entry", "3 journal entries"),
        (4, "day", "4 days"),
        (5, "match", "5 matches"),
        (1_200, "policy", "1,200 policies"),
    ],
)
def test_it_counts_in_words(count: int, what: str, said: str) -> None:
    assert many(count, what) == said


def test_nobody_else_makes_plurals_by_hand() -> None:
    places = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("openinsure/**/*.py"),
              *ROOT.glob("dbops/**/*.py")]  # fmt: skip
    assert [one.name for one in places if BY_HAND.search(one.read_text())] == []
    assert BY_HAND.search("""{{ "" if left == 1 else "s" }}""")
