"""`sqlmigrate`: Django's own, with the guard letting its schema statements pass."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import sqlmigrate

from openinsure.tenancy.guard import schema_changes


class Command(sqlmigrate.Command):
    """It reads the schema it would alter."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """As Django's, inside guard.schema_changes()."""
        with schema_changes():
            return super().handle(*args, **options)
