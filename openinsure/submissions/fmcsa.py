"""Asking FMCSA about a motor carrier: the port, its two adapters, and what an answer says.

OPENINSURE_FMCSA_URL names the adapter: `https://.../{usdot}?webKey=...` asks the QCMobile service
(or one that answers alike), `file:///carriers.json` reads a file of answers by DOT number.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from openinsure.problems import Conflict, Unavailable

ANSWER_MAX = 256 * 1024  # bytes; a carrier of the service is below 10 kB
STANDS = "What is on file stands."
AUTHORITY = {"A": "active", "I": "inactive", "N": "none"}


class FmcsaAway(Unavailable):
    """FMCSA gave no answer that can be used: 503, and the file stays as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} {STANDS}", code="fmcsa_unavailable")


@dataclass(frozen=True, slots=True)
class Answer:
    """What FMCSA says of one carrier. facts: its answer whole; sha256: of the bytes received."""

    name: str
    authority_status: str | None
    power_units: int | None
    drivers: int | None
    safety_rating: str | None
    facts: dict[str, Any]
    sha256: str


class Registry(Protocol):
    """Who knows motor carriers by their DOT number."""

    def ask(self, usdot: str) -> Answer:
        """The carrier. Raises Conflict for an unknown number, FmcsaAway without an answer."""


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """Answers kept in one JSON file, by DOT number: what local machines use."""

    path: Path

    def ask(self, usdot: str) -> Answer:
        """Raises Conflict, FmcsaAway."""
        try:
            found = json.loads(self.path.read_bytes()).get(usdot)
        except FileNotFoundError:
            found = None
        except (OSError, ValueError, AttributeError) as error:
            raise FmcsaAway(
                f"The file of answers cannot be read ({type(error).__name__})."
            ) from None
        if found is None:
            raise unknown(usdot)
        return read_answer(json.dumps(found, sort_keys=True).encode(), usdot)


@dataclass(frozen=True, slots=True)
class Service:
    """The service over HTTP; redirects are not followed. deadline_s: for the whole call."""

    template: str
    deadline_s: float

    def ask(self, usdot: str) -> Answer:
        """Raises Conflict, FmcsaAway."""
        ends = time.monotonic() + self.deadline_s
        at = urlsplit(self.template.replace("{usdot}", quote(usdot, safe="")))
        kind = HTTPSConnection if at.scheme == "https" else HTTPConnection
        line = kind(at.hostname or "", at.port, timeout=self.deadline_s)
        try:
            address = f"{at.path or '/'}?{at.query}" if at.query else at.path or "/"
            line.request("GET", address, headers={"Accept": "application/json"})
            reply = line.getresponse()
            body = _body(reply, ends)
        except TimeoutError:
            raise FmcsaAway(f"FMCSA did not answer within {self.deadline_s:g} s.") from None
        except (OSError, HTTPException) as error:
            raise FmcsaAway(f"FMCSA did not answer ({type(error).__name__}).") from None
        finally:
            line.close()
        if reply.status == 404:
            raise unknown(usdot)
        if reply.status != 200:
            raise FmcsaAway(f"FMCSA refused with {reply.status}.")
        return read_answer(body, usdot)


def _body(reply: HTTPResponse, ends: float) -> bytes:
    """The whole body. Raises TimeoutError after the deadline, FmcsaAway for too long a one."""
    body = b""
    while part := reply.read1(65_536):
        body += part
        if time.monotonic() > ends:
            raise TimeoutError
        if len(body) > ANSWER_MAX:
            raise FmcsaAway("The answer of FMCSA is too long to be one carrier.")
    return body


class Nobody:
    """No registry is configured."""

    def ask(self, usdot: str) -> Answer:
        """Raises FmcsaAway always."""
        raise FmcsaAway("Nobody can be asked: OPENINSURE_FMCSA_URL is not set.")


def registry() -> Registry:
    """The adapter that OPENINSURE_FMCSA_URL names."""
    text = str(settings.FMCSA_URL)
    parts = urlsplit(text)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return AnswerFile(Path(unquote(parts.path)))
    if parts.scheme in ("https", "http") and "{usdot}" in text:
        return Service(text, float(settings.FMCSA_TIMEOUT_S))
    return Nobody()


def unknown(usdot: str) -> Conflict:
    """The refusal for a number that FMCSA does not have."""
    return Conflict(f"FMCSA knows no carrier with DOT number {usdot}. {STANDS}")


def read_answer(body: bytes, usdot: str) -> Answer:
    """The carrier of a body. Raises Conflict for none, FmcsaAway for what is no answer."""
    try:
        told = json.loads(body)
        content = told.get("content", told)
        carrier = content.get("carrier") if content else None
    except (ValueError, AttributeError):
        raise FmcsaAway("The answer of FMCSA cannot be read.") from None
    if carrier is None:
        raise unknown(usdot)
    if not isinstance(carrier, dict) or str(carrier.get("dotNumber", "")) != usdot:
        raise FmcsaAway("The answer of FMCSA is about another carrier.")
    if carrier.get("allowedToOperate") == "N":
        authority: str | None = "revoked"
    else:
        authority = AUTHORITY.get(str(carrier.get("commonAuthorityStatus", "")))
    return Answer(
        name=str(carrier.get("legalName") or "")[:255],
        authority_status=authority,
        power_units=_count(carrier.get("totalPowerUnits")),
        drivers=_count(carrier.get("totalDrivers")),
        safety_rating={"S": "satisfactory", "C": "conditional", "U": "unsatisfactory"}.get(
            str(carrier.get("safetyRating") or "")
        ),
        facts={str(key)[:64]: _flat(value) for key, value in carrier.items()},
        sha256=hashlib.sha256(body).hexdigest(),
    )


def _count(value: Any) -> int | None:
    """A number of units or drivers; None for what is none."""
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10_000_000
    return value if known else None


def _flat(value: Any) -> Any:
    """Texts cut to what a page shows, numbers as they are; what is nested as its JSON."""
    if value is None or isinstance(value, bool | int):
        return value
    return (value if isinstance(value, str) else json.dumps(value))[:500]
