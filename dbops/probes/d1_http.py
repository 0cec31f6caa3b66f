"""A D1 database at Cloudflare, asked over its HTTP API: the ledger and the texts of the schema.

Only `/query` and, before a write, `/time_travel/bookmark`; never `/export`, which takes the
database offline. The structure is read from a replay of the schema's own texts in memory, so no
pragma has to be allowed remotely. The token goes into one header and nowhere else: redirects are
not followed, and no answer of the server is repeated but its error code.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from dbops.history import d1
from dbops.inventory import Place
from dbops.probes.sessions import Away, Names, NoSuchTable, Row, no_answer
from dbops.probes.sqlite_session import table_names
from dbops.probes.threads import side_by_side
from dbops.readings import Deadline, State
from openinsure import environment

BASE_VARIABLE = "CLOUDFLARE_API_BASE_URL"  # wrangler's own name for it
BASE = "https://api.cloudflare.com/client/v4"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANSWER_MAX = 32 * 2**20  # bytes
CALL_S = 30.0  # Cloudflare's own limit for a query
STRUCTURE = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
OWN = ("sqlite_", "_cf_")  # SQLite's and Cloudflare's own tables
STATUS = {
    401: (State.UNREACHABLE, "rejected the token"),
    403: (State.UNREACHABLE, "rejected the token"),
    404: (State.UNREACHABLE, "has no database of that id"),
    429: (State.UNKNOWN, "asks to wait (HTTP 429)"),
}


class Refused(Away):
    """The database refused the statement; `said` are its words, for who sent the statement."""

    def __init__(self, code: str, said: str) -> None:
        super().__init__(State.UNKNOWN, f"refused the statement ({code})")
        self.said = said


class Api(NamedTuple):
    """One database's address at Cloudflare and the right to use it."""

    base: str
    account: str
    token: str
    database_id: str

    def __repr__(self) -> str:
        """Without the token."""
        return f"Api({self.database_id})"

    def query(self, sql: str, params: Sequence[object], deadline: Deadline) -> list[Any]:
        """`result` of one query: one entry a statement. Raises NoSuchTable, Away."""
        said = self._call("POST", "query", {"sql": sql, "params": list(params)}, deadline)
        result = said.get("result")
        if not isinstance(result, list):
            raise Away(State.UNKNOWN, "unreadable answer (no result)")
        return result

    def bookmark(self, deadline: Deadline) -> str:
        """Where Time Travel could go back to, for 30 days. Raises Away."""
        said = self._call("GET", "time_travel/bookmark", None, deadline)
        found = (said.get("result") or {}).get("bookmark")
        if not found:
            raise Away(State.UNKNOWN, "gave no bookmark")
        return str(found)

    def _call(
        self, method: str, what: str, body: dict[str, Any] | None, deadline: Deadline
    ) -> dict[str, Any]:
        if deadline.left_s <= 0:
            raise no_answer(deadline.timeout_s)
        at = urlsplit(self.base)
        kind = HTTPSConnection if at.scheme == "https" else HTTPConnection
        path = f"{at.path.rstrip('/')}/accounts/{self.account}/d1/database/{self.database_id}"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        server = kind(at.hostname or "", at.port, timeout=deadline.left_s)
        call = partial(_exchanged, server, method, f"{path}/{what}", text, headers)
        late = partial(_cut, server)
        try:
            answer = side_by_side({what: call}, deadline.left_s, late)[what]
        except TimeoutError:
            answer = None
        except (OSError, HTTPException, ValueError) as error:
            raise _away(error) from None
        if answer is None:
            raise no_answer(deadline.timeout_s)
        return _read(*answer)


def _exchanged(
    server: HTTPConnection, method: str, path: str, text: str | None, headers: dict[str, str]
) -> tuple[int, bytes] | None:
    """Status and content. The socket's timeout is that of each step: the caller has the whole."""
    with closing(server):
        server.request(method, path, text, headers)
        answer = server.getresponse()
        return answer.status, answer.read(ANSWER_MAX)


