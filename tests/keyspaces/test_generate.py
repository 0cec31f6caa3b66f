"""Generated files: replayed they equal the models; no difference, no file; renames only asked."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dbops.catalog import drift, mysql
from dbops.catalog.model import Schema
from dbops.lint import folders
from dbops.lint.remarks import REFUSE, Place
from dbops.probes.mysql_session import MySqlSession
from dbops.readings import Deadline
from openinsure.keyspaces import generate, journal, snapshot
from openinsure.keyspaces.generate import CannotGenerate, Step
from openinsure.keyspaces.snapshot import ColumnSpec, KeySpec, TableSpec
from tests.dbops.conftest import NOW
from tests.keyspaces.live import address, cursor_on, fresh_schema

NOW_MS = int(NOW.timestamp() * 1000)
ID = "char(36) CHARACTER SET ascii COLLATE ascii_bin"
NEW_TABLE = TableSpec(
    "policy_stickers",
    (ColumnSpec("id", ID, False), ColumnSpec("org_id", ID, False),
     ColumnSpec("title", "varchar(40)", False, "''")),
    ("org_id", "id"),
    (KeySpec("policy_stickers_org_title", ("org_id", "title")),),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "oi_policies"
    shutil.copytree(journal.folder_of("oi_policies"), copy)
    return copy


def tables(folder: Path) -> dict[str, TableSpec]:
    return snapshot.tables_in(generate.newest(folder)[0])


def changed(old: dict[str, TableSpec]) -> dict[str, TableSpec]:
    """A table more, a table less, columns added in the middle and at the end, changed, dropped."""
    new = {**old, NEW_TABLE.name: NEW_TABLE}
    del new["policy_notices"]
    policies = old["policies"]
    columns = [one for one in policies.columns if one.name != "usdot_number"]
    columns.insert(3, ColumnSpec("nickname", "varchar(40)", True))
    columns.append(ColumnSpec("stars", "int", False, "0"))
    columns = [
        replace(one, type="varchar(48)") if one.name == "policy_number" else one for one in columns
    ]
    keys = [key for key in policies.keys if "usdot_number" not in key.columns]
    keys = [replace(key, columns=key.columns[::-1]) if key.name == "policies_org_insured" else key
            for key in keys]  # fmt: skip
    keys.append(KeySpec("policies_org_stars", ("org_id", "stars")))
    new["policies"] = replace(policies, columns=tuple(columns), keys=tuple(keys))
    return new


def live(statements: list[str], schema: str) -> Schema:
    with cursor_on(schema) as cursor:
        for statement in statements:
            cursor.execute(statement)
    session = MySqlSession(address(schema), schema, Deadline.after(20, NOW))
    try:
        return mysql.read(session, schema)
    finally:
        session.close()


def test_it_makes_what_the_models_say(folder: Path) -> None:
    old = tables(folder)
    new = changed(old)
    made = generate.steps("more", old, new, {})
    assert [step.slug for step in made] == ["more", "more_drops"]
    generate.write(folder, made, now_ms=NOW_MS)
    files = journal.read_folder(folder)
    with fresh_schema("replayed") as one, fresh_schema("direct") as two:
        replayed = live([text for file in files for text in file.statements], one)
        direct = live([generate.create_table(new[name]) for name in sorted(new)], two)
        assert drift.compare("x", direct, replayed) == []
    assert tables(folder) == new


def test_it_writes_a_folder_that_lint_takes(folder: Path) -> None:
    old = tables(folder)
    generate.write(folder, generate.steps("more", old, changed(old), {}), now_ms=NOW_MS)
    remarks = folders.lint(Place(folder, "drizzle", "oi_policies"), now=NOW)
    chain = [one for one in remarks if one.rule == "7 immutable" and "lies ahead" not in one.text]
    assert chain == []
    assert {one.rule for one in remarks if one.level == REFUSE} <= {"1 organization", "7 immutable"}


def test_it_writes_the_same_twice(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again" / "oi_policies"
    shutil.copytree(folder, again)
    old = tables(folder)
    for one in (folder, again):
        generate.write(one, generate.steps("more", old, changed(old), {}), now_ms=NOW_MS)
    written = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}
    assert written == {path.relative_to(again): path.read_bytes() for path in again.rglob("*.*")}
    assert not any(b"\r" in content for content in written.values())


def test_it_chains_snapshots_and_times(folder: Path) -> None:
    old = tables(folder)
    before, entries = generate.newest(folder)
    generate.write(folder, generate.steps("more", old, changed(old), {}), now_ms=0)
    listed = json.loads((folder / "meta" / "_journal.json").read_text())["entries"]
    assert [one["when"] - entries[-1]["when"] for one in listed[-2:]] == [1, 2]
    first = json.loads((folder / "meta" / f"{len(entries):04}_snapshot.json").read_text())
    assert first["prevId"] == before["id"]


def test_it_writes_nothing_without_a_difference(folder: Path) -> None:
    assert generate.steps("more", tables(folder), tables(folder), {}) == []


def test_it_renames_only_when_asked(folder: Path) -> None:
    old = tables(folder)
    policies = old["policies"]
    columns = tuple(
        replace(one, name="bound_on") if one.name == "bound_at" else one for one in policies.columns
    )
    new = {**old, "policies": replace(policies, columns=columns)}
    (step,) = generate.steps("more", old, new, {"policies.bound_at": "bound_on"})
    assert step == Step(
        "more", ("ALTER TABLE `policies` RENAME COLUMN `bound_at` TO `bound_on`;",), new
    )
    assert len(generate.steps("more", old, new, {})) == 2
    with pytest.raises(CannotGenerate, match="do not rename"):
        generate.steps("more", old, new, {"policies.issued_at": "bound_on"})


@pytest.mark.parametrize("name", ["", "9lives", "Big", "a b", "../up"])
def test_it_refuses_a_name_that_is_no_slug(folder: Path, name: str) -> None:
    with pytest.raises(CannotGenerate, match="starts with a letter"):
        generate.steps(name, tables(folder), tables(folder), {})
