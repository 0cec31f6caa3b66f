"""Wrong words, files and inventories: the exit code, one line, and JSON where it was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dbops.cli.main import main
from dbops.inventory import Target
from tests.dbops.benches import DrizzleBench
from tests.dbops.conftest import MySql

Use = Callable[..., list[Target]]
ENTRY = """[[database]]
slug = "a"
name = "a"
engine = "{engine}"
host = "own"
tool = "{tool}"
owner = "we"
status = "active"
[database.places.local]
"""


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and message; stdout is empty, or with --json one object that says the same."""
    capsys.readouterr()
    code = main(["db", *words])
    plain = capsys.readouterr()
    assert main(["db", *words, "--json"]) == code
    asked = capsys.readouterr()
    (line,) = plain.err.splitlines()
    assert (plain.out, asked.err) == ("", plain.err)
    assert json.loads(asked.out)["message"] == line.removeprefix("openinsure: ")
    return code, line


@pytest.fixture
def bench(tmp_path: Path, use: Use, mysql: MySql, schema: str, console: str) -> DrizzleBench:
    """One file applied, the second half-way."""
    made = DrizzleBench(tmp_path, use, mysql, schema)
    made.apply(1)
    made.statements(2, 1)
    return made


def test_it_refuses_words_in_one_line(
    bench: DrizzleBench, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    half = bench.tag(2)
    (tmp_path / "notes.txt").write_text("no SQL")
    for words, code, says in (
        (["status", "nowhere"], 3, "No database nowhere in the inventory; it has books."),
        (["drift", "nowhere"], 3, "No database nowhere"),
        (["resume", "books", "nothing"], 3, "books has no file nothing"),
        (["resume", "books", bench.tag(1)], 3, "is applied: nothing to resume"),
        (["resume", "books", half, "--ran", "3"], 2, "3 is none of the 2 statements"),
        (["resume", "books", half, "--ran", "2", "--not-ran", "2"], 2, "2 cannot have run and"),
        (["lint", str(tmp_path / "lost.sql")], 3, "No file "),
        (["lint", str(tmp_path / "notes.txt")], 2, "notes.txt is no .sql file"),
    ):
        found = refused(capsys, *words)
        assert found[0] == code, words
        assert says in found[1]


def test_it_lints_no_file_that_no_tool_runs(
    bench: DrizzleBench, capsys: pytest.CaptureFixture[str]
) -> None:
    stray = bench.folder / "0009_stray.sql"
    stray.write_text("SELECT 1")
    assert main(["db", "lint", str(stray)]) == 6
    assert "is no migration of drizzle" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "says"), [
    ("", "holds no [[database]] table"),
    ("x = [", "is no TOML"),
    (b"\xff\xfe", "cannot be read (it is not UTF-8)"),
    ("database = 3", "each database is a [[database]] table"),
    (ENTRY.format(engine="oracle", tool="none"), "line 4: engine must be one of vitess, mysql"),
    (ENTRY.format(engine="mysql", tool="knex"), "line 6: tool must be one of drizzle, d1"),
    (2 * ENTRY.format(engine="mysql", tool="none"), "line 11: slug a stands twice"),
])  # fmt: skip
def test_it_refuses_an_inventory_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    text: str | bytes, says: str,
) -> None:  # fmt: skip
    file = tmp_path / "bad.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    monkeypatch.setenv("OPENINSURE_INVENTORY", str(file))
    code, line = refused(capsys, "status")
    assert code == 2
    assert f"OPENINSURE_INVENTORY: {file}" in line
    assert says in line
    file.unlink()
    assert "cannot be read (No such file or directory)" in refused(capsys, "status")[1]
    file.mkdir()
    assert "cannot be read (Is a directory)" in refused(capsys, "status")[1]


@pytest.mark.parametrize(("words", "says"), [
    (["db", "status", "--timeout", "0"], "must be seconds, 0.05 to 60"),
    (["db", "drift", "--colour"], "unrecognized arguments: --colour"),
    (["db", "backup", "--record", "x"], "name the one database"),
    (["db", "migrate", "now"], "now"),
    (["db", "undo"], "db undo is no verb"),
    (["undo"], "undo is no verb"),
])  # fmt: skip
def test_it_tells_a_script_of_wrong_words_in_json(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().out == ""
    assert main([*words, "--json"]) == 2
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert told["error"] == "usage"
    assert says in told["message"]
    assert told["message"] in said.err
