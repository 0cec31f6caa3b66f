"""Rows through files: every kind of value arrives, nobody else's row does, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from openinsure.demo import spool
from openinsure.demo.spool import NULL, Refused, Spool, texts
from openinsure.demo.writer import columned
from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Insured
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, entered

ALIASES = ["default", *KEYSPACES]
WHEN = datetime(2026, 11, 20, 9, 30, 1, 250_000, tzinfo=UTC)
AWKWARD = "Tab\there, \\N, a line\nand \\ back, Ünïcode, 100 % 'quoted'"


def insured(scope: Scope, **values: Any) -> dict[str, Any]:
    """A row of insureds as the generators make it."""
    return {
        "org_id": scope.org_id,
        "id": new_id(),
        "legal_name": AWKWARD,
        "name_norm": "awkward",
        "country": "US",
        "entity_type": "llc",
        "state": "FL",
        "status": "active",
        "created_at": WHEN,
        "updated_at": WHEN,
        **values,
    }


@pytest.fixture
def gone_after(acme: Scope) -> Iterator[Scope]:
    """The files are loaded by connections of their own, which no rolled-back test takes back."""
    yield acme
    with closing(spool.connect("oi_policies")) as connection, closing(connection.cursor()) as own:
        own.execute("DELETE FROM insureds WHERE org_id = %s", [acme.org_id])
        connection.commit()


def test_it_writes_every_kind_of_value() -> None:
    assert texts(["a\tb", "c"]) == ["a\\tb", "c"]
    assert texts([None, None]) == [NULL, NULL]
    assert texts([1, 2]) == ["1", "2"]
    assert texts([True, None, "\\N", b"\x00\xff", "", 3]) == ["1", NULL, "\\\\N", "00ff", "", "3"]


def test_it_refuses_a_row_of_another_organization(
    acme: Scope, borealis: Scope, tmp_path: Path
) -> None:
    with entered(acme):
        writer = Spool(tmp_path)
        with pytest.raises(TenantLeak):
            writer.write({"insureds": [insured(acme), insured(borealis)]})
    assert not list(tmp_path.glob("insureds/*.*"))
    with pytest.raises(NoTenantContext):
        Spool(tmp_path)


def test_it_never_rewrites_columns_that_another_process_reads(
    acme: Scope, borealis: Scope, tmp_path: Path
) -> None:
    file = tmp_path / "insureds" / "columns"
    with entered(acme):
        Spool(tmp_path).write({"insureds": [insured(acme)]})
    before, names = file.stat(), file.read_text()
    with entered(borealis):
        Spool(tmp_path).write({"insureds": [insured(borealis)]})
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert file.read_text() == names
    assert {path.suffix for path in file.parent.iterdir()} == {
        "", f".{acme.org_id}", f".{borealis.org_id}",
    }  # fmt: skip


def test_it_refuses_a_second_set_of_columns(acme: Scope, tmp_path: Path) -> None:
    with entered(acme):
        writer = Spool(tmp_path)
        writer.write({"insureds": [insured(acme)]})
        columns, values = columned("insureds", [insured(acme)])
        with pytest.raises(ValueError, match="insureds"):
            writer.put(columns, list(zip(*values, strict=True)))


@pytest.mark.django_db(databases=ALIASES)
def test_it_loads_what_was_written(gone_after: Scope, tmp_path: Path) -> None:
    scope, told = gone_after, list[str]()
    assert spool.takes_files()
    rows = [insured(scope, dba_name=None if k else "Trading") for k in range(3)]
    with entered(scope):
        writer = Spool(tmp_path)
        writer.write({"insureds": rows})
        spool.load(tmp_path, report=told.append)
        found = {row.id: row for row in Insured.objects.within(scope)}
    assert writer.rows == len(found) == 3
    assert told[-1] == "Loading tables: 100 %"
    for row in rows:
        there = found[row["id"]]
        assert (there.legal_name, there.dba_name) == (AWKWARD, row["dba_name"])
        assert there.created_at == WHEN
    assert not list(tmp_path.glob("insureds/*.*"))


@pytest.mark.django_db(databases=ALIASES)
def test_it_keeps_nothing_of_a_file_the_server_cuts(gone_after: Scope, tmp_path: Path) -> None:
    scope, same = gone_after, new_id()
    with entered(scope):
        Spool(tmp_path).write({"insureds": [insured(scope, id=same), insured(scope, id=same)]})
        with pytest.raises(Refused, match="1 of 2 rows"):
            spool.load(tmp_path, report=lambda _: None)
        assert not Insured.objects.within(scope).exists()
