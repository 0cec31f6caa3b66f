"""The identity service's public keys: fetched late, cached, kept a day while it is away."""

from __future__ import annotations

import json
import socket
import threading
from http.client import HTTPSConnection

import pytest

from openinsure.accounts import jwks
from tests.accounts.test_tokens import OTHER_KEY, RSA_KEY, published


class Identity:
    """An identity service whose keys change and which may be away."""

    def __init__(self) -> None:
        self.body, self.asked = published(r1=RSA_KEY), 0

    def __call__(self, url: str) -> bytes:
        self.asked += 1
        if not self.body:
            raise OSError
        return self.body


def test_it_fetches_late_and_keeps_keys_ten_minutes() -> None:
    service = Identity()
    keys = jwks.KeySet("u", fetch=service)
    assert [keys.key("r1", now=now) is not None for now in (0, 1, 599)] == [True] * 3
    assert service.asked == 1
    keys.key("r1", now=601)
    assert service.asked == 2


def test_it_refetches_for_an_unknown_kid_once_a_minute() -> None:
    service = Identity()
    keys = jwks.KeySet("u", fetch=service)
    assert [keys.key("r2", now=now) for now in (0, 1, 59)] == [None] * 3
    assert service.asked == 1
    service.body = published(r1=RSA_KEY, r2=OTHER_KEY)
    assert keys.key("r2", now=60) is not None
    assert service.asked == 2


def test_it_keeps_the_last_good_keys_a_day() -> None:
    service = Identity()
    keys = jwks.KeySet("u", fetch=service)
    keys.key("r1", now=0)
    service.body = b""
    assert keys.key("r1", now=24 * 3600 - 1) is not None
    with pytest.raises(jwks.KeysAway):
        keys.key("r1", now=24 * 3600 + 61)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 1}', b"<html>", b"\xff"])
def test_it_survives_junk_instead_of_keys(body: bytes) -> None:
    with pytest.raises(jwks.KeysAway):
        jwks.KeySet("u", fetch=lambda _: body).key("r1", now=0)


def test_it_leaves_out_keys_that_do_not_sign() -> None:
    document = json.loads(published(r1=RSA_KEY))
    one = document["keys"][0]
    odd = [one | {"kid": 1}, one | {"use": "enc"}, one | {"alg": "RS512"}, {"kty": "oct"}, 7]
    assert list(jwks.parsed(json.dumps({"keys": [*odd, one]}).encode())) == ["r1"]


class Pipe:
    """A connection without TLS to a service that sends a byte now and then, and never ends."""

    def __init__(self) -> None:
        self.ours, self.theirs = socket.socketpair()
        self.over = threading.Event()
        threading.Thread(target=self._drip, daemon=True).start()

    def _drip(self) -> None:
        try:
            self.theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not self.over.wait(0.02):
                self.theirs.sendall(b" ")
        except OSError:
            self.over.set()


def test_it_gives_up_on_keys_that_drip(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = Pipe()
    monkeypatch.setattr(jwks, "FETCH_DEADLINE_S", 0.2)
    monkeypatch.setattr(HTTPSConnection, "connect", lambda self: setattr(self, "sock", pipe.ours))
    found: list[BaseException] = []

    def fetch() -> None:
        try:
            jwks.fetch("https://identity.test/keys")
        except OSError as error:
            found.append(error)

    asking = threading.Thread(target=fetch, daemon=True)
    asking.start()
    asking.join(10)
    pipe.over.set()
    assert not asking.is_alive()
    assert [type(error) for error in found] != []
