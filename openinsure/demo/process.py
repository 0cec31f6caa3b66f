"""A process of its own for part of a load. Nothing here may import a model: Django comes first."""

from __future__ import annotations

import django


def ready() -> None:
    """Before any work arrives."""
    django.setup()
