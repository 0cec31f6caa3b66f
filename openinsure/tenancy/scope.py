"""Whose rows a piece of work may touch: frozen scopes, entered for a while, one at a time.

A scope is made only from a verified session, token, grant or job. It is passed as the first
argument of everything that touches org-owned rows and must also have been entered; the two must
agree (TenantManager.within). Knows no HTTP and no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ClassVar, Literal

Mode = Literal["own", "cross_read", "system", "directory", "administer", "audit_append"]

CANONICAL_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class NoTenantContext(Exception):
    """A tenant table was touched with no scope entered."""


class TenantLeak(Exception):
    """A statement or call that is not provably bound to the entered scope. Always our bug."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One organisation, one subject, one mode. Use a subclass; the base only validates.

    org_id: canonical lower-case UUID text. subject: user id, or `service:<name>` for jobs.
    """

    mode: ClassVar[Mode]  # a class attribute: the guard reads it at every statement

    org_id: str
    subject: str
    request_id: str = ""

    def __post_init__(self) -> None:
        if type(self) is Scope:
            raise TypeError("Scope is abstract")
        if type(self.org_id) is not str or not CANONICAL_UUID.fullmatch(self.org_id):
            raise TenantLeak("a scope needs a canonical organisation id")


@dataclass(frozen=True, slots=True)
class OrgScope(Scope):
    """A signed-in person's own organisation."""

    mode: ClassVar[Mode] = "own"


@dataclass(frozen=True, slots=True)
class GrantScope(Scope):
    """Another organisation, read only, under a CrossOrgGrant (tenancy.grants builds it)."""

    grant_id: str = ""
    reason: str = ""

    mode: ClassVar[Mode] = "cross_read"


@dataclass(frozen=True, slots=True)
class SystemScope(Scope):
    """One job, one organisation at a time."""

    mode: ClassVar[Mode] = "system"


@dataclass(frozen=True, slots=True)
class DirectoryScope(Scope):
    """Reading the list of organisations (organizations, org_rollups) and nothing else.

    org_id: the reader's own organisation. Only the `/orgs` page and sweepers make it.
    """

    mode: ClassVar[Mode] = "directory"


@dataclass(frozen=True, slots=True)
class AdministerScope(Scope):
    """Suspending one named organisation and setting its features, nothing else.

    Made only after a fully consistent `platform#administer` check and its audit row.
    """

    mode: ClassVar[Mode] = "administer"


@dataclass(frozen=True, slots=True)
class AuditAppendScope(Scope):
    """Appending to the audit tables of one organisation and nothing else.

    The guard allows the head read, INSERT into the two audit tables and the UPDATE of
    rows_returned; `audit.record` and `audit.access` are the only makers.
    """

    mode: ClassVar[Mode] = "audit_append"


_active: ContextVar[Scope | None] = ContextVar("openinsure_scope", default=None)


def active_scope() -> Scope | None:
    """The scope entered in this thread or task, or None."""
    return _active.get()


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Enter a scope; reset by token on the way out, whatever happens inside."""
    token = _active.set(scope)
    try:
        yield scope
    finally:
        _active.reset(token)
