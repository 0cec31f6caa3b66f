"""Time-based one-time passwords of phone apps (RFC 6238: SHA-1, 6 digits, 30 seconds)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import struct
from urllib.parse import quote, urlencode

STEP_S, DIGITS, SECRET_BYTES = 30, 6, 20
DRIFT_STEPS = 1  # a phone may be this many steps early or late
ISSUER = "OpenInsure Console"


def new_secret() -> str:
    """A fresh secret in base32, as it is typed into an app."""
    return base64.b32encode(os.urandom(SECRET_BYTES)).decode()


def code_at(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of one 30-second step."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(seconds: float) -> int:
    """The step of a time in seconds since 1970."""
    return int(seconds) // STEP_S


def matching_step(secret: str, code: str, seconds: float) -> int | None:
    """The step whose code this is, now or one step away; None for a wrong code."""
    now = step_of(seconds)
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            return step
    return None


def address(secret: str, email: str) -> str:
    """The otpauth: address that an app takes."""
    query = urlencode({"secret": secret, "issuer": ISSUER}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{ISSUER}:{email}')}?{query}"
