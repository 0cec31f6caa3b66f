"""System checks openinsure.E001-E004: placement of models, relations, aliases, the guard.

The guard is asked for by name, not imported: tenancy stands above this folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import connections, models
from django.db.backends.signals import connection_created

from openinsure.keyspaces.inventory import EXPECTED_COUNTS, KEYSPACES, TABLES

GUARD = "openinsure.tenancy.guard"
# The embedded ledger is an engine beside the keyspaces; openinsure/ledger/embedded.py opens it.
UNGUARDED = frozenset({"ledger_engine"})
OURS = ("openinsure.", "dbops.")


def database_of(model: type[models.Model]) -> str:
    """The alias a model's label puts it on."""
    return model._meta.app_label if model._meta.app_label in KEYSPACES else "default"


def relation_errors(found: Iterable[type[models.Model]]) -> Iterator[CheckMessage]:
    """E001: a relation crosses databases. E002: a relation asks for a foreign key."""
    for model in found:
        for field in model._meta.get_fields(include_hidden=True):
            other = field.related_model
            if field.auto_created or not isinstance(other, type):
                continue
            name = f"{model._meta.label}.{field.name}"
            if database_of(model) != database_of(other):
                text = f"{name} points from {database_of(model)} to {database_of(other)}."
                hint = "Keep the id in a plain IdField and read the other side by a query."
                yield Error(text, hint=hint, obj=model, id="openinsure.E001")
            if model.__module__.startswith(OURS) and _constrained(field):
                hint = "Vitess has no foreign keys: org_ref, or db_constraint=False."
                yield Error(f"{name} wants one.", hint=hint, obj=model, id="openinsure.E002")


def _constrained(field: Any) -> bool:
    return bool(
        getattr(field, "db_constraint", False)
        or getattr(field.remote_field, "db_constraint", False)
    )


def placement_errors(found: Iterable[type[models.Model]]) -> Iterator[CheckMessage]:
    """E003: a keyspace model that Django would create, that the registry does not know there,
    or another number of models than tables."""
    counts: Counter[str] = Counter()
    for model in found:
        here = database_of(model)
        table = TABLES.get(model._meta.db_table)
        if here == "default":
            if table is not None and table.keyspace in KEYSPACES:
                text = f"{model._meta.label} uses {table.name}, a table of {table.keyspace}."
                yield Error(text, obj=model, id="openinsure.E003")
            continue
        counts[here] += 1
        if model._meta.managed:
            hint = "Declare class Meta(TenantModel.Meta): a bare Meta turns managed back on."
            text = f"{model._meta.label} is managed; tables of {here} come from SQL files."
            yield Error(text, hint=hint, obj=model, id="openinsure.E003")
        if table is None or table.keyspace != here:
            text = (
                f"{model._meta.label}: the registry has no table {model._meta.db_table} in {here}."
            )
            yield Error(text, obj=model, id="openinsure.E003")
    for keyspace, expected in EXPECTED_COUNTS.items():
        if counts[keyspace] != expected:
            text = f"{keyspace} has {counts[keyspace]} models, its inventory {expected} tables."
            yield Error(text, id="openinsure.E003")


def alias_errors(aliases: Iterable[str]) -> Iterator[CheckMessage]:
    """E004: an alias is missing, unknown, or a connection of it would come without the guard."""
    present = set(aliases)
    try:
        guard: Any = import_module(GUARD)
    except ImportError as error:
        yield Error(f"{GUARD} cannot be imported: {error}.", id="openinsure.E004")
        return
    for alias in ("default", *KEYSPACES):
        if alias not in present:
            yield Error(f"DATABASES has no alias {alias}.", id="openinsure.E004")
        elif not guard.hangs_on(_fresh(alias)):
            hint = "tenancy.apps must call guard.install_all()."
            text = f"A new connection of {alias} would come without the guard."
            yield Error(text, hint=hint, id="openinsure.E004")
    for alias in sorted(present - set(guard.GUARDED) - UNGUARDED):
        hint = "Add it to tenancy.guard.GUARDED; only engines without tenant rows go without."
        yield Error(f"Nothing guards the alias {alias}.", hint=hint, id="openinsure.E004")


def _fresh(alias: str) -> Any:
    """A connection object that has just been `created`, as far as signals know; nothing opens."""
    connection = connections.create_connection(alias)
    connection_created.send(sender=connection.__class__, connection=connection)
    return connection


@register()
def check_relations(**_: Any) -> list[CheckMessage]:
    """E001 and E002 over all models."""
    return list(relation_errors(apps.get_models(include_auto_created=True)))


@register()
def check_placement(**_: Any) -> list[CheckMessage]:
    """E003 over all models."""
    return list(placement_errors(apps.get_models()))


@register()
def check_aliases(**_: Any) -> list[CheckMessage]:
    """E004 over the configured aliases."""
    return list(alias_errors(connections.settings))
