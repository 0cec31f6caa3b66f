"""The facts of dbops.sql.conditions looked up in a live schema."""

from __future__ import annotations

from dbops.catalog.model import PRIMARY, Index, Schema, Table
from dbops.sql import conditions
from dbops.sql.conditions import ABSENT, COLUMN, DEFAULT, FOREIGN, INDEX, NULLABLE, PRESENT, Key
from dbops.sql.types import canonical


class Facts:
    """A schema that answers for keys; names are compared in lower case."""

    def __init__(self, schema: Schema) -> None:
        self.dialect = schema.dialect
        self._tables = {name.lower(): table for name, table in schema.tables.items()}

    @property
    def empty(self) -> bool:
        """No table at all."""
        return not self._tables

    def form(self, fact: Key) -> str:
        """The form that the live schema gives to a key."""
        what, table_name, name = fact
        if what == INDEX and not table_name:
            return self._anywhere(name)
        table = self._tables.get(table_name)
        if table is None:
            return ABSENT
        if what in (COLUMN, NULLABLE, DEFAULT):
            return self._column(table, what, name)
        if what == INDEX:
            return _index({key.lower(): one for key, one in table.indexes.items()}.get(name))
        if what == conditions.PRIMARY:
            return _index(table.indexes.get(PRIMARY), primary=True)
        if what == FOREIGN:
            return str(len(table.foreign_keys)) if table.foreign_keys else ABSENT
        return PRESENT

    def _column(self, table: Table, what: str, name: str) -> str:
        columns = {key.lower(): column for key, column in table.columns.items()}
        if name not in columns:
            return ABSENT
        column = columns[name]
        if what == NULLABLE:
            return "yes" if column.nullable else "no"
        if what == DEFAULT:
            return ABSENT if column.default is None else conditions.default_form(column.default)
        return canonical(column.type, self.dialect)

    def _anywhere(self, name: str) -> str:
        for table in self._tables.values():
            for key, index in table.indexes.items():
                if key.lower() == name:
                    return _index(index)
        return ABSENT


def _index(index: Index | None, *, primary: bool = False) -> str:
    if index is None:
        return ABSENT
    return conditions.index_form(index.columns, unique=index.unique and not primary)
