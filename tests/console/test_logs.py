"""Log lines: one JSON object, nothing secret, nothing personal, nothing that forges a line."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from openinsure.console.logs import REDACTED, JsonFormatter
from openinsure.problems import NotFound


def line_of(message: str, *args: object, exc_info: Any = None, **extra: object) -> dict[str, Any]:
    """What one call of a logger prints."""
    record = logging.LogRecord("test", logging.ERROR, "f.py", 1, message, args, exc_info)
    vars(record).update(extra)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    told: dict[str, Any] = json.loads(text)
    return told


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "mysql://app:hunter2@db.internal/oi",
        "Authorization: Bearer abc.def.ghi",
        "password=hunter2",
        "-----BEGIN PRIVATE KEY-----\nMIIhunter2\n-----END PRIVATE KEY-----",
        "jane.doe@example.test",
        "SSN 123-45-6789",
    ],
)
def test_it_redacts_by_pattern(secret: str) -> None:
    message = line_of("failed: %s", secret)["message"]
    assert REDACTED in message
    for part in ("hunter2", "eyJ", "abc.def", "jane", "6789"):
        assert part not in message


@pytest.mark.parametrize(
    "key",
    ["password", "SECRET_KEY", "access_token", "authorization", "cookie", "dsn", "key", "ssn",
     "fein", "account_number", "card_last4", "email", "phone"],
)  # fmt: skip
def test_it_redacts_by_key_at_any_depth(key: str) -> None:
    assert line_of("m", **{"outer": {key: "value"}})["outer"] == {key: REDACTED}


@pytest.mark.parametrize("key", ["keyspace", "status", "ms", "org_id"])
def test_it_keeps_what_operators_need(key: str) -> None:
    assert line_of("m", **{key: "oi_claims"})[key] == "oi_claims"


def test_it_escapes_control_characters() -> None:
    record = logging.LogRecord("t", logging.INFO, "f", 1, "a\r\n{\x1b[31m", (), None)
    text = JsonFormatter().format(record)
    assert not any(ord(character) < 32 for character in text)


def test_it_prints_no_message_of_a_foreign_exception() -> None:
    try:
        int("canary-hunter2")
    except ValueError:
        told = line_of("failed", exc_info=sys.exc_info())
    (error,) = told["exception"]
    assert (error["type"], error["message"]) == ("builtins.ValueError", REDACTED)
    assert error["frames"][-1].endswith("test_it_prints_no_message_of_a_foreign_exception")
    assert "canary" not in str(told)


def test_it_prints_the_number_of_a_driver_error() -> None:
    try:
        raise OSError(2002, "Can't connect to canary-host")
    except OSError:
        told = line_of("failed", exc_info=sys.exc_info())
    assert told["exception"][0]["message"] == "code 2002"


def test_it_prints_our_own_messages_and_the_cause() -> None:
    try:
        try:
            raise KeyError("canary")
        except KeyError as missing:
            raise NotFound("policy", "ACM-1") from missing
    except NotFound:
        told = line_of("failed", exc_info=sys.exc_info())
    assert told["exception"][0]["message"].startswith("No policy ACM-1")
    assert told["exception"][1]["message"] == REDACTED


def test_it_survives_a_bad_format() -> None:
    assert line_of("%d rows", "many")["message"].startswith("unformattable")
