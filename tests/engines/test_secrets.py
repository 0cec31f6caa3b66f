"""Secrets and the environment file: made once, kept, closed to others, readable by the settings."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from engines import environment_file, secrets
from engines.stack import KEYSPACES, Stack, Trouble


def test_it_keeps_a_secret(stack: Stack) -> None:
    first = secrets.secret(stack, "mariadb-reader")
    assert secrets.secret(stack, "mariadb-reader") == first
    assert secrets.secret(stack, "mariadb-risk") != first
    path = stack.state / "secrets" / "mariadb-reader"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [one.name for one in path.parent.glob("*.new")] == []


def test_it_writes_what_the_settings_read(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    from openinsure import environment
    from openinsure.dsn import Dsn

    written = environment_file.write(stack)
    assert environment_file.path(stack).stat().st_mode & 0o777 == 0o600
    for name in (*environment_file.DATABASES, "READER_URL", "MIGRATOR_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENINSURE_STATE_DIR", str(stack.state))
    environment.reload()
    try:
        dsn = Dsn.parse(environment.required("READER_URL"), "READER_URL")
        assert (dsn.user, dsn.port) == ("reader", stack.ports["mysql"])
        assert environment.required("DATABASE_URL_OI_CLAIMS") == written["DATABASE_URL_OI_CLAIMS"]
        assert environment.integer("OPENINSURE_PORT_WEB", 1, 1, 65535) == stack.ports["web"]
    finally:
        monkeypatch.undo()
        environment.reload()


def test_it_gives_each_alias_its_own_account(stack: Stack) -> None:
    written = environment_file.write(replace(stack, testing=False, environment={}))
    users = {written[name].split("//")[1].split(":")[0] for name in environment_file.DATABASES}
    assert users == {"app_console", *(f"app_{name}" for name in KEYSPACES)}
    assert "OPENINSURE_TESTING" not in written


def test_it_gives_the_suite_a_tester(stack: Stack) -> None:
    written = environment_file.write(stack)
    assert written["DATABASE_URL_OI_CLAIMS"].startswith("mysql://tester:")
    assert written["APP_URL_OI_CLAIMS"].startswith("mysql://app_oi_claims:")
    assert written["OPENINSURE_TESTING"] == "1"


def test_it_makes_keys_of_32_bytes(stack: Stack) -> None:
    written = environment_file.write(stack)
    field = written["OPENINSURE_FIELD_KEYS"].partition(":")[2]
    audit = written["OPENINSURE_AUDIT_KEYS"].partition(":")[2]
    assert len(base64.b64decode(field, validate=True)) == 32
    assert len(bytes.fromhex(audit)) == 32


def test_it_keeps_outside_addresses(stack: Stack) -> None:
    given = {name: f"mysql://a:b@db.test:3306/{name}" for name in environment_file.DATABASES}
    outside = replace(stack, testing=False, environment={**given, "REDIS_URL": "redis://r.test"})
    written = environment_file.write(outside)
    assert {name: written[name] for name in given} == given
    assert written["REDIS_URL"] == "redis://r.test"
    assert "MIGRATOR_URL" not in written


def test_it_wants_all_six_addresses(stack: Stack) -> None:
    given = {"DATABASE_URL": "mysql://a:b@db.test/oi_console"}
    outside = replace(stack, testing=False, environment=given)
    with pytest.raises(Trouble, match="^DATABASE_URL_OI_GLOBAL: must be set too"):
        environment_file.check_external(outside)


def test_it_never_shows_the_suite_outside_servers(tmp_path: Path) -> None:
    inside = Stack(tmp_path, {}, testing=True, environment={"REDIS_URL": "redis://r.test"})
    assert inside.external("REDIS_URL") == ""
