"""The public keys of the identity service: fetched late, cached, kept while it is away."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from openinsure.cutting import cut_after

log = logging.getLogger(__name__)

FETCH_DEADLINE_S = 2.0
FRESH_S = 600.0
REFETCH_UNKNOWN_S = 60.0  # an unknown kid asks again at most this often
LAST_GOOD_S = 24 * 3600.0
BYTES_MAX = 1024 * 1024
KEY_TYPES = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}

Fetch = Callable[[str], bytes]


class KeysAway(Exception):
    """The key set cannot be fetched and no last good one is young enough."""


def fetch(url: str) -> bytes:
    """The whole body of a 200 answer. Follows no redirect. Raises OSError."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection = http.client.HTTPSConnection(
        str(parts.hostname),
        parts.port or 443,
        timeout=FETCH_DEADLINE_S,
        context=ssl.create_default_context(),
    )
    try:
        connection.connect()
        opened = connection.sock  # the connection forgets it before the body is read
        with cut_after(FETCH_DEADLINE_S, lambda: opened):
            connection.request("GET", path, headers={"Accept": "application/json"})
            response = connection.getresponse()
            body = response.read(BYTES_MAX + 1)
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error
    finally:
        connection.close()
    if response.status != 200 or len(body) > BYTES_MAX or response.length:
        raise OSError(f"status {response.status}, {len(body)} bytes")
    return body


def parsed(body: bytes) -> dict[str, PyJWK]:
    """Signing keys by kid; entries of other kinds are left out. Raises ValueError."""
    document: Any = json.loads(body)
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("no key set")
    keys: dict[str, PyJWK] = {}
    for entry in document["keys"]:
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        algorithm = KEY_TYPES.get(str(entry.get("kty")))
        kid = entry.get("kid")
        if algorithm is None or entry.get("alg", algorithm) != algorithm or type(kid) is not str:
            continue
        try:
            keys[kid] = PyJWK(entry, algorithm=algorithm)
        except PyJWTError:
            log.warning("a key of the key set cannot be read", extra={"kid": kid[:64]})
    return keys


@dataclass(slots=True)
class KeySet:
    """The keys of one address. Times are seconds of a monotonic clock, passed in."""

    url: str
    fetch: Fetch = fetch
    _keys: dict[str, PyJWK] = field(default_factory=dict)
    _good_at: float | None = None
    _tried_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def key(self, kid: str, *, now: float) -> PyJWK | None:
        """The key, None for an unknown kid. Raises KeysAway when nothing usable is held."""
        with self._lock:
            fresh = self._good_at is not None and now - self._good_at < FRESH_S
            waited = self._tried_at is None or now - self._tried_at >= REFETCH_UNKNOWN_S
            if waited and (not fresh or kid not in self._keys):
                self._refresh(now)
            if self._good_at is None or now - self._good_at >= LAST_GOOD_S:
                raise KeysAway(self.url)
            return self._keys.get(kid)

    def _refresh(self, now: float) -> None:
        self._tried_at = now
        try:
            self._keys = parsed(self.fetch(self.url))
            self._good_at = now
        except (OSError, ValueError) as error:
            log.warning("key set not fetched: %s", type(error).__name__)


@cache
def key_set(url: str) -> KeySet:
    """The key set of this process."""
    return KeySet(url)
