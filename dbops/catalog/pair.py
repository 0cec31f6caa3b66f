"""The two schemas under comparison, and how a finding about them is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dbops.catalog import ddl
from dbops.catalog.findings import KINDS, Finding
from dbops.catalog.model import Column, Schema, Table

EVIDENCE = {
    "mysql": "SHOW CREATE TABLE `{schema}`.`{table}`",
    "postgres": "SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute"
    ' WHERE attrelid = \'"{schema}"."{table}"\'::regclass AND attnum > 0',
    "sqlite": "SELECT sql FROM sqlite_master WHERE tbl_name = '{table}'",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """What the files want and what is there, of one keyspace of one database."""

    database: str
    expected: Schema
    live: Schema
    org_tables: frozenset[str]

    @property
    def dialect(self) -> str:
        """mysql, postgres or sqlite."""
        return self.live.dialect

    def quoted(self, name: str) -> str:
        """A name as the engine quotes it."""
        return ddl.quoted(name, self.dialect)

    def finding(
        self,
        kind: str,
        about: str,
        expected: str,
        actual: str,
        *,
        fix_live: str = "",
        fix_code: str = "",
    ) -> Finding:
        """A finding of this pair with its kind's severity."""
        table = about.partition(".")[0]
        return Finding(
            database=self.database,
            keyspace=self.live.name,
            kind=kind,
            severity=KINDS[kind],
            object=about,
            expected=expected,
            actual=actual,
            evidence_sql=EVIDENCE[self.dialect].format(schema=self.live.name, table=table),
            fix_live=fix_live,
            fix_code=fix_code,
        )

    def option(self, kind: str, wanted: Table, there: Table, what: str) -> Finding:
        """A finding about a table's own option."""
        return self.finding(
            kind,
            wanted.name,
            str(getattr(wanted, what)) or "none",
            str(getattr(there, what)) or "none",
            fix_live=ddl.table_option(wanted, what) if self.dialect == "mysql" else "",
            fix_code=ddl.table_option(there, what) if self.dialect == "mysql" else "",
        )

    @staticmethod
    def milder(finding: Finding) -> Finding:
        """The same, low."""
        return replace(finding, severity="low")

    def collation_of(self, holder: Table | Column, *, expected: bool) -> str:
        """Its collation, or `default` where it is its schema's own: servers may differ there."""
        schema = self.expected if expected else self.live
        if self.expected.collation == self.live.collation:
            return holder.collation
        return "default" if holder.collation == schema.collation else holder.collation

    def converted(self, wanted: Table, there: Table) -> list[Column]:
        """The columns of `wanted` that a conversion of the whole table took along."""
        return [
            column
            for name, column in wanted.columns.items()
            if name in there.columns
            and there.columns[name].collation == there.collation
            and column.collation != there.collation
            and column.collation
        ]
