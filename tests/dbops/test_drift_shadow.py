"""The shadow of a comparison: cleaned up, swept by age, and said when it cannot be had."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dbops.catalog import replay
from dbops.inventory import Target
from openinsure import environment
from tests.dbops import corpus
from tests.dbops.conftest import MySql
from tests.dbops.corpus import Book, told

Use = Callable[..., list[Target]]
FAR = datetime(2099, 4, 6, 12, tzinfo=UTC)  # nothing that another worker sweeps is this young
SHADOWS = r"SHOW DATABASES LIKE '\_oi\_shadow\_%'"


@pytest.fixture(scope="module")
def book(mysql: MySql) -> Iterator[Book]:
    with corpus.copied(mysql, "oi_policies") as made:
        yield made


@pytest.fixture
def target(use: Use, mysql: MySql, book: Book, monkeypatch: pytest.MonkeyPatch) -> Target:
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    return book.target(use, mysql.url())


def test_it_leaves_no_shadow_behind(target: Target, mysql: MySql, book: Book) -> None:
    corpus.CACHE.clear()
    assert told(corpus.compared(target)) == []
    left = [name for (name,) in mysql.run(SHADOWS) if name.endswith(book.schema)]
    assert left == []


def test_it_sweeps_what_a_killed_run_left(target: Target, mysql: MySql) -> None:
    old, young = (replay.name_of("swept", FAR - timedelta(minutes=m)) for m in (61, 59))
    mysql.run(f"CREATE DATABASE {old}", f"CREATE DATABASE {young}")
    corpus.CACHE.clear()
    corpus.compared(target, FAR)
    left = [name for (name,) in mysql.run(SHADOWS) if name.endswith("_swept")]
    mysql.run(f"DROP DATABASE {young}")
    assert left == [young]


def test_it_reads_with_an_account_that_only_reads(
    use: Use, target: Target, book: Book, reader: Callable[[str], str]
) -> None:
    reading = book.target(use, reader(f"SELECT ON `{book.schema}`.*"))
    assert told(corpus.compared(reading)) == []


def test_it_does_not_call_a_schema_clean_that_it_may_not_read(
    use: Use, target: Target, book: Book, reader: Callable[[str], str]
) -> None:
    grant = f"SELECT ON `{book.schema}`.__drizzle_migrations"
    found = corpus.compared(book.target(use, reader(grant)))
    assert not found.complete
    assert "privileges" in found.schemas[0].reason


def test_it_says_why_without_a_shadow_server(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHADOW_URL", "mysql://a:b@127.0.0.1:1/")
    found = corpus.compared(target)
    assert "no shadow server" in found.schemas[0].reason
