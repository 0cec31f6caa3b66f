"""Backup age as a reading: recorded files with their hash, the last restore test."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from dbops import backups
from dbops.cli.main import main
from openinsure.problems import BadForm, NotFound

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    file = tmp_path / "ai.sql.gz"
    file.write_bytes(b"a backup")
    return file


def test_it_records_bytes_and_age(dump: Path) -> None:
    now = timezone.now() + timedelta(hours=2)
    made = backups.record("ai", dump, by="ada@example.com", now=now)
    assert made.size == 8
    assert backups.newest("ai") == made
    assert made.fresh(now)
    assert not made.fresh(now + timedelta(hours=24))
    assert backups.restored("ai", made.sha256[:8], now=now).restored_at == now
    assert backups.newest("oi-auth") is None


def test_it_takes_no_empty_absent_or_future_file(dump: Path, tmp_path: Path) -> None:
    now = timezone.now()
    empty = tmp_path / "empty"
    empty.touch()
    os.utime(dump, (now.timestamp() + 3_600,) * 2)
    for file, rule in ((empty, "is empty"), (tmp_path / "no", "cannot be read"), (dump, "future")):
        with pytest.raises(BadForm, match=rule):
            backups.record("ai", file, by="ada@example.com", now=now)
    with pytest.raises(NotFound):
        backups.restored("ai", "0" * 8, now=now)


def test_it_shows_the_age_on_page_and_command(
    dump: Path, operator: Client, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MIGRATOR_URL", "mysql://a:b@127.0.0.1:1/")
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    assert main(["db", "backup", "ai"]) == 6
    assert capsys.readouterr().out == "ai: none recorded\n"
    assert "none recorded" in operator.get("/ops/db/ai").content.decode()
    assert main(["db", "backup", "ai", "--record", str(dump), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["backups"]["ai"]
    page = operator.get("/ops/db/ai", headers={"accept": "application/json"}).json()
    assert page["backup"]["sha256"] == told["sha256"]
    assert (told["recorded_by"], told["fresh"]) == ("service:local-setup", True)
    assert main(["db", "backup", "--record", str(dump)]) == 2
