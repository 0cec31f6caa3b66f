"""Cursors: a row's place in a list, sealed for one organisation, order and set of filters.

Authenticated and encrypted (AES-SIV): a cursor stands in addresses and browser history, and its
sort value may be a name. Deterministic, so the same page has the same address. A cursor that
was made for anything else does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from datetime import date, datetime
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from openinsure.problems import BadFilter
from openinsure.tenancy.listing import Position, SortValue

LENGTH_MAX = 1_024  # characters; a name of 255 takes about 600
PURPOSE = b"openinsure.console.cursors.1"
NOT_OURS = "is not a cursor of this list with these filters; start again from the first page"


def seal(position: Position, *, bound_to: str, place: int) -> str:
    """URL-safe text that only `unseal` with the same `bound_to` opens.

    place: how many rows stand before this one's far side, for "51-100" on the page; a hint only.
    """
    kind, value = _spelled(position.value)
    body = json.dumps([kind, value, position.key, place], separators=(",", ":")).encode()
    sealed = _cipher(settings.SECRET_KEY).encrypt(body, [bound_to.encode()])
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(text: str, *, field: str, bound_to: str) -> tuple[Position, int]:
    """The row that a cursor names, and its place.

    Raises BadFilter(field) for anything that `seal` did not make for the same list.
    SECRET_KEY_FALLBACKS are tried too, so that links survive a rotation.
    """
    if not text or len(text) > LENGTH_MAX or not text.isascii():
        raise BadFilter(field, rule=NOT_OURS)
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFilter(field, rule=NOT_OURS) from error
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            body = _cipher(secret).decrypt(sealed, [bound_to.encode()])
        except (InvalidTag, ValueError):
            continue
        kind, value, key, place = json.loads(body)
        return Position(_read(kind, value), key, backwards=field == "before"), place
    raise BadFilter(field, rule=NOT_OURS)


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hashlib.sha512(PURPOSE + secret.encode()).digest())


def _spelled(value: SortValue) -> tuple[str, str | int]:
    if isinstance(value, datetime):
        return "t", value.isoformat()
    if isinstance(value, date):
        return "d", value.isoformat()
    return ("s", value) if isinstance(value, str) else ("i", value)


def _read(kind: str, value: str | int) -> SortValue:
    if kind == "t":
        return datetime.fromisoformat(str(value))
    return date.fromisoformat(str(value)) if kind == "d" else value
