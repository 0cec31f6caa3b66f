"""Lock 2: every statement of every guarded connection is bound to the scope, whoever wrote it.

Hung on `default`, the five keyspaces and their `_ro` aliases by the signal connection_created.
Independent of the managers: it reads SQL and parameters only. What it cannot see (stored
functions, views, timing, a right organisation with a wrong object) is left to them and to
authorisation: docs/adr/0002.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from openinsure.keyspaces.inventory import CONSOLE, KEYSPACES, TABLES
from openinsure.tenancy.guard_plan import PLANS_KEPT, Plan, plan_of
from openinsure.tenancy.scope import Mode, Scope, TenantLeak, _active

log = logging.getLogger("openinsure.tenancy.guard")

# Alias -> the keyspace whose registry judges it. `<keyspace>_ro` are the optional read users,
# `<alias>_find` the connections with a statement limit.
GUARDED: dict[str, str] = {
    "default": CONSOLE,
    "default_find": CONSOLE,
    **{keyspace: keyspace for keyspace in KEYSPACES},
    **{f"{keyspace}_ro": keyspace for keyspace in KEYSPACES},
    **{f"{keyspace}_find": keyspace for keyspace in KEYSPACES},
}
LOGGED_CHARS = 300  # of a refused template; templates hold no values

# What migrations and test set-up say besides guarded statements, while schema_changes() lasts.
_SCHEMA_WORDS = re.compile(
    r"\s*(CREATE|ALTER|DROP|RENAME|TRUNCATE|SHOW|SET|SELECT\b.+\bFROM\s+information_schema\.)\b",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_LISTS = (tuple, list)  # a subclass might answer differently the second time
_entered = _active.get  # active_scope() without the call: this runs at every statement
_schema_aliases: ContextVar[frozenset[str]] = ContextVar("openinsure_schema", default=frozenset())


def check(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Django's execute wrapper: run the statement, or raise TenantLeak before it is sent."""
    scope = _entered()
    alias = context["connection"].alias
    try:
        plan = plan_for(alias, None if scope is None else scope.mode, sql)
        if many:
            _verify_rows(plan, params, scope)
        elif plan.orgs:
            _verify(plan, params, scope)
    except TenantLeak as leak:
        if not _changes_schema(alias, sql):
            log.error("refused on %s: %s", alias, leak, extra={"template": sql[:LOGGED_CHARS]})
            raise
    return execute(sql, params, many, context)


@lru_cache(maxsize=PLANS_KEPT)
def plan_for(alias: str, mode: Mode | None, template: str) -> Plan:
    """The plan of a template on an alias in a mode, kept. Raises TenantLeak: refused."""
    return plan_of(GUARDED[alias], mode, template)


def _verify(plan: Plan, params: Any, scope: Scope | None) -> None:
    if scope is None or type(params) not in _LISTS:
        raise TenantLeak("no scope entered, or parameters that are no list")
    org_id = scope.org_id
    try:
        for index in plan.orgs:
            value = params[index]
            # str only: `org_id = 0` and False match every text that starts with no digit.
            if type(value) is not str or value != org_id:
                raise TenantLeak(f"parameter {index} is not the organisation of the scope")
    except IndexError:
        raise TenantLeak("a parameter is missing") from None


def _verify_rows(plan: Plan, rows: Any, scope: Scope | None) -> None:
    if type(rows) not in _LISTS:  # a generator would be used up here
        raise TenantLeak("executemany needs a list of rows")
    if plan.orgs:
        for row in rows:
            _verify(plan, row, scope)


def _changes_schema(alias: str, sql: str) -> bool:
    said = _SCHEMA_WORDS.match(sql) if alias in _schema_aliases.get() else None
    if said is None:
        return False
    reads = said[1].upper().startswith("SELECT")
    return not reads or TABLES.keys().isdisjoint(re.findall(r"\w+", sql))


@contextmanager
def schema_changes(*aliases: str) -> Iterator[None]:
    """Let DDL and introspection pass on these aliases (all when none is named).

    Only for `migrate` and its kin (tenancy/management) and test set-up; checks hold the list of
    callers. Statements on rows stay guarded.
    """
    token = _schema_aliases.set(frozenset(aliases or GUARDED))
    try:
        yield
    finally:
        _schema_aliases.reset(token)


def install(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Hang the guard, once: connection_created fires again on each reconnect."""
    if connection.alias in GUARDED and check not in connection.execute_wrappers:
        connection.execute_wrappers.append(check)


def install_all() -> None:
    """Hang it on connections already open and on every one to come."""
    connection_created.connect(install, dispatch_uid="openinsure.tenancy.guard")
    for connection in connections.all(initialized_only=True):
        install(connection=connection)


def hangs_on(connection: BaseDatabaseWrapper) -> bool:
    """Whether a connection is guarded exactly once."""
    return connection.execute_wrappers.count(check) == 1
