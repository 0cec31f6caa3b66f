"""App of keyspace oi_global: its label is the database alias."""

from __future__ import annotations

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Unmanaged models of oi_global."""

    name = "openinsure.orgs"
    label = "oi_global"

    def ready(self) -> None:
        """Give numbers to every app (console.numbers)."""
        from openinsure.console import numbers
        from openinsure.orgs.operations import sequences

        numbers.register(sequences.reserve)
