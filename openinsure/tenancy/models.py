"""Lock 1: models and managers that raise without a scope and yield its organisation only.

`Model.objects.within(scope)` is the entry. Default and base manager are the same, so saving,
refreshing, deleting and following relations pass here too. Knows no SQL: that is lock 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import ForeignObject
from django.db.models.signals import class_prepared

from openinsure.keyspaces.fields import IdField
from openinsure.keyspaces.inventory import KEYSPACES, register_console_table
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, active_scope


def aliases_of(model: type[models.Model]) -> frozenset[str]:
    """Where rows of a model may be asked for: its keyspace, that keyspace's read-only user."""
    label = model._meta.app_label
    if label not in KEYSPACES:
        return frozenset({"default", "default_find"})
    return frozenset({label, f"{label}_ro", f"{label}_find"})


def scope_for(model: type[models.Model]) -> Scope:
    """The entered scope. Raises NoTenantContext naming the model."""
    scope = active_scope()
    if scope is None:
        raise NoTenantContext(model.__name__)
    return scope


class TenantQuerySet(models.QuerySet[Any]):
    """Writes fill or verify the organisation, which never changes; the alias is the model's."""

    def using(self, alias: str | None) -> Self:
        """The model's own database only. Raises TenantLeak for another."""
        if alias is not None and alias not in aliases_of(self.model):
            raise TenantLeak(f"{self.model.__name__} does not live in {alias}")
        return super().using(alias)

    def create(self, **values: Any) -> Any:
        """As Django's, with the scope's organisation filled in. Raises TenantLeak for another."""
        field = org_field(self.model)
        values.setdefault(field, scope_for(self.model).org_id)
        _verify(self.model, values[field])
        return super().create(**values)

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        """As Django's. Raises TenantLeak for other organisations' rows and for upserts."""
        if any(value for name, value in options.items() if name.startswith(("update_", "unique_"))):
            raise TenantLeak(f"{self.model.__name__}: an upsert may change rows it does not name")
        rows = list(objs)
        for row in rows:
            claim(row)
        return super().bulk_create(rows, *args, **options)

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kw: Any) -> int:
        """As Django's. Raises TenantLeak for other organisations' rows and for the org column."""
        rows, names = list(objs), list(fields)
        for row in rows:
            claim(row)
        self._refuse_org_column(names)
        return super().bulk_update(rows, names, *args, **kw)

    def update(self, **values: Any) -> int:
        """As Django's. Raises TenantLeak when the organisation would change."""
        self._refuse_org_column(values)
        return super().update(**values)

    def _refuse_org_column(self, names: Iterable[str]) -> None:
        if {org_field(self.model), "pk"} & set(names):
            raise TenantLeak(f"{self.model.__name__}: the organisation of a row never changes")


class TenantManager(models.Manager[Any]):
    """The only way to rows of a tenant table: `Model.objects.within(scope)`."""

    _queryset_class = TenantQuerySet

    def get_queryset(self) -> models.QuerySet[Any]:
        """The entered organisation's rows. Raises NoTenantContext without a scope."""
        scope = scope_for(self.model)
        if self._db is not None and self._db not in aliases_of(self.model):
            raise TenantLeak(f"{self.model.__name__} does not live in {self._db}")
        return super().get_queryset().filter(**{org_field(self.model): scope.org_id})

    def within(self, scope: Scope) -> models.QuerySet[Any]:
        """Rows of the scope's organisation. Raises TenantLeak if it is not the one entered."""
        if scope != active_scope():
            raise TenantLeak(f"{self.model.__name__}: not the scope entered")
        return self.get_queryset()

    def none(self) -> models.QuerySet[Any]:
        """No row, and no scope needed: what a form field declared on a class holds."""
        return super().get_queryset().none()


