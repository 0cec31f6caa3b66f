"""The Django half of dbops: stored readings in oi_console, the /ops pages, the collector."""

from __future__ import annotations

from django.apps import AppConfig


class DbopsConfig(AppConfig):
    """Label `dbops`; its tables are on the default alias."""

    name = "dbops"
    label = "dbops"
    verbose_name = "Database operations"
    default_auto_field = "django.db.models.BigAutoField"
