"""App of the two locks: hangs the guard and registers its system checks."""

from __future__ import annotations

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """No models of its own: TenantModel is abstract."""

    name = "openinsure.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        """Guard every connection from here on."""
        from openinsure.tenancy import checks, guard  # noqa: F401  (checks register themselves)

        guard.install_all()
