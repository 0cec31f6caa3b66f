"""D1 at Cloudflare: one deadline for a whole call, and one for all files of a run."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from dbops import migrating_d1, readings
from dbops.estate import d1_apply
from dbops.inventory import Target
from dbops.probes import d1_http
from dbops.probes.sessions import Away
from dbops.readings import Deadline
from tests.dbops.cloudflare import DATABASE, Cloudflare
from tests.dbops.conftest import NOW, look
from tests.dbops.test_d1_remote import carried_out, cloud, forms

__all__ = ["cloud", "forms"]
DRIP_S = 20.0  # how long the answer of `dripping` takes


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server whose answer never ends: a byte now and then."""
    over = threading.Event()

    def answer(server: socket.socket) -> None:
        with suppress(OSError):
            client, _ = server.accept()
            with client:
                client.recv(65536)
                for _ in range(int(DRIP_S / 0.1)):
                    if over.wait(0.1):
                        return
                    client.sendall(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        over.set()


def test_it_is_unknown_by_the_deadline_when_bytes_come_one_by_one(
    forms: Target, dripping: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each single wait is short; all of them together are not."""
    monkeypatch.setenv("CLOUDFLARE_API_BASE_URL", f"http://127.0.0.1:{dripping}/client/v4")
    source = d1_http.api(forms.place, DATABASE)
    begun = time.monotonic()
    with pytest.raises(Away, match="no answer within 0.3 s"):
        source.query("SELECT 1", (), Deadline.after(0.3, NOW))
    assert time.monotonic() - begun < DRIP_S / 2


def test_it_begins_no_file_for_which_too_little_time_is_left(
    forms: Target, cloud: Cloudflare, console: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One deadline for all files: what it would cut is not begun, so nothing is in doubt."""
    for name, table in (("0002_b.sql", "b"), ("0003_c.sql", "c")):
        (tmp_path / "sql" / name).write_text(f"CREATE TABLE {table} (id TEXT);")
    monkeypatch.setattr(migrating_d1, "RUN_S", d1_apply.FILE_S + 30)
    passed = 0.0
    real = time.monotonic

    def slow(sql: str) -> None:
        nonlocal passed
        passed += 40.0 if sql.startswith("CREATE TABLE b") else 0.0

    cloud.instead = slow
    monkeypatch.setattr(readings, "time", SimpleNamespace(monotonic=lambda: real() + passed))
    stopped = carried_out(forms).failed["forms"]
    assert stopped.done == ["0002_b.sql"]
    assert not stopped.unreachable
    assert "0003_c.sql: not begun, the 90 s for all files are nearly over" in str(stopped)
    assert look(forms).pending == ("0003_c.sql",)
