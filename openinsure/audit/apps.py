"""Django's entry for the audit log; the keys are read before anything starts."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class AuditConfig(AppConfig):
    """The log and access log live in oi_global; grants and anchors in oi_console."""

    name = "openinsure.audit"
    label = "audit"

    def ready(self) -> None:
        """Load the console's models; a malformed key ring stops the start with one line."""
        from openinsure.audit import console_models  # noqa: F401
        from openinsure.audit.chain import KeyRing

        KeyRing.parse(settings.AUDIT_KEYS)
