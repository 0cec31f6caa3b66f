"""Django's entry for authz: chooses the backend at start, so that a wrong one fails at once."""

from __future__ import annotations

from django.apps import AppConfig


class AuthzConfig(AppConfig):
    """The authorisation port."""

    name = "openinsure.authz"
    label = "authz"

    def ready(self) -> None:
        """Build the backend. Raises ConfigurationError naming AUTHZ_BACKEND."""
        from openinsure.authz import checks  # noqa: F401
        from openinsure.authz.port import authorizer

        authorizer()
