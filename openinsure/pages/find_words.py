"""Words of names, in any order: the token table of oi_console and how it is kept.

Derived and rebuildable: each insured's words, newest first. A sweep takes up what changed since
its mark, with a minute of overlap for transactions that committed late.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from openinsure.pages.models import SearchMark, SearchToken
from openinsure.policies.models import Insured
from openinsure.tenancy.scope import Scope

TOKEN_MAX = 40
OVERLAP = timedelta(minutes=1)
CHUNK_ROWS = 500
FOUND_MAX = 11
HIGHEST_CHARACTER = "\U0010ffff"


def words_of(text: str) -> frozenset[str]:
    """The words a name is found by."""
    return frozenset(word[:TOKEN_MAX] for word in re.findall(r"[^\W_]+", text.casefold()))


def insureds_with(scope: Scope, words: Sequence[str]) -> list[str]:
    """Ids of insureds whose name holds every word, newest first; the last may be begun only.

    One statement when the words are whole, one more when the last is only begun.
    """
    wanted = sorted({word[:TOKEN_MAX] for word in words}, key=len, reverse=True)
    if not wanted:
        return []
    return _held(scope, wanted) or _begun(scope, words)


def _held(scope: Scope, whole: Sequence[str], begun: str = "") -> list[str]:
    """Ids of insureds with all of these words (the longest is read) and one that begins so."""
    tokens = SearchToken.objects.within(scope).filter(token=whole[0])
    for other in whole[1:]:
        same = SearchToken.objects.within(scope).filter(
            token=other, created_at=OuterRef("created_at"), id=OuterRef("id")
        )
        tokens = tokens.filter(Exists(same))
    if begun:
        span = {"token__gte": begun, "token__lt": begun + HIGHEST_CHARACTER}
        tokens = tokens.filter(
            Exists(SearchToken.objects.within(scope).filter(id=OuterRef("id"), **span))
        )
    return list(tokens.order_by("-created_at", "-id").values_list("id", flat=True)[:FOUND_MAX])


def _begun(scope: Scope, words: Sequence[str]) -> list[str]:
    """The last word begun, the others whole."""
    *others, begun = (word[:TOKEN_MAX] for word in words)
    whole = sorted(set(others), key=len, reverse=True)
    return _held(scope, whole, begun) if whole else []


def take_up(scope: Scope) -> int:
    """Tokens of every insured changed since the mark; how many insureds. Safe to repeat."""
    mark = SearchMark.objects.within(scope).first()
    since = mark.updated_at - OVERLAP if mark else None
    changed = Insured.objects.within(scope).order_by("updated_at", "id")
    taken, newest = 0, mark.updated_at if mark else None
    at: tuple[datetime, str] | None = None
    while True:
        rows = changed if since is None else changed.filter(updated_at__gte=since)
        if at is not None:
            rows = rows.filter(updated_at__gte=at[0]).exclude(updated_at=at[0], id__lte=at[1])
        chunk = list(rows.values_list("id", "legal_name", "dba_name", "created_at", "updated_at")
                     [:CHUNK_ROWS])  # fmt: skip
        if not chunk:
            break
        _replace(scope, chunk)
        taken += len(chunk)
        newest = chunk[-1][4]
        at = (chunk[-1][4], chunk[-1][0])
    if newest is not None:
        _move_mark(scope, mark, newest)
    return taken


def _replace(
    scope: Scope, chunk: Iterable[tuple[str, str, str | None, datetime, datetime]]
) -> None:
    rows = list(chunk)
    tokens = [
        SearchToken(org_id=scope.org_id, token=word, created_at=created, id=key)
        for key, legal, trading, created, _ in rows
        for word in words_of(f"{legal} {trading or ''}")
    ]
    with transaction.atomic():
        SearchToken.objects.within(scope).filter(id__in=[row[0] for row in rows]).delete()
        SearchToken.objects.bulk_create(tokens, batch_size=1_000)


def _move_mark(scope: Scope, mark: SearchMark | None, to: datetime) -> None:
    if mark is None:
        SearchMark.objects.create(org_id=scope.org_id, updated_at=to)
    elif to > mark.updated_at:
        SearchMark.objects.within(scope).update(updated_at=to)
