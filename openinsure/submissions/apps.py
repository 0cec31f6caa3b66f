"""App of keyspace oi_submissions: its label is the database alias."""

from __future__ import annotations

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """Unmanaged models of oi_submissions."""

    name = "openinsure.submissions"
    label = "oi_submissions"
