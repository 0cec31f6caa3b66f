"""App of keyspace oi_global: its label is the database alias."""

from __future__ import annotations

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Unmanaged models of oi_global."""

    name = "openinsure.orgs"
    label = "oi_global"
