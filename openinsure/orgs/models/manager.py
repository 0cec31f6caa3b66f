"""Lock 1 of `organizations`, the one tenant table whose own id is the organisation."""

from __future__ import annotations

from typing import Any

from django.db import models

from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak, active_scope


class OrganizationManager(models.Manager[Any]):
    """The scope's own row; every row only in mode `directory`, which lists organisations."""

    def get_queryset(self) -> models.QuerySet[Any]:
        scope = active_scope()
        if scope is None:
            raise NoTenantContext(self.model.__name__)
        rows = super().get_queryset()
        return rows if scope.mode == "directory" else rows.filter(id=scope.org_id)

    def within(self, scope: Scope) -> models.QuerySet[Any]:
        """Rows the scope may see. Raises TenantLeak if it is not the one entered."""
        if scope != active_scope():
            raise TenantLeak(f"{self.model.__name__}: not the scope entered")
        return self.get_queryset()
