"""D1 at Cloudflare over its HTTP API: the same states, named failures, and never the token."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbops import migrating
from dbops.catalog import comparing, replay
from dbops.cli.main import main
from dbops.executing import Execution, Results
from dbops.history.rules import no_runs
from dbops.inventory import Target
from dbops.readings import Deadline, State
from tests.dbops.cloudflare import ACCOUNT, DATABASE, TOKEN, Answer, Cloudflare, failed, said
from tests.dbops.conftest import NOW, MySql, look
from tests.dbops.test_d1_probe import INVENTORY, WRANGLER

Use = Callable[..., list[Target]]
assert DATABASE in WRANGLER
REMOTE = INVENTORY.replace(
    'state_dir = "state"', 'account_env = "CF_ACCOUNT"\ntoken_env = "CF_TOKEN"'
)
LEDGER = """
CREATE TABLE applied(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT 'x');
CREATE INDEX a_b ON a (b);
INSERT INTO applied (name) VALUES ('0001_a.sql');
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloudflare]:
    """One file applied."""
    with sqlite3.connect(tmp_path / "cloud.sqlite") as one:
        one.executescript(LEDGER)
    server = Cloudflare(tmp_path / "cloud.sqlite")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def forms(use: Use, cloud: Cloudflare, tmp_path: Path) -> Target:
    (tmp_path / "wrangler.toml").write_text(WRANGLER)
    (tmp_path / "sql").mkdir()
    first = "CREATE TABLE a (id TEXT NOT NULL PRIMARY KEY, b TEXT DEFAULT 'x');\n"
    (tmp_path / "sql" / "0001_a.sql").write_text(first + "CREATE INDEX a_b ON a (b);")
    (target,) = use(REMOTE, CF_ACCOUNT=ACCOUNT, CF_TOKEN=TOKEN, CLOUDFLARE_API_BASE_URL=cloud.base)
    return target


def test_it_reads_ledger_and_names(forms: Target, tmp_path: Path) -> None:
    reading = look(forms)
    assert (reading.state, reading.applied, reading.available) == (State.UNVERIFIED, 1, 1)
    assert (reading.detail, reading.keyspaces[0].expected) == ("1 table", 1)
    (tmp_path / "sql" / "0002_b.sql").write_text("ALTER TABLE a ADD COLUMN c TEXT;")
    assert look(forms).pending == ("0002_b.sql",)


def test_it_compares_the_remote_schema(forms: Target, cloud: Cloudflare) -> None:
    found = comparing.compare(forms, Deadline.after(20, NOW), cache=replay.Memory())
    assert (found.complete, found.findings) == (True, ())
    with sqlite3.connect(cloud.file) as one:
        one.execute("DROP INDEX a_b")
    found = comparing.compare(forms, Deadline.after(20, NOW), cache=replay.Memory())
    assert [finding.kind for finding in found.findings] == ["index_missing"]


def test_it_only_asks_and_changes_nothing(forms: Target, cloud: Cloudflare) -> None:
    before = cloud.file.read_bytes()
    look(forms)
    comparing.compare(forms, Deadline.after(20, NOW), cache=replay.Memory())
    assert {sql.split()[0] for sql in cloud.seen} == {"SELECT"}
    assert cloud.file.read_bytes() == before


def test_it_takes_a_database_without_ledger_for_new(forms: Target, cloud: Cloudflare) -> None:
    with sqlite3.connect(cloud.file) as one:
        one.executescript("DROP TABLE applied; DROP TABLE a;")
    assert look(forms).state is State.PENDING


