"""Seventeen hand edits as page and command tell them: marks, causes; clean again once undone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from dbops import comparisons
from dbops.cli.main import main
from dbops.inventory import Target
from openinsure import environment
from tests.dbops import corpus
from tests.dbops.conftest import MySql
from tests.dbops.corpus import Book

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
PAGE = "/ops/db/book/drift"
ARTICLE = re.compile(
    r'data-finding="(\w+)" data-severity="(\w+)" data-object="([^"]+)" data-id="(\w+)">'
    r"(.*?)</article>",
    re.S,
)


@pytest.fixture(scope="module")
def book(mysql: MySql) -> Iterator[Book]:
    with corpus.copied(mysql, "oi_billing") as made:
        yield made


@pytest.fixture
def target(
    use: Callable[..., list[Target]], mysql: MySql, book: Book, monkeypatch: pytest.MonkeyPatch
) -> Target:
    if not environment.optional("SHADOW_URL"):
        monkeypatch.setenv("SHADOW_URL", mysql.url())
    return book.target(use, mysql.url())


def test_it_shows_each_edit_and_is_clean_again(
    operator: Client, target: Target, mysql: MySql, book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    comparisons.compare(target, now=timezone.now())
    assert "No drift." in operator.get(PAGE).content.decode()
    wanted = sorted((edit.kind, edit.severity, edit.object) for edit in book.edits.values())
    for edit in book.edits.values():
        mysql.run(edit.do, schema=book.schema)
    assert main(["db", "drift", "book", "--json"]) == 6
    (said,) = json.loads(capsys.readouterr().out)["databases"]
    shown = ARTICLE.findall(operator.get(PAGE).content.decode())
    assert sorted(one[:3] for one in shown) == wanted
    assert {one[3] for one in shown} == {one["id"] for one in said["findings"]}
    assert all("Probable cause: out of band" in one[4] for one in shown)
    by_object = {edit.object: edit for edit in book.edits.values()}
    for one in said["findings"]:
        edit = by_object[one["object"]]
        undo = [edit.undo] if edit.undo else one["fix_live"].split("\n")
        mysql.run(*undo, schema=book.schema)
    comparisons.compare(target, now=timezone.now())
    assert "No drift." in operator.get(PAGE).content.decode()
    assert main(["db", "drift", "book"]) == 0