def _cut(server: HTTPConnection, _what: str) -> None:
    """An exchange that took too long ends, and with it the thread that waits for its bytes."""
    with suppress(OSError, AttributeError, ValueError):
        server.sock.shutdown(SHUT_RDWR)


def _away(error: Exception) -> Away:
    if isinstance(error, ConnectionRefusedError):
        return Away(State.UNREACHABLE, "refused the connection")
    if isinstance(error, HTTPException | ValueError):
        return Away(State.UNKNOWN, "unreadable answer (no HTTP)")
    return Away(State.UNREACHABLE, f"could not be reached ({type(error).__name__})")


def _read(status: int, content: bytes) -> dict[str, Any]:
    """The answer as JSON. Raises NoSuchTable, Away."""
    try:
        said = json.loads(content)
        errors = [
            (int(one.get("code", 0)), str(one.get("message", "")))
            for one in said.get("errors") or []
        ]
    except (ValueError, AttributeError, TypeError):
        said, errors = None, []
    if any("no such table" in message for _, message in errors):
        raise NoSuchTable
    if status in STATUS:
        raise Away(*STATUS[status])
    if status >= 500:
        raise Away(State.UNKNOWN, f"failed (HTTP {status})")
    if not isinstance(said, dict):
        raise Away(State.UNKNOWN, f"unreadable answer (HTTP {status}, no JSON)")
    if status >= 400 or said.get("success") is not True:
        code = f"error {errors[0][0]}" if errors else f"HTTP {status}"
        raise Refused(code, errors[0][1] if errors else code)
    return said


def api(place: Place, database_id: str) -> Api:
    """From the place's variables. Raises Away naming the one that is not set."""
    values = []
    for variable in (place.account_env, place.token_env):
        text = environment.optional(variable) if variable else ""
        if not text:
            named = f"{variable} is not set" if variable else "the inventory names no account"
            raise Away(State.UNKNOWN, named, absent=True)
        values.append(text)
    base = environment.optional(BASE_VARIABLE) or BASE
    at = urlsplit(base)
    if at.scheme != "https" and at.hostname not in LOOPBACK:
        raise Away(State.UNKNOWN, f"{BASE_VARIABLE}: must be https")
    return Api(base, values[0], values[1], database_id)


class RemoteSession:
    """Reads one remote database; the structure once, into memory."""

    dialect = "sqlite"

    def __init__(self, source: Api, deadline: Deadline) -> None:
        """Fetches the structure. Raises Away."""
        self._source, self._deadline = source, deadline
        self._memory = sqlite3.connect(":memory:", check_same_thread=False)
        self._replay(self._fetched(STRUCTURE))

    def _fetched(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        try:
            result = self._source.query(sql, params, self._deadline)
            return [tuple(row.values()) for row in result[0]["results"]]
        except (LookupError, AttributeError, TypeError):
            raise Away(State.UNKNOWN, "unreadable answer (no rows)") from None

    def _replay(self, rows: Sequence[Row]) -> None:
        for name, sql in rows:
            if str(name).lower().startswith(OWN):
                continue
            try:
                self._memory.execute(str(sql))
            except sqlite3.Error as error:
                if "already exists" not in str(error):  # a virtual table brings its own
                    raise Away(State.UNKNOWN, f"the text of {name} cannot be read") from None

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT; of the structure without asking again. Raises as a Session."""
        if "sqlite_master" in sql:
            return self._memory.execute(sql, tuple(params)).fetchall()
        return self._fetched(sql, params)

    def names(self, schema: str) -> Names:
        """Tables and columns; `schema` is always `main` here."""
        return table_names(self._memory)

    def close(self) -> None:
        """Never raises."""
        self._memory.close()


def session(place: Place, binding: d1.Binding, deadline: Deadline) -> RemoteSession:
    """A look at the remote database of a binding. Raises Away."""
    return RemoteSession(api(place, binding.remote_id), deadline)
