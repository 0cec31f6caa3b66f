"""Forms that act at most once: a server-made, signed id travels in the form (decisions.md 21).

The operation inserts its event, history or activity row under that id; the primary key
(org_id, id) makes a repeat a no-op that answers like the first. `Once` carries the id from the
view to the operation. Knows no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core import signing

from openinsure.console.request import ConsoleRequest
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm
from openinsure.tenancy.scope import CANONICAL_UUID

FIELD = "form_id"
SALT = "openinsure.console.forms"
LIFE_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Once:
    """The id under which an operation records its effect. Canonical UUIDv7."""

    id: str


def form_id(request: ConsoleRequest) -> str:
    """A fresh signed id for one form; only this person in this organisation can use it."""
    return signing.TimestampSigner(salt=SALT).sign(f"{new_id()}|{_bound_to(request)}")


def once(request: ConsoleRequest, data: Mapping[str, str] | None = None) -> Once:
    """The id of a posted form. Raises BadForm for a missing, forged, foreign or day-old one."""
    text = (data if data is not None else request.POST).get(FIELD, "")
    try:
        value = signing.TimestampSigner(salt=SALT).unsign(text, max_age=LIFE_S)
    except signing.SignatureExpired:
        raise BadForm({FIELD: "is a day old; open the form again"}) from None
    except signing.BadSignature:
        raise BadForm({FIELD: "must be the one this form came with"}) from None
    identifier, _, bound_to = value.partition("|")
    if bound_to != _bound_to(request) or not CANONICAL_UUID.fullmatch(identifier):
        raise BadForm({FIELD: "must be the one this form came with"})
    return Once(identifier)


def _bound_to(request: ConsoleRequest) -> str:
    org = request.scope.org_id if request.scope else ""
    return f"{org}:{request.who.user_id if request.who else ''}"