@pytest.mark.parametrize(("answer", "state", "reason"), [
    (failed(401, 10000, f"Authentication error {TOKEN}"), "unreachable", "rejected the token"),
    (failed(403, 10000, "no"), "unreachable", "rejected the token"),
    (failed(404, 7404, "no"), "unreachable", "has no database of that id"),
    (failed(429, 971, "slow down"), "unknown", "asks to wait (HTTP 429)"),
    (failed(503, 0, "away"), "unknown", "failed (HTTP 503)"),
    ((200, b"<html>hello</html>"), "unknown", "unreadable answer (HTTP 200, no JSON)"),
    ((200, b"[]"), "unknown", "unreadable answer (HTTP 200, no JSON)"),
    ((302, b"{}"), "unknown", "refused the statement (HTTP 302)"),
    (failed(400, 7500, f"near {TOKEN}"), "unknown", "refused the statement (error 7500)"),
    (said({"success": True, "result": [{}]}), "unknown", "unreadable answer (no rows)"),
])  # fmt: skip
def test_it_names_what_failed(
    forms: Target, cloud: Cloudflare, answer: tuple[int, bytes], state: str, reason: str
) -> None:
    cloud.instead = lambda _sql: answer
    reading = look(forms)
    assert (reading.state, reading.error) == (state, reason)
    assert TOKEN not in repr(reading)


def test_it_is_unknown_by_the_deadline_when_nothing_comes(forms: Target, cloud: Cloudflare) -> None:
    cloud.instead = lambda _sql: time.sleep(1.5)
    reading = look(forms, seconds=0.3)
    assert (reading.state, reading.error) == (State.UNKNOWN, "no answer within 0.3 s")


