"""A value of its own for each row of one UPDATE, found by a column; the ORM's Case is too slow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Expression, Field


class ByKey(Expression):
    """`CASE column WHEN key THEN value ... END`, a number each. A row without a key gets null.

    Two numbers a row in one flat expression: Case(When(...)) resolves a tree of each, which took
    longer than the ledger and the database together.
    """

    def __init__(
        self, column: str, values: Mapping[str, int], output_field: Field[Any, Any]
    ) -> None:
        super().__init__(output_field=output_field)
        self.column, self.values = column, values

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """The expression and its parameters, in the order of the mapping."""
        whens = " WHEN %s THEN %s" * len(self.values)
        params = tuple(part for pair in self.values.items() for part in pair)
        return f"CASE {compiler.quote_name_unless_alias(self.column)}{whens} END", params
