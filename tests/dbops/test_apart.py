"""Probes in a process of their own: the answer comes back, and a child that dies is no silence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from dbops.probes import apart
from engines.stack import ROOT

DYING = """
import os
from dbops import inventory
from dbops.probes import board, postgres
from dbops.cli.main import main
postgres.probe = lambda *_: os._exit(9)
raise SystemExit(main(["db", "status", "--json"]))
"""
INVENTORY = """
[[database]]
slug = "sign"
name = "sign"
engine = "postgres"
host = "own"
tool = "none"
owner = "we"
status = "active"
[database.places.local]
url_env = "SIGN_URL"
"""


def test_it_brings_the_answer_of_another_process() -> None:
    children = [apart.started(lambda heard: ["found", os.getpid()]) for _ in range(2)]
    found = [child.answer(5) for child in children]
    assert [word for word, _ in found] == ["found", "found"]
    assert len({pid for _, pid in found} | {os.getpid()}) == 3


def test_it_tells_the_other_process_what_it_waits_for() -> None:
    child = apart.started(lambda heard: heard() * 2)
    child.tell(["said"])
    assert child.answer(5) == ["said", "said"]


def test_it_hears_nothing_from_a_parent_that_goes_silent() -> None:
    child = apart.started(lambda heard: heard())
    os.close(child._telling)
    assert child.answer(5) is None


def test_it_says_that_a_child_died() -> None:
    child = apart.started(lambda heard: os._exit(9))
    child.tell("nobody hears it")
    with pytest.raises(EOFError):
        child.answer(5)


def test_it_ends_a_child_that_hangs() -> None:
    child = apart.started(lambda heard: time.sleep(600))
    with pytest.raises(TimeoutError):
        child.answer(0.1)
    with pytest.raises(ProcessLookupError):
        os.kill(child._pid, 0)


def test_it_calls_a_database_unknown_whose_probe_died(tmp_path: object) -> None:
    path = f"{tmp_path}/inventory.toml"
    with open(path, "w") as file:
        file.write(INVENTORY)
    done = subprocess.run(
        [sys.executable, "-c", DYING], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "OPENINSURE_INVENTORY": path, "SIGN_URL": "postgresql://a:b@h/x"},
    )  # fmt: skip
    (told,) = json.loads(done.stdout)["databases"]
    assert (told["state"], told["error"]) == ("unknown", "the probe ended without an answer")
    assert done.returncode == 5


def test_it_prints_all_of_its_help() -> None:
    for words in (["--help"], ["db", "--help"], ["db", "status", "--help"]):
        done = subprocess.run(
            [sys.executable, "-m", "dbops.cli.main", *words],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout[:5], done.stderr) == (0, "usage", "")