def test_it_is_unreachable_when_refused(
    forms: Target, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", f"http://127.0.0.1:{closed_port}/client/v4")
    reading = look(forms)
    assert (reading.state, reading.error) == (State.UNREACHABLE, "refused the connection")


def test_it_sends_the_token_over_https_only(forms: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", "http://api.example/client/v4")
    assert look(forms).error == "CLOUDFLARE_API_BASE_URL: must be https"


def test_it_names_the_variable_that_is_not_set(
    forms: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CF_TOKEN")
    assert look(forms).error == "CF_TOKEN is not set"


def carried_out(forms: Target) -> Results:
    (work,) = migrating.plan(forms, no_runs, now=NOW)
    return Execution([work] if work.ready else [], "ada@example.com", lambda _line: None).run()


def test_it_applies_a_file_after_a_bookmark(
    forms: Target, cloud: Cloudflare, console: str, tmp_path: Path
) -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = 'y'; END; -- end"
    (tmp_path / "sql" / "0002_b.sql").write_text(f"ALTER TABLE a ADD COLUMN c TEXT; {trigger}")
    assert carried_out(forms).done == {"forms": ["0002_b.sql"]}
    asked = [sql.split()[0] for sql in cloud.seen]
    assert asked[-2:] == ["bookmark", "ALTER"]
    assert look(forms).state is State.UNVERIFIED
    assert carried_out(forms).done == {}


def test_it_says_what_cloudflare_refused(
    forms: Target, cloud: Cloudflare, console: str, tmp_path: Path
) -> None:
    (tmp_path / "sql" / "0002_b.sql").write_text(
        "ALTER TABLE a ADD COLUMN c TEXT; ALTER TABLE a ADD COLUMN b TEXT;"
    )
    stopped = carried_out(forms).failed["forms"]
    assert "0002_b.sql: duplicate column name: b" in str(stopped)
    assert "docs/runbooks/d1.md" in str(stopped)
    assert look(forms).pending == ("0002_b.sql",)


def test_it_does_not_know_what_a_lost_answer_did(
    forms: Target, cloud: Cloudflare, console: str, mysql: MySql, tmp_path: Path
) -> None:
    (tmp_path / "sql" / "0002_b.sql").write_text("ALTER TABLE a ADD COLUMN c TEXT;")

    def lost(sql: str) -> Answer | None:
        if not sql.startswith("ALTER"):
            return None
        cloud.run(sql, [])
        return 502, b"<html>bad gateway</html>"

    cloud.instead = lost
    stopped = carried_out(forms).failed["forms"]
    assert stopped.unreachable
    assert "whether the file ran is not known" in str(stopped)
    runs = mysql.run("SELECT outcome, begun, ended FROM dbops_migrationrun", schema=console)
    assert runs == [("unknown", 1, 0)]
    assert look(forms).state is State.UNVERIFIED  # the ledger tells: it had run


def test_it_wants_a_person_for_a_hosted_database(
    forms: Target, use: Use, cloud: Cloudflare, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MIGRATOR_URL", "mysql://a:b@127.0.0.1:1/")
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    use(REMOTE.replace("places.local", "places.production"))
    assert main(["db", "migrate", "--d1", "--remote", "--yes"]) == 4
    assert "No identity" in capsys.readouterr().err
    assert not any(sql.startswith(("ALTER", "CREATE", "INSERT")) for sql in cloud.seen)


@pytest.fixture
def half(forms: Target, use: Use, cloud: Cloudflare, console: str, tmp_path: Path,
         monkeypatch: pytest.MonkeyPatch) -> Path:  # fmt: skip
    """A hosted file of which the first statement ran and nothing was recorded."""
    monkeypatch.setenv("OPENINSURE_TOKEN", "unused")
    (tmp_path / "sql" / "0002_b.sql").write_text(
        "ALTER TABLE a ADD COLUMN c TEXT;\nCREATE INDEX a_c ON a (c);\n"
    )
    with sqlite3.connect(cloud.file) as one:
        one.execute("ALTER TABLE a ADD COLUMN c TEXT")
    use(REMOTE.replace("places.local", "places.production"))
    return tmp_path


@pytest.fixture
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who may."""
    from dbops.cli import operator

    class Acting:
        name = "ada@example.com"

        def record(self, *_words: object, **_said: object) -> None: ...

    monkeypatch.setattr(operator, "operator", lambda *_a, **_k: Acting())


RESUME = ["db", "resume", "forms", "0002_b.sql", "--remote"]


def test_it_prints_what_is_left_of_a_hosted_file(
    half: Path, cloud: Cloudflare, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(RESUME) == 0
    said = capsys.readouterr().out
    assert "-- 1/2 add column: done, not run again" in said
    assert "CREATE INDEX a_c ON a (c);" in said
    assert not any(sql.startswith("CREATE INDEX") for sql in cloud.seen)


def test_it_resumes_a_hosted_file_after_a_bookmark(
    half: Path, ada: None, cloud: Cloudflare, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RESUME, "--yes"]) == 4
    assert "--production forms" in capsys.readouterr().err
    assert main([*RESUME, "--yes", "--production", "forms"]) == 0
    assert cloud.seen[-2:] == [
        "bookmark",
        "CREATE INDEX a_c ON a (c);\nINSERT INTO applied (name) VALUES ('0002_b.sql')",
    ]
    with sqlite3.connect(cloud.file) as one:
        assert one.execute("SELECT name FROM applied ORDER BY id").fetchall()[1:] == [
            ("0002_b.sql",)
        ]
    assert main(RESUME) == 3


def test_it_does_not_know_what_a_lost_resume_did(
    half: Path, ada: None, cloud: Cloudflare, console: str, mysql: MySql,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    cloud.instead = lambda sql: (502, b"<html>") if sql.startswith("CREATE INDEX a_c") else None
    assert main([*RESUME, "--yes", "--production", "forms"]) == 5
    assert "whether it ran is not known" in capsys.readouterr().err
    runs = mysql.run("SELECT outcome, kind FROM dbops_migrationrun", schema=console)
    assert runs == [("unknown", "resume")]


def test_it_says_what_cloudflare_refused_of_a_resume(
    half: Path, ada: None, cloud: Cloudflare, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = failed(400, 7500, "no such column: c: SQLITE_ERROR")
    cloud.instead = lambda sql: refused if sql.startswith("CREATE INDEX a_c") else None
    assert main([*RESUME, "--yes", "--production", "forms"]) == 1
    assert "no such column: c" in capsys.readouterr().err
