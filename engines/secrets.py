"""Random secrets of the local stack: made once, 0600, kept in `<state>/secrets`."""

from __future__ import annotations

import base64
import os
import secrets as random
from collections.abc import Callable

from engines.stack import Stack


def text() -> str:
    """43 characters that need no quoting in addresses, SQL or shells."""
    return random.token_urlsafe(32)


def key() -> str:
    """32 random bytes, base64: an AES-256 or HMAC key."""
    return base64.b64encode(random.token_bytes(32)).decode()


def hexadecimal() -> str:
    """32 random bytes as hexadecimal digits."""
    return random.token_hex(32)


def secret(stack: Stack, name: str, make: Callable[[], str] = text) -> str:
    """The secret of this name; made at the first call, the same ever after."""
    path = stack.state / "secrets" / name
    try:
        return path.read_text()
    except FileNotFoundError:
        pass
    fresh = path.with_name(f"{name}.{os.getpid()}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(make())
    try:
        os.link(fresh, path)  # fails when another process was first: theirs counts
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text()
