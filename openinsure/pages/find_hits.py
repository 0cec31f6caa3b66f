"""The look-up itself: every kind of key that fits, each keyspace on its own, groups of hits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db.utils import InterfaceError, OperationalError

from openinsure.console.errors import problem_of
from openinsure.keyspaces import pools
from openinsure.pages import find_words
from openinsure.pages.find_keys import Typed, name
from openinsure.pages.find_sources import GROUP_ROWS, KINDS, SOURCES, Kind, shown
from openinsure.policies.models import Policy
from openinsure.problems import Unavailable
from openinsure.tenancy.scope import Scope

log = logging.getLogger(__name__)
DATABASES = {
    "oi_policies": "Policies",
    "oi_claims": "Claims",
    "oi_billing": "Billing",
    "oi_submissions": "Submissions",
    "oi_global": "Producers",
    "default": "Names",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """One object found. exact: the key is all of the stored one; own: its own number."""

    kind: str
    id: str
    number: str
    title: str
    status: str
    exact: bool
    own: bool
    via: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, exact ones first; more: there are further ones."""

    kind: Kind
    hits: tuple[Hit, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up gave. silent: the databases that did not answer, in words."""

    groups: tuple[Group, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All hits, in the order of the page."""
        return tuple(hit for group in self.groups for hit in group.hits)

    @property
    def only_exact(self) -> Hit | None:
        """The object to open at once: the one exact hit of an object's own number."""
        exact = [hit for hit in self.hits if hit.exact and hit.own and hit.href]
        return exact[0] if len(exact) == 1 and not self.silent else None


@dataclass(slots=True)
class _Match:
    """An id that a key led to, before its object is read."""

    exact: bool
    own: bool
    via: str


@dataclass(slots=True)
class _Search:
    """One look-up in progress: matches by kind in the order found, databases that were silent."""

    scope: Scope
    typed: Typed
    rights: frozenset[str]
    matches: dict[str, dict[str, _Match]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)

    @contextmanager
    def reading(self, keyspace: str) -> Iterator[None]:
        """Read one keyspace; if it is away or slow it is noted and the look-up goes on."""
        try:
            with pools.limited(keyspace):
                yield
        except (OperationalError, InterfaceError, Unavailable) as error:
            if not isinstance(problem_of(error), Unavailable):
                raise
            log.warning("look-up: a database was silent", extra={"keyspace": keyspace})
            self.silent.add(keyspace)

    def note(self, kind: str, key: str, match: _Match) -> None:
        """Keep a match; an exact one replaces a beginning."""
        known = self.matches.setdefault(kind, {})
        if key not in known or (match.exact and not known[key].exact):
            known[key] = match

    def may(self, kind: str) -> bool:
        """Whether the viewer's rights include the group."""
        return KINDS[kind].permission in self.rights


def look_up(
    scope: Scope,
    typed: Typed,
    rights: frozenset[str],
    recused: Callable[[], Iterable[str]] = tuple,
) -> Found:
    """Everything of the scope's organisation that the text may mean and the viewer may see.

    One indexed statement per fitting column, then one per kind found; at most GROUP_ROWS a group.
    recused: the claims hidden from the viewer, asked only when a claim may be a hit.
    """
    search = _Search(scope, typed, rights)
    for keyspace in DATABASES:
        _keys(search, keyspace)
    if name(typed) and search.may("insured"):
        _names(search)
    kinds = [kind for kind in KINDS.values() if search.matches.get(kind.name)]
    hidden = frozenset(recused()) if any(kind.claim for kind in kinds) else frozenset()
    groups = [_group(search, kind, hidden) for kind in kinds]
    ordered = sorted(
        (group for group in groups if group.hits),
        key=lambda group: not any(hit.exact for hit in group.hits),
    )
    words = tuple(DATABASES[keyspace] for keyspace in DATABASES if keyspace in search.silent)
    return Found(tuple(ordered), words)


def _keys(search: _Search, keyspace: str) -> None:
    """Ask every column of one keyspace that the text fits."""
    asked = [
        (source, key)
        for source in SOURCES
        if source.keyspace == keyspace and search.may(source.kind)
        if (key := source.key(search.typed)) is not None
    ]
    if not asked:
        return
    with search.reading(keyspace):
        for source, key in asked:
            for found, exact in source.ids(search.scope, key):
                own = source.own and exact
                search.note(source.kind, found, _Match(exact, own, source.via))


def _names(search: _Search) -> None:
    """Words in any order by the token table, then the policies of the insureds found."""
    found: Iterable[str] = ()
    with search.reading("default"):
        found = find_words.insureds_with(search.scope, search.typed.words)
    for key in found:
        search.note("insured", key, _Match(exact=False, own=False, via=""))
    insureds = list(search.matches.get("insured", {}))[: GROUP_ROWS + 1]
    if not insureds or "oi_policies" in search.silent:
        return
    with search.reading("oi_policies"):
        rows = Policy.objects.within(search.scope).filter(insured_id__in=insureds)
        for key in rows.order_by("insured_id").values_list("id", flat=True)[: GROUP_ROWS + 1]:
            search.note("policy", key, _Match(exact=False, own=False, via="insured"))


def _group(search: _Search, kind: Kind, hidden: frozenset[str]) -> Group:
    matches = search.matches[kind.name]
    rows: dict[str, tuple[str, str, str]] = {}
    if kind.keyspace not in search.silent:
        with search.reading(kind.keyspace):
            rows = shown(search.scope, kind, matches, hidden)
    by_number: dict[str, Hit] = {}
    for key, match in matches.items():
        if key in rows:
            number, title, status = rows[key]
            href = kind.href(number, key)
            hit = Hit(
                kind.name, key, number, title, status, match.exact, match.own, match.via, href
            )
            by_number[number or key] = hit  # later terms of a number follow earlier ones
    hits = sorted(by_number.values(), key=lambda hit: (not hit.exact, hit.number))
    return Group(kind, tuple(hits[:GROUP_ROWS]), len(hits) > GROUP_ROWS)