class OrganizationManager(TenantManager):
    """Organisations: the own one, or all of them for the two scopes that may list."""

    def get_queryset(self) -> models.QuerySet[Any]:
        """The scope's own row; every row under a DirectoryScope."""
        if scope_for(self.model).mode == "directory":
            return models.Manager.get_queryset(self)
        return super().get_queryset()

    def listed(self, scope: Scope) -> models.QuerySet[Any]:
        """Every organisation, for a directory or a job's sweep. Raises TenantLeak otherwise."""
        if scope != active_scope() or scope.mode not in ("directory", "system"):
            raise TenantLeak(f"{self.model.__name__}: only a directory or job scope lists them")
        return models.Manager.get_queryset(self)


class ScopedModel(models.Model):
    """What tenant tables and `organizations` share: instances stay in their organisation."""

    org_field: ClassVar[str] = "org_id"
    objects: ClassVar[TenantManager] = TenantManager()

    class Meta:
        abstract = True
        managed = False
        base_manager_name = "objects"

    @classmethod
    def from_db(cls, *args: Any, **options: Any) -> Self:
        """As Django's, remembering whose row it was."""
        row = super().from_db(*args, **options)
        row.__dict__["_loaded_org"] = row.__dict__.get(cls.org_field)
        return row

    def save_base(self, *args: Any, **options: Any) -> None:
        """As Django's. Raises TenantLeak for another organisation's row."""
        claim(self)
        super().save_base(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """As Django's. Raises TenantLeak for another organisation's row."""
        claim(self)
        return super().delete(*args, **options)

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        """As Django's. Raises TenantLeak for another organisation's row."""
        if self.org_field in self.__dict__:
            claim(self)
        super().refresh_from_db(*args, **options)


class TenantModel(ScopedModel):
    """A table keyed (org_id, id). Subclasses declare `class Meta(TenantModel.Meta)`."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = IdField()
    id = IdField()

    class Meta(ScopedModel.Meta):
        abstract = True


class ConsoleTenantModel(TenantModel):
    """An org-keyed table of oi_console: made by Django's migrations, guarded like a tenant's.

    Subclasses declare `class Meta(ConsoleTenantModel.Meta)`; the registry learns their name.
    """

    class Meta(TenantModel.Meta):
        abstract = True
        managed = True


class OrganizationModel(ScopedModel):
    """The table of organisations: its own id is the organisation."""

    org_field: ClassVar[str] = "id"
    id = IdField(primary_key=True)
    objects: ClassVar[OrganizationManager] = OrganizationManager()

    class Meta(ScopedModel.Meta):
        abstract = True


def org_field(model: type[models.Model]) -> str:
    """The field that names the organisation of a row: `org_id`, of organisations `id`."""
    return str(getattr(model, "org_field", "org_id"))


def claim(row: models.Model) -> None:
    """Fill a new row's organisation from the scope. Raises TenantLeak if it has another one."""
    field = org_field(type(row))
    scope = scope_for(type(row))
    if row._state.adding and not getattr(row, field):
        setattr(row, field, scope.org_id)
    _verify(type(row), getattr(row, field))
    if row.__dict__.get("_loaded_org", scope.org_id) not in (scope.org_id, None):
        raise TenantLeak(f"{type(row).__name__}: the organisation of a row never changes")


def _verify(model: type[models.Model], org_id: Any) -> None:
    if type(org_id) is not str or org_id != scope_for(model).org_id:
        raise TenantLeak(f"{model.__name__}: not a row of the organisation entered")


def _register(sender: type[models.Model], **_: Any) -> None:
    if issubclass(sender, ConsoleTenantModel):
        register_console_table(sender._meta.db_table, purpose=(sender.__doc__ or "").split("\n")[0])


class_prepared.connect(_register, dispatch_uid="openinsure.tenancy.models")


def org_ref(to: str, column: str, **options: Any) -> ForeignObject[Any, Any]:
    """A relation inside one keyspace; its joins compare org_id too."""
    return ForeignObject(
        to,
        models.DO_NOTHING,
        from_fields=("org_id", column),
        to_fields=("org_id", "id"),
        **options,
    )
