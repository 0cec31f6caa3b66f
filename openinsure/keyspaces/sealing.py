"""Protected columns (`*_enc`): AES-256-GCM with a key ring, and keyed hashes for look-up.

A sealed value is the ASCII text `v1.<key id>.<iv>.<ciphertext>` (base64url). The associated data
are organisation, field and key id, so a value moved to another row's organisation or column does
not open. Keys: OPENINSURE_FIELD_KEYS = `id:base64key[,id:base64key...]`, the first one seals.
Source: security.md 5, "Secrets".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from openinsure.environment import ConfigurationError, required

LOCAL_KEYS = "local:" + base64.b64encode(b"openinsure-local-field-key-00000").decode()
LOCAL_HASH_KEY = "openinsure-local-hash-key-0000000"
IV_BYTES, KEY_BYTES = 12, 32


class CannotOpen(Exception):
    """The value is damaged, moved from another place, or sealed with a key we do not have."""


@cache
def _ring() -> dict[str, AESGCM]:
    ring: dict[str, AESGCM] = {}
    for entry in required("OPENINSURE_FIELD_KEYS", LOCAL_KEYS).split(","):
        key_id, _, text = entry.strip().partition(":")
        try:
            key = base64.b64decode(text, validate=True)
        except ValueError:
            key = b""
        if not key_id.isalnum() or len(key) != KEY_BYTES:
            rule = "must be id:base64 of 32 bytes, separated by commas"
            raise ConfigurationError("OPENINSURE_FIELD_KEYS", rule)
        ring[key_id] = AESGCM(key)
    return ring


@cache
def _hash_key() -> bytes:
    return required("OPENINSURE_HASH_KEY", LOCAL_HASH_KEY).encode()


def seal(org_id: str, field: str, text: str, iv: bytes | None = None) -> bytes:
    """The sealed form of a text, ASCII. `iv`: 12 bytes, random unless given (demo data only)."""
    key_id, key = next(iter(_ring().items()))
    iv = iv or os.urandom(IV_BYTES)
    body = key.encrypt(iv, text.encode(), _context(org_id, field, key_id))
    return b".".join((b"v1", key_id.encode(), _b64(iv), _b64(body)))


def unseal(org_id: str, field: str, sealed: bytes) -> str:
    """The text. Raises CannotOpen; the message never holds the value."""
    try:
        version, key_id, iv, body = sealed.decode("ascii").split(".")
        key = _ring()[key_id]
        if version != "v1":
            raise CannotOpen(field)
        return key.decrypt(_raw(iv), _raw(body), _context(org_id, field, key_id)).decode()
    except (ValueError, KeyError, InvalidTag):
        raise CannotOpen(field) from None


def keyed_hash(org_id: str, value: str) -> str:
    """64 hex characters to look a protected value up by; differs between organisations."""
    return hmac.new(_hash_key(), f"{org_id}:{value}".encode(), hashlib.sha256).hexdigest()


def _context(org_id: str, field: str, key_id: str) -> bytes:
    return f"{org_id}|{field}|{key_id}".encode()


def _b64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
