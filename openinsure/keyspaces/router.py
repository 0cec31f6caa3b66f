"""A model lives where its app label says: label = alias = keyspace. Everything else: `default`."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from openinsure.keyspaces import pools
from openinsure.keyspaces.inventory import KEYSPACES


class KeyspaceRouter:
    """Placement by label alone. Django creates no table in a keyspace: SQL files do."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        """The keyspace of the model's app label, else `default`; its twin for limited reads."""
        return pools.alias_for(self._home(model))

    def db_for_write(self, model: type[Model], **_hints: Any) -> str:
        """As for reading, never the twin."""
        return self._home(model)

    def allow_relation(self, one: Model, other: Model, **_hints: Any) -> bool:
        """Only between models of one database."""
        return self._home(type(one)) == self._home(type(other))

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Django's migrations touch `default` only, and no keyspace app."""
        return db == "default" and app_label not in KEYSPACES

    @staticmethod
    def _home(model: type[Model]) -> str:
        return model._meta.app_label if model._meta.app_label in KEYSPACES else "default"
