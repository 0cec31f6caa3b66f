"""Field types whose SQL is the same on MariaDB and MySQL, and the same as in the migrations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import Exact, In
from django.utils import timezone

if TYPE_CHECKING:  # Any, because one class serves nullable and required columns
    CharField = models.CharField[Any, Any]
    TextField = models.TextField[Any, Any]
    BinaryField = models.BinaryField[Any, Any]
    DateTimeField = models.DateTimeField[Any, Any]
    BigIntegerField = models.BigIntegerField[Any, Any]
    DecimalField = models.DecimalField[Any, Any]
else:  # Django's fields cannot be subscripted at run time
    from django.db.models import (
        BigIntegerField,
        BinaryField,
        CharField,
        DateTimeField,
        DecimalField,
        TextField,
    )


class IdField(CharField):
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


class _AsciiExact(Exact):
    """Text that is not ASCII is nobody's id; the server refuses to compare it (error 1267)."""

    def get_prep_lookup(self) -> Any:
        """The id, or one that no row has."""
        return _ascii(super().get_prep_lookup())


class _AsciiIn(In):
    """As `_AsciiExact`, for several."""

    def get_prep_lookup(self) -> Any:
        """The ids, each its own or one that no row has."""
        found = super().get_prep_lookup()
        return [_ascii(one) for one in found] if isinstance(found, list) else found


def _ascii(value: Any) -> Any:
    return "" if isinstance(value, str) and not value.isascii() else value


IdField.register_lookup(_AsciiExact)
IdField.register_lookup(_AsciiIn)


class FixedCharField(CharField):
    """char(n): codes and hashes of one length (state, currency, sha256)."""

    def db_type(self, connection: Any) -> str:
        """The column type."""
        return f"char({self.max_length})"


class TextColumn(TextField):
    """text, at most 65,535 bytes; Django's TextField would be longtext."""

    def db_type(self, connection: Any) -> str:
        """The column type."""
        return "text"


class BytesField(BinaryField):
    """varbinary(n), or mediumblob without `max_length`: values encrypted by the application."""

    def db_type(self, connection: Any) -> str:
        """The column type."""
        return f"varbinary({self.max_length})" if self.max_length else "mediumblob"


class TimestampField(DateTimeField):
    """timestamp(3), UTC. Values are cut to milliseconds before they are sent.

    MySQL rounds what does not fit, MariaDB cuts it: a hash or a cursor made from the value in
    memory must equal the one made from the row.
    """

    def db_type(self, connection: Any) -> str:
        """The column type."""
        return "timestamp(3)"

    def get_prep_value(self, value: Any) -> Any:
        """The instant, cut to milliseconds."""
        prepared = super().get_prep_value(value)
        if isinstance(prepared, datetime):
            return prepared.replace(microsecond=prepared.microsecond // 1000 * 1000)
        return prepared


class StampField(TimestampField):
    """created_at and updated_at: NOT NULL, by default the time of writing, here and in SQL.

    Rules never read them; an operation that has `now` passes it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", timezone.now)
        super().__init__(*args, **kwargs)


class CentsField(BigIntegerField):
    """An amount in integer cents of the row's currency; 0 when not given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", 0)
        super().__init__(*args, **kwargs)


class RateField(DecimalField):
    """decimal(9,6): a share, 0.15 = 15 %; 0 when not given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 9)
        kwargs.setdefault("decimal_places", 6)
        kwargs.setdefault("default", 0)
        super().__init__(*args, **kwargs)
