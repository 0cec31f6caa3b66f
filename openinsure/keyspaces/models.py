"""Base of the tables without organisation: reference data, the same for everybody."""

from __future__ import annotations

from django.db import models

from openinsure.keyspaces.fields import IdField


class GlobalModel(models.Model):
    """A table keyed `id`. Subclasses declare `class Meta(GlobalModel.Meta)`: SQL files make it."""

    id = IdField(primary_key=True)

    class Meta:
        abstract = True
        managed = False
