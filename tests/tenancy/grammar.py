"""Random SQL for the differential fuzz: mostly almost right, from one seed.

Each choice that matters to the guard (bound or not, AND or OR, inner or outer join, which alias,
which value) is drawn; the rest of the statement is plausible, so that MariaDB runs it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.tenancy.world import OURS, POLICIES, THEIRS, row_id

COLUMNS = ("id", "org_id", "status", "policy_id", "n")
# What an org parameter may be instead of ours; the first three matched foreign rows unguarded.
TRAPS: tuple[Any, ...] = (0, False, 9, THEIRS, OURS.upper(), OURS + " ", OURS.encode(), None, "")
SAFE_SHARE = 0.72  # of org comparisons that are written as they should be
DEPTH_MAX = 3


@dataclass
class Fuzzer:
    """Statements of one seed. `statement()` gives the next template and its parameters."""

    seed: int
    params: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def statement(self) -> tuple[str, list[Any]]:
        """One template with its parameters, in order."""
        self.params = []
        kind = self.random.random()
        if kind < 0.70:
            sql = self.query(0, [])
        elif kind < 0.78:
            sql = f"{self.query(1, [], width=2)} {self.pick('UNION', 'UNION ALL', 'EXCEPT')} " + (
                self.query(1, [], width=2)
            )
        elif kind < 0.84:
            inner = self.query(1, [], width=1)
            sql = f"WITH c AS ({inner}) SELECT c.x0 FROM c{self.maybe(', policies p', 0.2)}"
        elif kind < 0.90:
            sql = self.insert()
        elif kind < 0.95:
            table = self.pick(*POLICIES)
            value = self.scalar(1, [table]) if self.chance(0.3) else self.pick("'bound'", "status")
            column = self.weighted("status", "org_id", 0.95)
            sql = f"UPDATE {table} SET {column} = {value} WHERE {self.condition(1, [table])}"
        else:
            table = self.pick(*POLICIES)
            sql = f"DELETE FROM {table} WHERE {self.condition(1, [table])}"
        return sql, self.params

    def query(self, depth: int, outer: list[str], width: int | None = None) -> str:
        """A SELECT; `outer` are aliases it may refer to."""
        aliases = [f"t{depth}{k}" for k in range(self.random.choice((1, 1, 1, 2, 2, 3)))]
        columns = ", ".join(
            f"{self.expression(depth, aliases)} AS x{k}"
            for k in range(width or self.random.randint(1, 3))
        )
        head = f"SELECT {self.maybe('DISTINCT ', 0.1)}{columns} FROM "
        source = self.source(depth, aliases, outer)
        where = f" WHERE {self.condition(depth, aliases, outer)}" if self.chance(0.97) else ""
        tail = " GROUP BY x0" if self.chance(0.04) else ""
        return f"{head}{source}{where}{tail}{self.maybe(' ORDER BY x0', 0.1)}"

    def source(self, depth: int, aliases: list[str], outer: list[str]) -> str:
        """FROM and its joins."""
        text = self.one_source(depth, aliases[0])
        for k, alias in enumerate(aliases[1:], 1):
            joined = self.one_source(depth, alias)
            kind = self.pick("JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", ",", "CROSS JOIN")
            if kind in (",", "CROSS JOIN"):
                text += f" {kind} {joined}"
                continue
            on = self.join_condition(depth, alias, aliases[:k], outer)
            text += f" {kind} {joined} ON {on}"
        return text

    def one_source(self, depth: int, alias: str) -> str:
        if depth < DEPTH_MAX and self.chance(0.06):
            inner = self.query(depth + 1, [])
            return f"({inner}) {alias}"
        return f"{self.pick(*POLICIES)} {alias}"

    def join_condition(self, depth: int, alias: str, before: list[str], outer: list[str]) -> str:
        other = self.random.choice(before)
        by_org = f"{alias}.org_id = {other}.org_id"
        by_key = f"{alias}.policy_id = {other}.id"
        draw = self.random.random()
        if draw < 0.60:
            return f"({by_org} AND {by_key})"
        if draw < 0.70:
            return f"({alias}.org_id, {alias}.policy_id) = ({other}.org_id, {other}.id)"
        if draw < 0.85:
            return f"{self.binding(alias)} AND {by_key}"
        if draw < 0.92:
            return f"{self.binding(alias)} AND {self.binding(other)}"
        if draw < 0.96:
            return by_key
        return self.condition(depth, [alias, other], outer)

    def condition(self, depth: int, aliases: list[str], outer: list[str] | None = None) -> str:
        """A WHERE: usually every alias bound, sometimes by another, with noise around it."""
        bound = [alias for alias in aliases if self.chance(0.86)]
        terms = [self.org_term(alias, aliases + (outer or [])) for alias in bound]
        terms += [self.noise(depth, aliases, outer) for _ in range(self.random.randint(0, 2))]
        self_made = terms or [self.noise(depth, aliases, outer)]
        joiner = self.weighted(" AND ", self.pick(" OR ", " XOR "), 0.93)
        return joiner.join(self_made)

    def org_term(self, alias: str, others: list[str]) -> str:
        draw = self.random.random()
        if draw < 0.55:
            return self.binding(alias)
        if draw < 0.70:
            return f"{alias}.org_id = {self.random.choice(others)}.org_id"
        if draw < 0.80:
            return f"({self.binding(alias)} OR {self.binding(self.random.choice(others))})"
        if draw < 0.86:
            return f"({self.binding(alias)} AND {alias}.n > 1 OR {self.binding(alias)})"
        if draw < 0.93:
            return f"NOT ({self.binding(alias)})"
        return f"({self.binding(alias)}) {self.pick('IS NOT NULL', '= 0', '>= 0', '<=> 1')}"

    def binding(self, alias: str) -> str:
        """A comparison of the org column; most are right in form and value."""
        name = self.weighted(f"{alias}.org_id", self.pick("org_id", f"{alias}.id"), 0.95)
        draw = self.random.random()
        if draw < SAFE_SHARE:
            return f"{name} = {self.org()}"
        if draw < 0.80:
            return f"{name} IN ({', '.join(self.org() for _ in range(self.random.randint(1, 3)))})"
        if draw < 0.90:
            pairs = [f"({self.org()}, {self.row()})" for _ in range(self.random.randint(1, 3))]
            return f"({name}, {alias}.id) IN ({', '.join(pairs)})"
        form = self.pick(
            "{0} <> {1}", "{0} <=> {1}", "{0} LIKE {1}", "UPPER({0}) = {1}", "{0} >= {1}",
            "{0} = BINARY {1}", "COALESCE({0}, '') = {1}", "{0} NOT IN ({1})", "{1} = {0}",
        )  # fmt: skip
        return form.format(name, self.org())

    def noise(self, depth: int, aliases: list[str], outer: list[str] | None) -> str:
        alias = self.random.choice(aliases)
        draw = self.random.random()
        if depth < DEPTH_MAX and draw < 0.18:
            inner = self.query(depth + 1, [*aliases, *(outer or [])], width=1)
            return self.pick(
                f"EXISTS ({inner})", f"{alias}.id IN ({inner})", f"NOT EXISTS ({inner})"
            )
        if draw < 0.5:
            return f"{alias}.n {self.pick('>', '<', '>=')} {self.mark(self.random.randint(0, 9))}"
        if draw < 0.7:
            return f"{alias}.id IN ({self.row()}, {self.row()})"
        return self.pick(
            f"{alias}.status IS NOT NULL", f"{alias}.status LIKE 'b%%'", "1 = 1", "TRUE"
        )

    def expression(self, depth: int, aliases: list[str]) -> str:
        alias = self.random.choice(aliases)
        if depth < DEPTH_MAX and self.chance(0.06):
            return self.scalar(depth + 1, aliases)
        column = self.pick(*COLUMNS)
        form = self.pick("{}.{}", "{}.{}", "{}.{}", "CONCAT({}.{})", "COALESCE({}.{}, '')")
        return form.format(alias, column)

    def scalar(self, depth: int, outer: list[str]) -> str:
        """A sub-query of one value."""
        alias = f"s{depth}{self.random.randint(0, 99)}"
        return (
            f"(SELECT MAX({alias}.{self.pick(*COLUMNS)}) FROM {self.pick(*POLICIES)} {alias}"
            f" WHERE {self.condition(DEPTH_MAX, [alias], outer)})"
        )

    def insert(self) -> str:
        table = self.pick(*POLICIES)
        if self.chance(0.4):
            first = self.org() if self.chance(0.3) else self.weighted("t00.org_id", "t00.id", 0.8)
            return (
                f"INSERT INTO {table} (org_id, id, n) SELECT {first}, CONCAT('z', t00.n), t00.n"
                f" FROM {self.pick(*POLICIES)} t00 WHERE {self.condition(1, ['t00'])}"
            )
        count = self.random.randint(1, 3)
        rows = [f"({self.org()}, {self.mark(row_id(OURS, 600 + k))})" for k in range(count)]
        end = self.maybe(" ON DUPLICATE KEY UPDATE n = 1", 0.05)
        return f"INSERT INTO {table} (org_id, id) VALUES {', '.join(rows)}{end}"

    def org(self) -> str:
        return self.mark(OURS if self.chance(0.97) else self.pick(*TRAPS))

    def row(self) -> str:
        return self.mark(row_id(self.pick(OURS, THEIRS), self.random.randint(0, 4)))

    def mark(self, value: Any) -> str:
        self.params.append(value)
        return "%s"

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, text: str, share: float) -> str:
        return text if self.chance(share) else ""

    def weighted(self, usual: str, rare: str, share: float) -> str:
        return usual if self.chance(share) else rare
