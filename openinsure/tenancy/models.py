"""Lock 1: managers that raise without a scope and filter with one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import ForeignObject

from openinsure.keyspaces.fields import IdField
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, active_scope


class TenantManager(models.Manager[Any]):
    """The only way to rows of a tenant table: `Model.objects.within(scope)`."""

    def get_queryset(self) -> models.QuerySet[Any]:
        scope = active_scope()
        if scope is None:
            raise NoTenantContext(self.model.__name__)
        return super().get_queryset().filter(org_id=scope.org_id)

    def within(self, scope: Scope) -> models.QuerySet[Any]:
        """Rows of the scope's organisation. Raises TenantLeak if it is not the one entered."""
        if scope != active_scope():
            raise TenantLeak(f"{self.model.__name__}: not the scope entered")
        return self.get_queryset()


class TenantModel(models.Model):
    """A table keyed (org_id, id). Subclasses declare `class Meta(TenantModel.Meta)`."""

    pk = models.CompositePrimaryKey("org_id", "id")
    org_id = IdField()
    id = IdField()
    objects = TenantManager()

    class Meta:
        abstract = True
        managed = False
        base_manager_name = "objects"


def org_ref(to: str, column: str, **options: Any) -> ForeignObject[Any, Any]:
    """A relation inside one keyspace; its joins compare org_id too."""
    return ForeignObject(
        to,
        models.DO_NOTHING,
        from_fields=("org_id", column),
        to_fields=("org_id", "id"),
        **options,
    )
