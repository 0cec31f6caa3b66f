"""Lock 2, statements: a template becomes a plan, or is refused.

The plan says which parameters carry the organisation; everything else about the statement was
decided here, once. INSERT, UPDATE and DELETE have their own rules, queries those of guard_bind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from openinsure.tenancy.guard_bind import QUERIES, Binder
from openinsure.tenancy.guard_facts import Frame, Source, facts_of, mark_of
from openinsure.tenancy.guard_modes import Verb, check_columns, check_upsert
from openinsure.tenancy.guard_text import collapsed, numbered, passed_as_is
from openinsure.tenancy.guard_words import refuse_unknown
from openinsure.tenancy.scope import Mode, TenantLeak

_ROOTS = re.compile(r"[\s(]*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.ASCII | re.IGNORECASE)
PLANS_KEPT = 4_096  # templates; the console has a few hundred


@dataclass(frozen=True, slots=True)
class Plan:
    """What a template needs at each call: these parameters must equal the scope's org id."""

    orgs: tuple[int, ...]
    tables: tuple[str, ...]


PASSED = Plan((), ())


def plan_of(keyspace: str, mode: Mode | None, template: str) -> Plan:
    """Judge one template in one mode (None: no scope). Raises TenantLeak: refused.

    Not kept: guard.plan_for does that.
    """
    if passed_as_is(template):
        return PASSED
    numbered(template)  # refuses on the whole text; collapsing relies on it
    cut = collapsed(template)
    core = _analysed(keyspace, mode, cut.template)
    orgs = sorted(index for mark in core.orgs for index in cut.origins[mark])
    return Plan(tuple(orgs), core.tables)


@lru_cache(maxsize=PLANS_KEPT)
def _analysed(keyspace: str, mode: Mode | None, template: str) -> Plan:
    text = numbered(template)
    if not _ROOTS.match(text):
        raise TenantLeak("only SELECT, INSERT, UPDATE and DELETE are accepted")
    try:
        statements = sqlglot.parse(text, read="mysql")
    except (SqlglotError, RecursionError, ValueError) as error:
        raise TenantLeak(f"not understood: {type(error).__name__}") from None
    if len(statements) != 1 or statements[0] is None:
        raise TenantLeak("exactly one statement is expected")
    try:
        return _judged(statements[0], Binder(keyspace, mode))
    except RecursionError:
        raise TenantLeak("nested too deeply") from None


def _judged(tree: exp.Expr, binder: Binder) -> Plan:
    kind = type(tree).__name__
    if not isinstance(tree, (*QUERIES, exp.Subquery, exp.Insert, exp.Update, exp.Delete)):
        raise TenantLeak(f"a {kind} statement is refused")
    refuse_unknown(tree)
    if isinstance(tree, exp.Insert):
        _insert(tree, binder)
    elif isinstance(tree, exp.Update):
        _update(tree, binder)
    elif isinstance(tree, exp.Delete):
        _changed(tree, "DELETE", binder)
    else:
        binder.query(tree, None)
    return Plan(tuple(sorted(binder.marks)), tuple(dict.fromkeys(binder.tables)))


def _changed(tree: exp.Expr, verb: Verb, binder: Binder) -> Frame:
    """The frame of an UPDATE or DELETE whose one table the WHERE binds."""
    frame = Frame()
    binder.see(frame, binder.source(tree.this, verb, frozenset()))
    where = tree.args.get("where")
    binder.settle(facts_of(where.this if where else None, frame))
    binder.demand(frame)
    binder.inner_queries(tree, frame)
    return frame


def _update(tree: exp.Update, binder: Binder) -> None:
    frame = _changed(tree, "UPDATE", binder)
    columns = [_assigned(assignment) for assignment in tree.expressions]
    check_columns(binder.mode, _only(frame).table, columns)


def _assigned(assignment: exp.Expr) -> str:
    if not isinstance(assignment, exp.EQ) or not isinstance(assignment.this, exp.Column):
        raise TenantLeak("SET must name plain columns")
    return assignment.this.name.lower()


def _insert(tree: exp.Insert, binder: Binder) -> None:
    schema, rows = tree.this, tree.expression
    if not isinstance(schema, exp.Schema) or not schema.expressions:
        raise TenantLeak("INSERT needs its column list")
    frame = Frame()
    target = binder.see(frame, binder.source(schema.this, "INSERT", frozenset()))
    columns = [column.name.lower() for column in schema.expressions]
    if tree.args.get("conflict"):
        assigned = [_assigned_on_conflict(one) for one in tree.args["conflict"].expressions]
        check_upsert(target.table, assigned)
        check_columns(binder.mode, target.table, assigned)
    position = _org_position(target, columns)
    if isinstance(rows, exp.Values):
        _insert_values(rows, position, len(columns), binder)
    else:
        _insert_select(rows, position, len(columns), binder)
    target.bound = True  # RETURNING and ON DUPLICATE KEY speak of the rows just judged
    for clause in ("returning", "conflict"):
        if tree.args.get(clause):
            binder.inner_queries(tree.args[clause], frame)


def _assigned_on_conflict(assignment: exp.Expr) -> str:
    if isinstance(assignment, exp.EQ) and isinstance(assignment.this, exp.Identifier):
        return assignment.this.name.lower()
    return _assigned(assignment)


def _org_position(target: Source, columns: list[str]) -> int | None:
    """Where the organisation stands in each row; None if the table needs none."""
    if not target.demanded or target.table is None:
        return None
    if columns.count(str(target.table.org_column)) != 1:
        raise TenantLeak(f"INSERT into {target.table.name} must name its org column once")
    return columns.index(str(target.table.org_column))


def _insert_values(values: exp.Values, position: int | None, width: int, binder: Binder) -> None:
    for row in values.expressions:
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        if len(cells) != width:
            raise TenantLeak("INSERT rows and columns differ in number")
        if position is not None:
            mark = mark_of(cells[position])
            if mark is None:
                raise TenantLeak("the organisation of an inserted row must be a parameter")
            binder.marks.add(mark)
    binder.inner_queries(values, Frame())


def _insert_select(query: exp.Expr, position: int | None, width: int, binder: Binder) -> None:
    for select, frame in binder.query(query, None):
        if position is None:
            continue
        cells = select.expressions
        if len(cells) != width or any(cell.is_star for cell in cells):
            raise TenantLeak("INSERT ... SELECT must list one expression per column")
        cell = cells[position].unalias()
        mark, source = mark_of(cell), frame.org_source(cell)
        if mark is not None:
            binder.marks.add(mark)
        elif source is None or not source.bound:
            raise TenantLeak("the organisation of an inserted row must be bound")


def _only(frame: Frame) -> Source:
    return next(iter(frame.sources.values()))
