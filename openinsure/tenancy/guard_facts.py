"""Lock 2, conditions: which sources a WHERE or ON ties to the organisation parameter.

Only `alias.org_id = %s`, `IN (%s, ...)`, the same inside tuples, and equality between two org
columns count, joined by AND; OR ties what every branch ties. NOT, `<>`, `<=>`, CASE, COLLATE,
literals and functions tie nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from openinsure.keyspaces.inventory import Table


@dataclass(eq=False, slots=True)
class Source:
    """One name in a FROM: a table, or a derived table or CTE (table is None then).

    demanded: must be bound. One that need not be (a global table, the listed organisations) is
    not thereby bound, and binds nothing that equals it.
    """

    name: str
    table: Table | None = None
    demanded: bool = False
    bound: bool = False


@dataclass(eq=False, slots=True)
class Frame:
    """The sources of one SELECT, UPDATE or DELETE, inside those of the query around it."""

    outer: Frame | None = None
    sources: dict[str, Source] = field(default_factory=dict)

    def org_source(self, column: exp.Expr) -> Source | None:
        """The source that must be bound and whose org column this is, else None.

        An unqualified name needs one source. In mode `directory` an organisation's id is a
        plain column: comparing it with a parameter looks one up.
        """
        if not isinstance(column, exp.Column) or not isinstance(column.this, exp.Identifier):
            return None
        source = self._source(column.table)
        if source is None or source.table is None or not source.demanded:
            return None
        return source if column.name.lower() == source.table.org_column else None

    def _source(self, name: str) -> Source | None:
        if not name:
            return next(iter(self.sources.values())) if len(self.sources) == 1 else None
        frame: Frame | None = self
        while frame is not None:
            source = frame.sources.get(name.lower())
            if source is not None:  # in another case it depends on the server: nothing then
                return source if source.name == name else None
            frame = frame.outer
        return None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition ties: sources to the parameter, source to source, by which marks."""

    bound: frozenset[Source] = frozenset()
    equal: frozenset[tuple[Source, Source]] = frozenset()
    marks: frozenset[int] = frozenset()

    def __or__(self, other: Facts) -> Facts:
        return Facts(self.bound | other.bound, self.equal | other.equal, self.marks | other.marks)

    def closed(self, into: Source | None = None) -> frozenset[Source]:
        """Sources bound directly, already, or by equality with one that is.

        into: the joined side of a LEFT JOIN, whose ON ties nothing else.
        """
        bound = set(self.bound)
        grown = True
        while grown:
            grown = False
            for pair in self.equal:
                for known, other in (pair, pair[::-1]):
                    if (known in bound or known.bound) and other not in bound:
                        bound.add(other)
                        grown = True
        return frozenset(bound if into is None else bound & {into})


def mark_of(node: exp.Expr) -> int | None:
    """The number of a bare `%s`; None for anything else, a function around it too."""
    return int(node.name[1:]) if isinstance(node, exp.Placeholder) else None


def facts_of(condition: exp.Expr | None, frame: Frame) -> Facts:
    """What the condition ties when it is true."""
    facts = Facts()
    for term in _flat(condition, exp.And):
        if isinstance(term, exp.Or):
            facts |= _either(_flat(term, exp.Or), frame)
        elif isinstance(term, exp.EQ):
            facts |= _compared(_bare(term.this), _bare(term.expression), frame)
        elif isinstance(term, exp.In) and not term.args.get("query"):
            for choice in _every(term.expressions, _bare(term.this), frame):
                facts |= choice
    return facts


def _either(branches: Iterable[exp.Expr], frame: Frame) -> Facts:
    every = [facts_of(branch, frame) for branch in branches]
    bound = frozenset.intersection(*(facts.closed() for facts in every))
    equal = frozenset.intersection(*(facts.equal for facts in every))
    marks: frozenset[int] = frozenset().union(*(facts.marks for facts in every))
    return Facts(bound, equal, marks if bound else frozenset())


def _every(choices: list[exp.Expr], left: exp.Expr, frame: Frame) -> list[Facts]:
    """IN is an OR of equalities; all choices must tie, or the list ties nothing."""
    every = [_compared(left, _bare(choice), frame) for choice in choices]
    if not every or any(not facts.bound for facts in every):
        return []
    bound = frozenset.intersection(*(facts.bound for facts in every))
    return [Facts(bound, frozenset(), facts.marks) for facts in every]


def _compared(left: exp.Expr, right: exp.Expr, frame: Frame) -> Facts:
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        facts = Facts()
        if len(left.expressions) == len(right.expressions):
            for one, other in zip(left.expressions, right.expressions, strict=True):
                facts |= _compared(_bare(one), _bare(other), frame)
        return facts
    one, other = frame.org_source(left), frame.org_source(right)
    if one is not None and other is not None:
        return Facts(equal=frozenset({(one, other)}))
    source, mark = (one, mark_of(right)) if one is not None else (other, mark_of(left))
    if source is None or mark is None:
        return Facts()
    return Facts(bound=frozenset({source}), marks=frozenset({mark}))


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _flat(node: exp.Expr | None, kind: type[exp.And] | type[exp.Or]) -> Iterator[exp.Expr]:
    """The terms of a chain of AND or OR, parentheses removed. No recursion: chains are long."""
    waiting = [node] if node is not None else []
    while waiting:
        term = _bare(waiting.pop())
        if isinstance(term, kind):
            waiting += [term.expression, term.this]
        else:
            yield term
