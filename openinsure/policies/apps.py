"""App of keyspace oi_policies: its label is the database alias."""

from __future__ import annotations

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Unmanaged models of oi_policies."""

    name = "openinsure.policies"
    label = "oi_policies"
