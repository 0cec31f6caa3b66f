"""D1 retention: what is old goes, what was submitted stays, by the scheduled day."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from dbops import inventory
from dbops.estate.local import local_d1, up
from openinsure import environment
from openinsure.jobs import d1_retention

SUNDAY = datetime(2026, 11, 22, 4, tzinfo=UTC)
VERIFICATION = "INSERT INTO verification (id, identifier, value, expiresAt) VALUES (?, 'i', 'v', ?)"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path]]:
    """Both databases, migrated, in a folder of the test's own."""
    monkeypatch.setenv("OPENINSURE_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL_DOCUMENSO", raising=False)
    forget()
    up()
    yield {
        target.slug: local_d1(target).path
        for target in inventory.contacted()
        if target.database.tool == "d1"
    }
    monkeypatch.undo()
    forget()


def forget() -> None:
    """Read environment and inventory anew."""
    environment.reload()
    inventory._read.cache_clear()


def put(path: Path, statement: str, rows: list[Any]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(statement, rows)


def ids(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(f"SELECT id FROM {table} ORDER BY id")
        return [key for (key,) in found]


def test_it_deletes_what_is_old_and_keeps_the_rest(files: dict[str, Path]) -> None:
    auth, forms = files["oi-auth"], files["oi-submissions"]
    put(auth, VERIFICATION, [("old", "2026-11-15T03:59:59Z"), ("new", "2026-11-15T04:00:01Z")])
    form = (
        "INSERT INTO submission_forms (id, org_id, submission_number, status, program_code,"
        " updated_at, submitted_at) VALUES (?, 'o', ?, ?, 'p', ?, ?)"
    )
    put(forms, form, [
        ("draft", "1", "draft", "2026-05-01T00:00:00Z", None),
        ("young", "2", "draft", "2026-06-01T00:00:00Z", None),
        ("sent", "3", "submitted", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
    ])  # fmt: skip
    section = (
        "INSERT INTO form_sections (id, org_id, form_id, section, updated_at)"
        " VALUES (?, 'o', ?, 's', '2026-01-01T00:00:00Z')"
    )
    put(forms, section, [("of-draft", "draft"), ("of-sent", "sent")])
    outbox = (
        "INSERT INTO outbox (id, org_id, form_id, topic, payload_json, created_at, sent_at)"
        " VALUES (?, 'o', 'sent', 't', '{}', '2020-01-01T00:00:00Z', ?)"
    )
    put(forms, outbox, [("told", "2026-08-01T00:00:00Z"), ("waiting", None)])
    outcome = d1_retention.clean(SUNDAY)
    assert outcome.done == 3
    assert ids(auth, "verification") == ["new"]
    assert ids(forms, "submission_forms") == ["sent", "young"]
    assert ids(forms, "form_sections") == ["of-sent"]
    assert ids(forms, "outbox") == ["waiting"]
    assert outcome.figures["oi-submissions.submission_forms.oldest"] == "2026-06-01T00:00:00Z"
    assert d1_retention.clean(SUNDAY).done == 0


def test_it_deletes_in_steps(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(d1_retention, "STEP_ROWS", 3)
    put(files["oi-auth"], VERIFICATION, [(str(k), "2020-01-01T00:00:00Z") for k in range(10)])
    assert d1_retention.clean(SUNDAY).done == 10


def test_it_says_that_a_file_is_not_there(files: dict[str, Path]) -> None:
    files["oi-auth"].unlink()
    with pytest.raises(d1_retention.DatabaseAway, match="oi-auth"):
        d1_retention.clean(SUNDAY)


class Killed(BaseException):
    """The worker ends here."""


class Dying:
    """A connection to a D1 file that is gone before a statement; told: what was begun so far."""

    def __init__(self, path: Path, told: list[str], dies: int) -> None:
        self._real, self._told, self._dies = connect(path), told, dies
        self._real.isolation_level = None
        self.isolation_level: None = None

    def execute(self, sql: str, parameters: Any = ()) -> Any:
        self._told.append(sql)
        if len(self._told) == self._dies:
            raise Killed
        return self._real.execute(sql, parameters)

    def close(self) -> None:
        """As after a kill: what was not committed is taken back."""
        self._real.close()


def test_a_run_killed_before_any_statement_ends_like_one_that_was_not(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(d1_retention, "STEP_ROWS", 2)
    auth = files["oi-auth"]
    rows = [(f"old-{n}", "2020-01-01T00:00:00Z") for n in range(5)]
    put(auth, VERIFICATION, [*rows, ("new", "2026-11-21T00:00:00Z")])
    original = auth.read_bytes()

    def clean(dies: int) -> int:
        told: list[str] = []
        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", lambda path, **_: Dying(path, told, dies))
            d1_retention.clean(SUNDAY)
        return len(told)

    whole = clean(0)
    assert whole > 15
    for dies in range(1, whole + 1):
        auth.write_bytes(original)
        with pytest.raises(Killed):
            clean(dies)
        left = ids(auth, "verification")
        assert "new" in left
        assert d1_retention.clean(SUNDAY).done == len(left) - 1
        assert ids(auth, "verification") == ["new"]
