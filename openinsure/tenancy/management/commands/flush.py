"""`flush`: Django's own, with the guard letting its schema statements pass."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush

from openinsure.tenancy.guard import schema_changes


class Command(flush.Command):
    """It empties the tables of a test database."""

    def handle(self, *args: Any, **options: Any) -> Any:
        """As Django's, inside guard.schema_changes()."""
        with schema_changes("default"):
            return super().handle(*args, **options)
