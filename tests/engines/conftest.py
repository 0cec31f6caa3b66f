"""A stack in a folder of its own, on free ports; its MariaDB and Redis run for the session."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines import accounts, mariadb, ports, processes, redis, service
from engines.processes import Program
from engines.stack import Stack


def make_stack(state: Path) -> Stack:
    """An empty stack that belongs to nobody else. `testing`: it never looks at outside servers."""
    free = dict(zip(ports.DEFAULTS, ports.free(len(ports.DEFAULTS)), strict=True))
    stack = Stack(state, free, testing=True)
    stack.make_folders()
    return stack


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack where nothing runs; what a test starts is stopped after it."""
    made = make_stack(tmp_path / "state")
    yield made
    for path in made.run.glob("*.pid"):
        processes.stop(made, path.stem)


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """MariaDB and Redis with schemas, accounts and one table in three of the keyspaces."""
    made = make_stack(tmp_path_factory.mktemp("engines"))
    own = (mariadb.SERVICE, redis.SERVICE)
    try:
        for one in own:
            service.ensure(made, one)
        accounts.apply(made)
        mariadb.rows(made, TABLES)
        accounts.grant_tables(made)
        yield made
    finally:
        for one in own:
            processes.stop(made, one.name)


TABLES = """
CREATE TABLE oi_claims.claims (id INT PRIMARY KEY, note TEXT);
INSERT INTO oi_claims.claims VALUES (1, 'one');
CREATE TABLE oi_billing.invoices (id INT PRIMARY KEY);
CREATE TABLE oi_global.users (id INT PRIMARY KEY, name TEXT);
CREATE TABLE oi_global.audit_log (id INT PRIMARY KEY, note TEXT);
CREATE TABLE oi_global.audit_access_log (id INT PRIMARY KEY, rows_returned INT, note TEXT);
CREATE TABLE oi_global.__drizzle_migrations (id INT PRIMARY KEY, hash TEXT);
"""


def query(stack: Stack, account: str, sql: str, timeout_s: float = 5) -> str:
    """'' when the account may run it, else what the server said ('no answer' after the timeout)."""
    command = [
        *("mariadb", "--no-defaults", "-h127.0.0.1", f"-P{stack.ports['mysql']}"),
        *(f"-u{account}", "--batch", "--connect-timeout=2"),
    ]
    secret = {**os.environ, "MYSQL_PWD": accounts.password(stack, account)}
    try:
        done = subprocess.run(
            command,
            input=sql,
            env=secret,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "no answer"
    return done.stderr.strip() if done.returncode else ""


def sleeper(stack: Stack, name: str = "sleeper", *, seconds: int = 600) -> Program:
    """A harmless program whose command line names the stack."""
    code = f"import time; time.sleep({seconds})"
    return Program(name, (sys.executable, "-c", code, str(stack.state)), mark=str(stack.state))
