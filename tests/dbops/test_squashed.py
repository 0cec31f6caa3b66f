"""Django's squashed migrations: a file that stands for others, as Django itself takes it."""

from __future__ import annotations

import pytest

from dbops.history import django
from dbops.history.states import File, History
from dbops.readings import State

SQUASHED = b"""from django.db import migrations
class Migration(migrations.Migration):
    replaces = [("shop", "0001_initial"), ("shop", "0002_longer")]
    operations = []
"""
FIRST, SECOND, BOTH, THIRD = (
    f"shop.{name}" for name in ("0001_initial", "0002_longer", "0001_squashed_0002", "0003_more")
)


def compared(files: list[str], rows: list[str]) -> History:
    made = [File(tag, tag.partition(".")[2], SQUASHED if tag == BOTH else b"", 1) for tag in files]
    return django.compare(made, dict.fromkeys(rows, "2026-01-01"), "")


@pytest.mark.parametrize(("files", "rows"), [
    ([FIRST, BOTH, SECOND], [FIRST, SECOND]),  # squashed, and migrate has not run since
    ([FIRST, BOTH, SECOND], [FIRST, SECOND, BOTH]),  # it has
    ([BOTH], [FIRST, SECOND, BOTH]),  # the replaced files are gone
    ([BOTH], [FIRST, SECOND]),  # gone before any migrate
    ([BOTH], [BOTH]),  # pruned, or a new installation
    ([BOTH, THIRD], [FIRST, SECOND, THIRD]),
])  # fmt: skip
def test_it_takes_a_squashed_file_for_those_it_replaces(files: list[str], rows: list[str]) -> None:
    found = compared(files, rows)
    assert (found.state, found.behind, len(found.applied)) == (State.UNVERIFIED, False, len(files))


def test_it_does_not_take_half_of_them_for_all() -> None:
    found = compared([BOTH], [FIRST])
    states = {one.tag: str(one.state) for one in found.migrations}
    assert states == {BOTH: "pending", FIRST: "orphaned"}


def test_it_reads_no_replacement_where_there_is_none() -> None:
    assert django.replaced(SQUASHED) == ("shop.0001_initial", "shop.0002_longer")
    assert django.replaced(b"# replaces nothing") == ()
    assert django.replaced(b"replaces = broken(") == ()
