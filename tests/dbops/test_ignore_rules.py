"""Ignore rules of the inventory file: what they leave aside, what they may not, how they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from dbops import comparisons
from dbops.catalog import ignoring
from dbops.catalog.comparing import Compared, Comparison
from dbops.catalog.findings import KINDS, Finding, counted
from dbops.inventory import Ignore, InventoryError, Target
from dbops.inventory_file import read
from tests.dbops.test_inventory_file import GOOD, written

RULE = """
[[database.ignore]]
name = "old backups"
objects = "holdings.*_backup"
kinds = ["table_extra"]
reason = "dropped with the release of May"
"""


def finding(kind: str, about: str) -> Finding:
    return Finding(
        database="holdings", keyspace="holdings", kind=kind, severity=KINDS[kind], object=about,
        expected="absent", actual="table with 2 columns",
    )  # fmt: skip


def test_it_reads_rules_with_reasons(tmp_path: Path) -> None:
    (database,) = read(written(tmp_path, GOOD + RULE))
    (rule,) = database.ignore
    assert (rule.name, rule.kinds) == ("old backups", ("table_extra",))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('reason = "dropped with the release of May"', "", "ignore.reason is missing"),
        ('reason = "dropped with the release of May"', 'reason = " "', "ignore.reason is missing"),
        ('"table_extra"', '"org_id_changed"', "org_id_changed cannot be ignored"),
        ('"table_extra"', '"whatever"', "whatever cannot be ignored"),
        ('name = "old backups"', 'name = "old backups"\nuntil = "never"', "unknown key until"),
        ("[[database.ignore]]", "[database.ignore]", "ignore must be a list"),
    ],
)
def test_it_refuses_rules_that_hide(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(InventoryError, match=says):
        read(written(tmp_path, GOOD + RULE.replace(old, new)))


def test_it_leaves_aside_what_fits_and_nothing_else() -> None:
    rule = Ignore("old", "holdings.*_backup", "for now", ("table_extra",))
    found = [
        ignoring.ruled(one, [rule])
        for one in (
            finding("table_extra", "a_backup"),
            finding("table_missing", "a_backup"),
            finding("table_extra", "accounts"),
        )
    ]
    assert [one.ignored for one in found] == ["old: for now", None, None]
    assert (counted(found).medium, counted(found).critical) == (1, 1)
    assert ignoring.hits([rule], found) == [(rule, 1)]


@pytest.mark.parametrize("kind", ["org_id_changed", "ledger_missing", "ledger_foreign"])
def test_it_never_leaves_aside_whose_rows_are_whose(kind: str) -> None:
    everything = Ignore("all", "*", "quiet please")
    assert ignoring.ruled(finding(kind, "accounts"), [everything]).ignored is None


@pytest.mark.django_db(databases=["default", "oi_global"])
def test_it_shows_rules_with_their_hits(operator: Client, use: Callable[..., list[Target]]) -> None:
    use(GOOD + RULE, HOLDINGS_URL="mysql://a:b@127.0.0.1:1/")
    found = (finding("table_extra", "a_backup"), finding("table_extra", "accounts"))
    compared = Compared("holdings", "", "basis", 2, 4, 2)
    comparisons.save(Comparison("holdings", timezone.now(), (compared,), found))
    html = operator.get("/ops/db/holdings/drift").content.decode()
    row = html.split('data-rule="old backups"')[1].split("</tr>")[0]
    assert '<td class="num">1</td>' in row
    assert "dropped with the release of May" in row
    assert "Ignored by rule old backups" in html
    rows = operator.get("/ops/db/holdings/drift", HTTP_ACCEPT="application/json").json()["rows"]
    assert [(row["object"], bool(row["ignored"])) for row in rows] == [
        ("accounts", False), ("a_backup", True),
    ]  # fmt: skip
