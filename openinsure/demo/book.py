"""What one organisation's generators share: its spec, generator, day, basket and counters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any

from openinsure.demo.ids import row_id
from openinsure.demo.orgs_data import OrgSpec
from openinsure.demo.rows import Basket


@dataclass(slots=True)
class Book:
    """One organisation in the making."""

    spec: OrgSpec
    rng: Random
    today: date
    basket: Basket
    users: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by role
    producers: list[dict[str, Any]] = field(default_factory=list)
    programs: list[dict[str, Any]] = field(default_factory=list)
    adjusters: list[dict[str, Any]] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)
    newest: datetime | None = None  # change of an insured

    @classmethod
    def opened(cls, spec: OrgSpec, seed: int, today: date) -> Book:
        """A book whose draws depend on the seed and the organisation only."""
        return cls(spec, Random(f"{seed}:{spec.slug}"), today, Basket(spec.id))

    def id(self, at: datetime) -> str:
        """A fresh repeatable id whose time is `at`."""
        return row_id(self.rng, at)

    def next(self, kind: str) -> int:
        """The next number of a sequence, from 1."""
        self.counters[kind] = self.counters.get(kind, 0) + 1
        return self.counters[kind]

    def named(self, text: str) -> str:
        """A text marked with the organisation's canary word, so that a leak is found anywhere."""
        return f"{text} {self.spec.canary}"

    def a_user(self, role: str) -> str:
        """Id of some user with the role."""
        return str(self.rng.choice(self.users[role])["id"])
