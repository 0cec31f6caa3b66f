"""Field types whose SQL is the same on MariaDB and MySQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    TextField = models.CharField[str, str]
else:  # Django's fields cannot be subscripted at run time
    TextField = models.CharField


class IdField(TextField):
    """char(36) ascii_bin: a canonical lower-case UUID as text.

    UUIDField is char(32) on MySQL and native uuid on MariaDB >= 10.7, so comparing it with the
    platform's char(36) text silently matches nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 36)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        """The column type; migrations of keyspaces spell the same."""
        return "char(36) CHARACTER SET ascii COLLATE ascii_bin"
