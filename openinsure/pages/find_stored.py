"""Look-ups whose text may be personal: kept in oi_console, the address carries only an id."""

from __future__ import annotations

from datetime import datetime, timedelta

from openinsure.accounts.identity import Identity
from openinsure.keyspaces.ids import new_id
from openinsure.pages.models import StoredSearch
from openinsure.problems import BadFilter, NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

KEPT = timedelta(days=30)


def store(scope: Scope, who: Identity | None, text: str, *, now: datetime) -> str:
    """Keep a text for the organisation; its token."""
    token = new_id()
    StoredSearch.objects.create(
        org_id=scope.org_id,
        id=token,
        user_id=who.user_id if who else "",
        text=text,
        created_at=now,
    )
    return token


def read(scope: Scope, token: str) -> str:
    """The text of a token. Raises NotFound for one unknown, over or of another organisation."""
    if not CANONICAL_UUID.fullmatch(token):
        raise BadFilter("t", rule="must be the id of a stored search")
    text = StoredSearch.objects.within(scope).filter(id=token).values_list("text", flat=True)
    for found in text:
        return str(found)
    raise NotFound("stored search")


def forget(scope: Scope, *, now: datetime) -> int:
    """Delete an organisation's texts older than KEPT; how many."""
    old = StoredSearch.objects.within(scope).filter(created_at__lt=now - KEPT)
    return int(old.delete()[0])
