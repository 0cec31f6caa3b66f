"""App of keyspace oi_claims: its label is the database alias."""

from __future__ import annotations

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    """Unmanaged models of oi_claims."""

    name = "openinsure.claims"
    label = "oi_claims"
