"""System checks tenancy.E001-E010: what must hold of every model, manager, task and connection.

`manage.py check` and the suite run them; each is a pure function of what it judges, so a test
can break it once. Placement of models and the guard per alias are openinsure.E001-E004.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from celery import Task, current_app
from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db.backends.signals import connection_created
from django.db.models import CompositePrimaryKey, ForeignObject, Model
from django.db.models.fields.related import ForeignKey

from openinsure.keyspaces.inventory import CONSOLE, KEYSPACES, TABLES, Table
from openinsure.tenancy import guard_modes
from openinsure.tenancy.jobs import TenantTask
from openinsure.tenancy.models import ScopedModel, TenantManager, org_field

OURS = ("openinsure.", "dbops.")
# Models of oi_console that name an organisation and yet belong to none, each with its reason.
NOT_ORG_KEYED = {
    "accounts.Account": "looked up by e-mail at sign-in, before any organisation is known",
}
Found = Iterator[CheckMessage]


def error(number: int, text: str, *, hint: str, obj: Any = None) -> CheckMessage:
    """One finding with the id tenancy.E<number>."""
    return Error(text, hint=hint, obj=obj, id=f"tenancy.E{number:03}")


def org_keyed(model: type[Model]) -> Table | None:
    """The registered org-keyed table of a model, else None."""
    table = TABLES.get(model._meta.db_table)
    return table if table is not None and table.org_column is not None else None


def registry_errors(tables: dict[str, Table]) -> Found:
    """E001: a table without a class, or whose class and org column contradict each other."""
    columns = {"tenant": "org_id", "organization": "id", "global": None, "system": None}
    for name, table in tables.items():
        column = table.org_column if table.keyspace != CONSOLE else "org_id"
        if name != table.name or name != name.lower() or column != columns[table.kind]:
            hint = "tenant: org_id, organization: id, others none (keyspaces/inventory.py)."
            yield error(1, f"{name}: class and org column disagree.", hint=hint, obj=table)


def scoped_errors(found: Iterable[type[Model]]) -> Found:
    """E002: an org-keyed table whose model does not raise without a scope."""
    for model in found:
        if org_keyed(model) is not None and not issubclass(model, ScopedModel):
            hint = "Derive from TenantModel, ConsoleTenantModel or OrganizationModel."
            yield error(2, f"{model._meta.label} is not scoped.", hint=hint, obj=model)


def key_errors(found: Iterable[type[Model]]) -> Found:
    """E003: the primary key of a tenant model does not start with the organisation."""
    for model in found:
        table = org_keyed(model)
        if table is None or table.kind == "organization":
            continue
        key = model._meta.pk
        fields = key.field_names if isinstance(key, CompositePrimaryKey) else ()
        if not fields or fields[0] != org_field(model):
            text = f"{model._meta.label}: a plain key makes Django write WHERE id = %s."
            hint = 'CompositePrimaryKey("org_id", "id").'
            yield error(3, text, hint=hint, obj=model)


def manager_errors(found: Iterable[type[Model]]) -> Found:
    """E004: a manager or the base manager of a tenant model that does not filter."""
    for model in found:
        if org_keyed(model) is None:
            continue
        managers = [*model._meta.managers, model._base_manager, model._default_manager]
        for manager in managers:
            if not isinstance(manager, TenantManager):
                text = f"{model._meta.label}.{manager.name} does not ask for the scope."
                hint = "Use TenantManager and keep base_manager_name = 'objects'."
                yield error(4, text, hint=hint, obj=model)


def index_errors(found: Iterable[type[Model]]) -> Found:
    """E005: an index or unique key of a tenant model that does not start with the organisation."""
    for model in found:
        table = org_keyed(model)
        if table is None or table.kind == "organization":
            continue
        names = [tuple(index.fields_orders[0][:1]) for index in model._meta.indexes if index.fields]
        names += [tuple(u.fields[:1]) for u in model._meta.total_unique_constraints]
        names += [tuple(together[:1]) for together in model._meta.unique_together]
        names += [(f.name,) for f in model._meta.local_fields if f.unique or _indexed(f)]
        if any(name and name[0] not in ("org_id", "pk") for name in names):
            hint = "Vitess shards by org_id, and a foreign value must not be told by a conflict."
            text = f"{model._meta.label} has an index that does not start with org_id."
            yield error(5, text, hint=hint, obj=model)


def _indexed(field: Any) -> bool:
    return bool(getattr(field, "db_index", False))


def relation_errors(found: Iterable[type[Model]]) -> Found:
    """E006: a relation between tenant models that does not compare the organisation."""
    for model in found:
        if org_keyed(model) is None:
            continue
        for field in model._meta.local_fields + model._meta.private_fields:
            if not isinstance(field, ForeignObject):
                continue
            other = field.related_model
            shared = "org_id" in field.from_fields and "org_id" in field.to_fields
            if isinstance(field, ForeignKey) or (isinstance(other, type) and not shared):
                text = f"{model._meta.label}.{field.name} joins by its key alone."
                yield error(6, text, hint="Use org_ref().", obj=model)


def console_errors(found: Iterable[type[Model]]) -> Found:
    """E007: a console table with an org_id column that the guard does not know."""
    for model in found:
        if model._meta.app_label in KEYSPACES or not model.__module__.startswith(OURS):
            continue
        columns = {field.column for field in model._meta.local_fields}
        known = model._meta.db_table in TABLES or model._meta.label in NOT_ORG_KEYED
        if "org_id" in columns and not known:
            text = f"{model._meta.label} has org_id but its table is not registered."
            yield error(7, text, hint="ConsoleTenantModel registers itself.", obj=model)


def guard_errors(receivers: list[Any]) -> Found:
    """E008: new connections would come without the guard."""
    if not any("openinsure.tenancy.guard" in str(receiver[0]) for receiver in receivers):
        hint = "tenancy.apps.TenancyConfig.ready calls guard.install_all()."
        yield error(8, "Nothing hangs the guard on new connections.", hint=hint)


def task_errors(tasks: dict[str, Task]) -> Found:
    """E009: a task of ours that would run without a signed tenant."""
    for name, task in tasks.items():
        if not name.startswith("celery.") and not isinstance(task, TenantTask):
            hint = "Declare it with org_task or platform_task."
            yield error(9, f"The task {name} runs unsigned.", hint=hint, obj=task)


def upsert_errors(upserts: dict[str, frozenset[str]]) -> Found:
    """E010: a listed upsert of an unknown table, or one that may set a key column."""
    for name, columns in upserts.items():
        table = TABLES.get(name)
        if table is None or {table.org_column, "org_id", "id"} & columns:
            hint = "guard_modes.UPSERTS lists tables and their non-key columns."
            yield error(10, f"The upsert of {name} may reach a foreign row.", hint=hint)


@register()
def check_registry(**_: Any) -> list[CheckMessage]:
    """E001 and E010 over the lists in the code."""
    return [*registry_errors(TABLES), *upsert_errors(guard_modes.UPSERTS)]


@register()
def check_models(**_: Any) -> list[CheckMessage]:
    """E002-E007 over every model."""
    found = apps.get_models(include_auto_created=True)
    judges = (scoped_errors, key_errors, manager_errors, index_errors, relation_errors)
    return [message for judge in (*judges, console_errors) for message in judge(found)]


@register()
def check_running(**_: Any) -> list[CheckMessage]:
    """E008 and E009 over signals and tasks."""
    return [*guard_errors(connection_created.receivers), *task_errors(dict(current_app.tasks))]
