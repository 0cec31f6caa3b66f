"""`migrate`: Django's own, with the guard letting its schema statements pass."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from openinsure.tenancy.guard import schema_changes


class Command(migrate.Command):
    """It creates and alters the tables of `default`."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """As Django's, inside guard.schema_changes()."""
        with schema_changes():
            return super().handle(*args, **options)
