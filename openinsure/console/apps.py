"""The shell as a Django app: it only registers its system check."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """No models, no tables."""

    name = "openinsure.console"
    label = "console"

    def ready(self) -> None:
        """Register E006."""
        from openinsure.console import checks  # noqa: F401
