"""kill -9 at each step of worker and web process: after the restart nothing differs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.conf import settings

from openinsure.authz.client import Client
from openinsure.environment import ROOT
from openinsure.keyspaces.ids import new_id
from openinsure.settings.databases import KEYSPACES
from tests.authz.conftest import spice
from tests.jobs.killed_worker import HERE, OF_THE_WEB, PEOPLE, STEPS

__all__ = ["spice"]
PATIENCE_S = 60


def environment() -> dict[str, str]:
    """This suite's databases and servers, for a process of its own."""
    told = {}
    for alias in ("default", *KEYSPACES):
        values = settings.DATABASES[alias]
        variable = "DATABASE_URL" if alias == "default" else f"DATABASE_URL_{alias.upper()}"
        told[variable] = (
            f"mysql://{values['USER']}:{quote(str(values['PASSWORD']), safe='')}"
            f"@{values['HOST']}:{values['PORT']}"
            f"/{values['NAME']}"
        )
    told |= {"AUTHZ_BACKEND": "spicedb", "SPICEDB_ENDPOINT": settings.SPICEDB_ENDPOINT}
    return os.environ | told | {"SPICEDB_TOKEN": settings.SPICEDB_TOKEN}


@contextmanager
def process(step: str, org_id: str) -> Iterator[subprocess.Popen[str]]:
    """One process of the console, gone when the block ends."""
    command = [sys.executable, "-m", "tests.jobs.killed_worker", step, org_id]
    running = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait(PATIENCE_S)


def run(step: str, org_id: str) -> str:
    """A step to its end; what it said."""
    with process(step, org_id) as running:
        said, _ = running.communicate(timeout=PATIENCE_S)
        assert running.returncode == 0, f"{step} failed"
    return said


def kill_at(step: str, org_id: str) -> None:
    """Start it, wait until it stands at the step, kill -9."""
    with process(step, org_id) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == HERE
        running.kill()


@pytest.mark.parametrize("step", list(STEPS))
def test_it_recovers_from_a_kill(step: str, django_db_setup: None, spice: Client) -> None:
    org_id = new_id()
    try:
        kill_at(step, org_id)
    finally:
        told = json.loads(run("recover", org_id))  # and leaves nothing behind
    assert told["after"] == [], told
    if step not in OF_THE_WEB:
        reached = 0 if step == "before-sending" else PEOPLE
        assert len(told["before"]) == PEOPLE - reached
        assert told["rows"] == ["done"] * PEOPLE
        return
    committed = step != "after-holding"
    assert told["disbursements"] == int(committed)
    assert told["rows"].count("void") == (0 if committed else 3)
    assert told["rows"].count("done") == PEOPLE + (3 if committed else 0)
