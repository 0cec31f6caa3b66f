"""App of keyspace oi_billing: its label is the database alias."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Unmanaged models of oi_billing."""

    name = "openinsure.billing"
    label = "oi_billing"
