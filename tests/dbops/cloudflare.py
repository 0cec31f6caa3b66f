"""Cloudflare's D1 API as documented, for one database: a small server of the test on loopback.

POST /accounts/{account}/d1/database/{id}/query {sql, params} answers {success, errors, messages,
result: [{success, meta, results: [{column: value}]}]}; GET .../time_travel/bookmark answers
{result: {bookmark}}. Statements run on a SQLite file, several of one body in one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dbops.history.states import split_statements

ACCOUNT, DATABASE, TOKEN = "acct", "5a0c6c1e-94c1-4d52-9c3e-6a7f2c1d0b01", "tok-canary-9f1e"
Answer = tuple[int, bytes]


class Cloudflare(ThreadingHTTPServer):
    """`seen` are the calls in order; `instead` answers in place of the database."""

    daemon_threads = True

    def __init__(self, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.file = file
        self.seen: list[str] = []
        self.instead: Callable[[str], Answer | None] = lambda _sql: None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        """What CLOUDFLARE_API_BASE_URL is."""
        return f"http://127.0.0.1:{self.server_port}/client/v4"

    def run(self, sql: str, params: list[Any]) -> Answer:
        """The answer of the database."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as one:
            one.row_factory = sqlite3.Row
            one.execute("BEGIN")
            try:
                rows = []
                for statement in split_statements(sql):
                    found = one.execute(statement, params if "?" in statement else ()).fetchall()
                    rows = [dict(row) for row in found]
            except sqlite3.Error as error:
                one.execute("ROLLBACK")
                return failed(400, 7500, f"{error}: SQLITE_ERROR")
            one.execute("COMMIT")
        result = [{"success": True, "meta": {"served_by": "test"}, "results": rows}]
        return said({"success": True, "errors": [], "messages": [], "result": result})


def said(answer: dict[str, Any], status: int = 200) -> Answer:
    """A JSON answer."""
    return status, json.dumps(answer).encode()


def failed(status: int, code: int, message: str) -> Answer:
    """A documented error."""
    errors = [{"code": code, "message": message}]
    return said({"success": False, "errors": errors, "messages": [], "result": None}, status)


class _Handler(BaseHTTPRequestHandler):
    server: Cloudflare

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer("query", body["sql"], lambda: self.server.run(body["sql"], body["params"]))

    def do_GET(self) -> None:
        found = {"success": True, "errors": [], "result": {"bookmark": "00000085-0000024c"}}
        self._answer("time_travel/bookmark", "bookmark", lambda: said(found))

    def _answer(self, what: str, sql: str, run: Callable[[], Answer]) -> None:
        self.server.seen.append(sql)
        if self.path != f"/client/v4/accounts/{ACCOUNT}/d1/database/{DATABASE}/{what}":
            status, content = failed(404, 7404, "The database could not be found")
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, content = failed(401, 10000, f"Authentication error {TOKEN}")
        else:
            status, content = self.server.instead(sql) or run()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""
