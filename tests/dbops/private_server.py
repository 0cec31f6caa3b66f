"""A MariaDB of one test module's own, to be killed without warning and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import MySQLdb

from openinsure.dsn import Dsn
from tests.dbops.conftest import MySql

START_LIMIT_S = 60.0


class PrivateServer:
    """`folder` holds the data and the general log: every statement that reached the server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "general.log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        # Of its own: a starting server removes the temporary tables of others in the shared one.
        self._tmp = f"--tmpdir={folder / 'tmp'}"
        (folder / "tmp").mkdir()
        install = [tool("mariadb-install-db"), "--no-defaults", f"--datadir={folder / 'data'}"]
        done = subprocess.run(
            [*install, "--auth-root-authentication-method=normal", "--skip-test-db", self._tmp],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def mysql(self) -> MySql:
        """Statements with every right."""
        return MySql(Dsn("mysql", "127.0.0.1", self.port, "root", "", ""))

    @property
    def url(self) -> str:
        """Its address."""
        return f"mysql://tester:local@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Up and answering; InnoDB has recovered."""
        own = ["--user=root"] if os.geteuid() == 0 else []
        self._process = subprocess.Popen(
            [
                tool("mariadbd"),
                *("--no-defaults", f"--datadir={self.folder / 'data'}", *own),
                *(f"--port={self.port}", "--bind-address=127.0.0.1"),
                *(f"--socket={self.folder / 'sock'}", f"--pid-file={self.folder / 'pid'}"),
                *(self._tmp, "--general-log", f"--general-log-file={self.log}"),
                *("--innodb-buffer-pool-size=16M", "--skip-log-bin"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + START_LIMIT_S
        while True:
            try:
                self._socket().close()
                return
            except MySQLdb.OperationalError:
                assert time.monotonic() < ends, "the private server does not start"
                time.sleep(0.05)

    def _socket(self) -> MySQLdb.Connection:
        return MySQLdb.connect(unix_socket=str(self.folder / "sock"), user="root")

    def admin(self, *statements: str) -> None:
        """As root over the socket."""
        one = self._socket()
        with one.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        one.close()

    def kill(self) -> None:
        """SIGKILL: nothing is flushed or said."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def reached(self, statement: str) -> int:
        """How often a statement reached the server, over all its lives."""
        return self.log.read_text(errors="replace").count(statement)


def tool(name: str) -> str:
    """A program of the server. Raises when it is not installed: the suite needs it anyway."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found, f"{name} is not installed"
    return found
