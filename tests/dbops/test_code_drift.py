"""Code drift: models and newest snapshot agree with the replayed files; what differs is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from dbops import code_drift, comparisons
from dbops.catalog import spec
from dbops.catalog.comparing import Compared, Comparison
from dbops.catalog.looks import Look
from dbops.catalog.model import Schema
from dbops.history.states import History
from dbops.readings import Migration
from openinsure.keyspaces import modelled
from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.keyspaces.snapshot import TableSpec
from tests.dbops import corpus
from tests.dbops.conftest import NOW, MySql

Specs = dict[str, TableSpec]


@pytest.fixture(scope="module", params=KEYSPACES)
def expected(request: pytest.FixtureRequest, mysql: MySql) -> Iterator[tuple[str, Schema]]:
    """What the files of each keyspace make."""
    with corpus.copied(mysql, request.param) as book:
        yield request.param, corpus.spelled(mysql, book.schema)[0]


def test_it_finds_models_and_snapshot_in_line(expected: tuple[str, Schema]) -> None:
    keyspace, schema = expected
    for specs in (modelled.tables_modelled(keyspace), code_drift._snapshot(keyspace)):
        assert set(specs) == set(schema.tables)
        assert [(f.kind, f.object) for f in spec.compare("ai", schema, specs)] == []


def changed(specs: Specs, what: str) -> Specs:
    name = next(name for name in sorted(specs) if specs[name].keys)
    table = specs[name]
    first, *others = table.columns
    match what:
        case "table_missing":
            return {key: one for key, one in specs.items() if key != name}
        case "column_missing":
            return {**specs, name: replace(table, columns=(first, *others[:-1]), keys=())}
        case "column_type_widened":
            wider = replace(first, type=first.type.replace("char(36)", "char(40)"))
            return {**specs, name: replace(table, columns=(wider, *others))}
        case "nullability_changed":
            return {**specs, name: replace(table, columns=(replace(first, nullable=True), *others))}
        case "default_changed":
            other = replace(first, default="'x'")
            return {**specs, name: replace(table, columns=(other, *others))}
        case "index_missing":
            return {**specs, name: replace(table, keys=())}
    raise AssertionError(what)


@pytest.mark.parametrize(
    "what",
    ["table_missing", "column_missing", "column_type_widened", "nullability_changed",
     "default_changed", "index_missing"],
)  # fmt: skip
def test_it_finds_what_the_code_says_otherwise(expected: tuple[str, Schema], what: str) -> None:
    keyspace, schema = expected
    specs = changed(modelled.tables_modelled(keyspace), what)
    kinds = {finding.kind for finding in spec.compare("ai", schema, specs)}
    assert kinds & {what, what.replace("index", "unique")}, kinds


def compared(schema: Schema, *migrations: Migration) -> Comparison:
    one = Compared("oi_claims", "", "basis", 1, 1, 1, live=schema, expected=schema)
    look = Look("oi_claims", History(migrations, ()), schema)
    return Comparison("ai", NOW, (one,), (), (look,))


def test_it_says_nothing_while_files_are_pending() -> None:
    empty = Schema("oi_claims", "mysql", {}, collation="utf8mb4_bin")
    pending = compared(empty, Migration("0009_x", "oi_claims", "pending"))
    assert code_drift.of(pending, pending.schemas[0]) == []
    plain = compared(empty)
    sides = {row["side"] for row in code_drift.of(plain, plain.schemas[0])}
    assert sides == {"models", "snapshot"}


@pytest.mark.django_db(databases=["default", "oi_global"])
def test_it_shows_code_drift_apart(operator: Client) -> None:
    empty = Schema("oi_claims", "mysql", {}, collation="utf8mb4_bin")
    comparisons.save(replace(compared(empty), at=timezone.now()))
    html = operator.get("/ops/db/ai/drift").content.decode()
    assert 'data-panel="code"' in html
    assert 'data-code="table_extra"' in html
    assert "No drift." in html  # the database itself is as its files make it
