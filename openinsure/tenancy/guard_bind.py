"""Lock 2, queries: every tenant table of every SELECT, at any depth, must be bound.

Walks CTEs, UNION branches, derived tables, joins and sub-queries with the sources in sight at
each place. A CTE named like a table excuses nothing. Source of the rules: docs/adr/0002.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from openinsure.keyspaces.inventory import TABLES
from openinsure.tenancy.guard_facts import Facts, Frame, Source, facts_of
from openinsure.tenancy.guard_modes import Verb, must_bind, table_named
from openinsure.tenancy.scope import Mode, TenantLeak

QUERIES = (exp.Select, exp.SetOperation)
NO_CTES: frozenset[str] = frozenset()


class Binder:
    """One statement of one mode on one keyspace; collects the tables and org parameters."""

    def __init__(self, keyspace: str, mode: Mode | None) -> None:
        self.keyspace = keyspace
        self.mode = mode
        self.marks: set[int] = set()
        self.tables: list[str] = []

    def source(self, table: exp.Expr, verb: Verb, ctes: frozenset[str]) -> Source:
        """The source a table name makes. Raises TenantLeak if unknown or not for this mode."""
        if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
            raise TenantLeak(f"a {type(table).__name__} is no source a row may come from")
        if verb == "SELECT" and table.name.lower() in ctes:
            return Source(table.alias_or_name)
        known = table_named(table.name, self.keyspace)
        needs = must_bind(self.mode, verb, known)
        self.tables.append(table.name)
        return Source(table.alias_or_name, known, demanded=needs)

    def query(
        self, node: exp.Expr, outer: Frame | None, ctes: frozenset[str] = NO_CTES
    ) -> list[tuple[exp.Select, Frame]]:
        """Check a SELECT or UNION and all below; its plain SELECTs with their frames."""
        while isinstance(node, exp.Subquery):
            self._inner(node, outer, ctes, skip={"this"})
            node = node.this
        if not isinstance(node, QUERIES):
            raise TenantLeak(f"{type(node).__name__} where a query is expected")
        ctes = self._with(node, outer, ctes)
        if isinstance(node, exp.Select):
            return [(node, self._select(node, outer, ctes))]
        branches = self.query(node.this, outer, ctes) + self.query(node.expression, outer, ctes)
        self._inner(node, outer, ctes, skip={"this", "expression", "with_"})
        return branches

    def see(self, frame: Frame, source: Source) -> Source:
        """Put a source into sight. Raises TenantLeak when its name is taken or missing."""
        name = source.name.lower()
        if not name or name in frame.sources:
            raise TenantLeak(f"two sources are named {name!r}, or one has no name")
        frame.sources[name] = source
        return source

    def settle(self, facts: Facts, into: Source | None = None) -> None:
        """Mark what the facts bind and remember their parameters."""
        self.marks |= facts.marks
        for source in facts.closed(into):
            source.bound = True

    def demand(self, frame: Frame) -> None:
        """Raises TenantLeak naming the first tenant table of the frame that nothing binds."""
        for source in frame.sources.values():
            if source.demanded and source.table is not None and not source.bound:
                raise TenantLeak(f"{source.table.name} is not bound to the organisation")

    def inner_queries(self, node: exp.Expr, frame: Frame) -> None:
        """Check the outermost queries below an expression, which see the frame."""
        for query in _nearest(node):
            self.query(query, frame)

    def _with(self, node: exp.Expr, outer: Frame | None, ctes: frozenset[str]) -> frozenset[str]:
        for cte in node.args["with_"].expressions if node.args.get("with_") else ():
            name = cte.alias.lower()
            if name in ctes or name in TABLES:
                raise TenantLeak(f"the CTE name {name} is taken")
            self.query(cte.this, outer, ctes)
            ctes |= {name}
        return ctes

    def _select(self, node: exp.Select, outer: Frame | None, ctes: frozenset[str]) -> Frame:
        if node.args.get("locks") and self.mode in ("cross_read", "directory"):
            raise TenantLeak(f"mode {self.mode} takes no locks")
        frame = Frame(outer)
        joins: list[exp.Join] = node.args.get("joins") or []
        start = node.args.get("from_")
        if start is not None:
            self._add(frame, start.this, ctes)
        joined = [self._add(frame, join.this, ctes) for join in joins]
        where = node.args.get("where")
        everywhere = facts_of(where.this if where else None, frame)
        for join in joins:
            if join.args.get("side") != "LEFT":
                everywhere |= facts_of(join.args.get("on"), frame)
        self.settle(everywhere)
        for join, source in zip(joins, joined, strict=True):
            if join.args.get("side") == "LEFT":
                self.settle(facts_of(join.args.get("on"), frame), into=source)
        self.settle(everywhere)  # a LEFT JOIN may have bound what the WHERE equals
        self.demand(frame)
        self._inner(node, frame, ctes, skip={"from_", "with_", "joins"})
        for join in joins:
            self._inner(join, frame, ctes, skip={"this"})
        return frame

    def _add(self, frame: Frame, node: exp.Expr, ctes: frozenset[str]) -> Source:
        if isinstance(node, exp.Subquery):
            self.query(node, frame.outer, ctes)
            source = Source(node.alias)
        else:
            source = self.source(node, "SELECT", ctes)
        return self.see(frame, source)

    def _inner(
        self, node: exp.Expr, frame: Frame | None, ctes: frozenset[str], skip: set[str]
    ) -> None:
        for key, value in node.args.items():
            if key in skip:
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, exp.Expr):
                    for query in _nearest(child):
                        self.query(query, frame, ctes)


def _nearest(node: exp.Expr) -> Iterator[exp.Expr]:
    """The outermost queries at or below a node."""
    if isinstance(node, (*QUERIES, exp.Subquery)):
        yield node
        return
    for child in node.iter_expressions():
        yield from _nearest(child)
