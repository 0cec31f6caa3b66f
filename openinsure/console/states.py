"""State machines as data: which status may follow which, refused by name (domain.md part 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openinsure.console.words import any_of, spoken
from openinsure.problems import Problem


class IllegalTransition(Problem):
    """422 naming the statuses that may follow, in words; `allowed` keeps them as stored."""

    status, code = 422, "illegal_transition"

    def __init__(self, noun: str, at: str, to: str, allowed: tuple[str, ...]) -> None:
        now, may = spoken(at), any_of(allowed)
        super().__init__(
            f"This {noun} is {now}; it cannot become {spoken(to[:40])}. Next: {may}.",
            field="status",
            rule=f"from {now} only {may}",
        )
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Machine:
    """The legal steps of one noun."""

    noun: str
    steps: Mapping[str, tuple[str, ...]]

    def allowed(self, at: str) -> tuple[str, ...]:
        """What may follow a status; () at the end."""
        return self.steps.get(at, ())

    def check(self, at: str, to: str) -> None:
        """Raises IllegalTransition naming the legal next statuses."""
        if to not in self.allowed(at):
            raise IllegalTransition(self.noun, at, to, self.allowed(at))
