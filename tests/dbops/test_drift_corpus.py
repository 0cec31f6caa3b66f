"""Seventeen hand edits of each live keyspace: each found, undone again clean; 0 false findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dbops.catalog import drift
from dbops.catalog.comparing import Comparison
from dbops.catalog.findings import Finding
from dbops.inventory import Target
from openinsure import environment
from openinsure.keyspaces.inventory import KEYSPACES
from tests.dbops import corpus
from tests.dbops.conftest import MySql
from tests.dbops.corpus import Book, told
from tests.dbops.hand_edits import NAMES, Edit

Compare = Callable[[], Comparison]
TABLES = dict(zip(KEYSPACES, (53, 28, 33, 29, 47), strict=True))


@pytest.fixture(scope="module", params=KEYSPACES)
def book(request: pytest.FixtureRequest, mysql: MySql) -> Iterator[Book]:
    """A copy of each keyspace in turn; every edit is undone on it."""
    with corpus.copied(mysql, request.param) as made:
        yield made


@pytest.fixture
def compare(
    use: Callable[..., list[Target]], mysql: MySql, book: Book, monkeypatch: pytest.MonkeyPatch
) -> Compare:
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    target = book.target(use, mysql.url())
    return lambda: corpus.compared(target)


def test_it_has_nothing_to_say_about_a_clean_estate(compare: Compare, book: Book) -> None:
    found = compare()
    assert told(found) == []
    (schema,) = found.schemas
    assert (schema.tables, schema.reason) == (TABLES[book.keyspace], "")


def wanted(edit: Edit) -> tuple[str, str, str]:
    return edit.kind, edit.severity, edit.object


def undo(mysql: MySql, book: Book, edit: Edit, finding: Finding) -> None:
    """By the finding's own fix: it must make the live schema as expected."""
    assert finding.fix_live
    mysql.run(*([edit.undo] if edit.undo else finding.fix_live.split("\n")), schema=book.schema)


@pytest.mark.parametrize("name", NAMES)
def test_it_finds_each_edit_and_nothing_else(
    compare: Compare, mysql: MySql, book: Book, name: str
) -> None:
    edit = book.edits[name]
    mysql.run(edit.do, schema=book.schema)
    comparison = compare()
    assert told(comparison) == [wanted(edit)]
    (finding,) = comparison.findings
    assert finding.cause == "out of band"
    assert finding.evidence_sql
    undo(mysql, book, edit, finding)
    assert told(compare()) == []


def test_it_finds_all_edits_together_in_both_spellings(
    compare: Compare, mysql: MySql, book: Book
) -> None:
    clean = corpus.spelled(mysql, book.schema)
    for one in clean:
        assert drift.compare("book", clean[0], one) == []
    for edit in book.edits.values():
        mysql.run(edit.do, schema=book.schema)
    comparison = compare()
    expected = sorted(wanted(edit) for edit in book.edits.values())
    assert len(expected) == 17
    assert sorted(told(comparison)) == expected
    for one in corpus.spelled(mysql, book.schema):
        found = drift.compare("book", clean[0], one)
        assert sorted((f.kind, f.severity, f.object) for f in found) == expected
    by_object = {edit.object: edit for edit in book.edits.values()}
    for finding in comparison.findings:
        undo(mysql, book, by_object[finding.object], finding)
    assert told(compare()) == []
