"""The one parameter that names another organisation: `orgId`, in whatever spelling it comes.

Every spelling counts as an attempt, but only the exact one, once, with a canonical id, is read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.http import HttpRequest

from openinsure.problems import BadFilter
from openinsure.tenancy.scope import CANONICAL_UUID

NAME = "orgId"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
VALUE_LENGTH_MAX = 64  # characters kept of a value in the audit row
VALUES_MAX = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """All parameters of a request, query and form, that name an organisation in any spelling."""

    pairs: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def org_id(self) -> str:
        """The one organisation named. Raises BadFilter naming the rule that was broken."""
        if any(key != NAME for key, _ in self.pairs):
            raise BadFilter(NAME, rule="must be spelled exactly orgId")
        if len(self.pairs) != 1:
            raise BadFilter(NAME, rule="must be given once")
        value = self.pairs[0][1]
        if not CANONICAL_UUID.fullmatch(value):
            raise BadFilter(NAME, rule="must be an organization id in lower-case canonical form")
        return value

    def for_the_record(self) -> list[str]:
        """What was asked for, cut to what an audit row should hold."""
        return [f"{key}={value}"[:VALUE_LENGTH_MAX] for key, value in self.pairs[:VALUES_MAX]]


def asked(request: HttpRequest) -> Asked:
    """Read the query and, of a form, the body."""
    sources = [request.GET]
    if request.method == "POST" and request.content_type in FORMS:
        sources.append(request.POST)
    return Asked(
        tuple(
            (key, value)
            for source in sources
            for key, values in source.lists()
            if names_an_org(key)
            for value in values
        )
    )


def names_an_org(key: str) -> bool:
    """True for orgId in any case, with underscores, dashes, brackets or full-width letters."""
    folded = unicodedata.normalize("NFKC", key).casefold()
    return re.sub(r"[\W_]", "", folded) == "orgid"
