"""The shell as a Django app: its system check, and what it keeps for its users."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Exports, saved views and counts by organisation, in oi_console."""

    name = "openinsure.console"
    label = "console"

    def ready(self) -> None:
        """Register E006."""
        from openinsure.console import checks  # noqa: F401
