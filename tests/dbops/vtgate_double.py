"""A server that speaks MySQL's protocol as VTGate: its version, its SHOW answers, and for every
other statement what a MariaDB behind it says. For what no local server can do: online DDL.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

import MySQLdb

from openinsure.dsn import Dsn

VERSION = b"8.4.6-Vitess"
# long password, connect with db, protocol 4.1, transactions, secure connection, plugin auth
CAPABILITIES = 0x1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x80000
OK = b"\x00\x00\x00\x02\x00\x00\x00"
EOF = b"\xfe\x00\x00\x02\x00"
QUIT, USE, QUERY = 1, 2, 3
TIMESTAMP, TEXT = 7, 253
Answer = tuple[Sequence[str], Sequence[Sequence[Any]]]  # columns, rows


def lenenc(data: bytes) -> bytes:
    """A length, then the bytes."""
    if len(data) < 251:
        return bytes([len(data)]) + data
    return b"\xfc" + struct.pack("<H", len(data)) + data


def value(said: Any) -> bytes:
    """One field of a row; None is NULL."""
    if said is None:
        return b"\xfb"
    return lenenc(said if isinstance(said, bytes) else str(said).encode())


class Talk(socketserver.BaseRequestHandler):
    """One client."""

    server: Double
    sequence = 0

    def handle(self) -> None:
        plugin = b"mysql_native_password\x00"
        low, high = CAPABILITIES & 0xFFFF, CAPABILITIES >> 16
        self.send(
            b"\x0a" + VERSION + b"\x00" + struct.pack("<I", 7) + b"12345678\x00"
            + struct.pack("<HBHH", low, 45, 2, high) + bytes([21]) + b"\x00" * 10
            + b"123456789012\x00" + plugin
        )  # fmt: skip
        login = self.receive()
        behind = self.server.connected(self.database(login))
        self.send(OK)
        with closing(behind), suppress(ConnectionError):
            while (packet := self.receive()) and packet[0] != QUIT:
                if packet[0] == QUERY:
                    self.query(behind, packet[1:].decode())
                else:
                    self.send(OK)

    @staticmethod
    def database(login: bytes) -> str:
        """What stands behind user name and password in the client's answer."""
        _user, _, rest = login[32:].partition(b"\x00")
        return rest[1 + rest[0] :].partition(b"\x00")[0].decode()

    def query(self, behind: Any, sql: str) -> None:
        """One statement: a prepared answer, or the one of the server behind."""
        self.server.heard.append(sql)
        canned = self.server.answers.get(sql)
        if isinstance(canned, int):
            self.send(b"\xff" + struct.pack("<H", canned) + b"#HY000refused")
        elif canned is not None:
            self.rows(*canned)
        else:
            self.forward(behind, sql)

    def forward(self, behind: Any, sql: str) -> None:
        with behind.cursor() as cursor:
            try:
                cursor.execute(sql)
            except MySQLdb.Error as error:
                said = str(error.args[1]).encode()
                self.send(b"\xff" + struct.pack("<H", error.args[0]) + b"#42000" + said)
                return
            if cursor.description is None:
                self.send(OK)
            else:
                self.rows([column[0] for column in cursor.description], cursor.fetchall())

    def rows(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.send(bytes([len(columns)]))
        for name in columns:
            kind = TIMESTAMP if name.endswith("_timestamp") else TEXT
            about = struct.pack("<HIBHB", 45, 1024, kind, 0, 0) + b"\x00\x00"
            names = lenenc(b"def") + lenenc(b"") * 3 + lenenc(name.encode()) * 2
            self.send(names + b"\x0c" + about)
        self.send(EOF)
        for row in rows:
            self.send(b"".join(map(value, row)))
        self.send(EOF)

    def send(self, payload: bytes) -> None:
        head = struct.pack("<I", len(payload))[:3] + bytes([self.sequence % 256])
        self.request.sendall(head + payload)
        self.sequence += 1

    def receive(self) -> bytes:
        head = self.exactly(4)
        self.sequence = head[3] + 1 if head else 0
        return self.exactly(int.from_bytes(head[:3], "little")) if head else b""

    def exactly(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            more = self.request.recv(count - len(found))
            if not more:
                return b""
            found += more
        return found


class Double(socketserver.ThreadingTCPServer):
    """`answers`: statement -> rows, or an error number; `heard`: every statement, in order."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: Dsn, answers: Mapping[str, Answer | int]) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.behind, self.answers, self.heard = behind, dict(answers), list[str]()

    @property
    def url(self) -> str:
        return f"mysql://anyone:any@127.0.0.1:{self.server_address[1]}/"

    def connected(self, database: str) -> Any:
        dsn = self.behind
        return MySQLdb.connect(
            host=dsn.host, port=dsn.port, user=dsn.user, password=dsn.password,
            database=database, autocommit=True, conv={}, use_unicode=True,
        )  # fmt: skip


@contextmanager
def vtgate(behind: Dsn, answers: Mapping[str, Answer | int]) -> Iterator[Double]:
    """The double, as long as it is used."""
    with Double(behind, answers) as double:
        thread = threading.Thread(target=double.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield double
        double.shutdown()
        with suppress(OSError):
            double.socket.shutdown(socket.SHUT_RDWR)
