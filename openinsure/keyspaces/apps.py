"""App of the registry: its checks run with `manage.py check`."""

from __future__ import annotations

from django.apps import AppConfig


class KeyspacesConfig(AppConfig):
    """No models of its own."""

    name = "openinsure.keyspaces"
    label = "keyspaces"

    def ready(self) -> None:
        """Register the checks."""
        from openinsure.keyspaces import checks  # noqa: F401
