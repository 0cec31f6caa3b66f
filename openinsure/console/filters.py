"""Kinds of list filters: what a value may be, in words, and how it is offered. Knows no list.

A filter turns the raw texts of its parameter into canonical ones or raises BadFilter naming the
parameter and the rule; what it means in SQL is the list's own business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Protocol

from django.http import QueryDict

from openinsure.console.dates import format_day
from openinsure.problems import BadFilter

REPEATS_MAX = 10
TOOL, MENUS = "tool", ("columns", "save")  # menus that every list has, beside one a filter
TEXT_LENGTH_MAX = 100  # characters
# Coverage dates outside this are typing mistakes; it also keeps arithmetic inside `date`.
DAY_FIRST, DAY_LAST = date(1900, 1, 1), date(2200, 12, 31)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_RULE = "must be a date between 1900-01-01 and 2200-12-31 written YYYY-MM-DD"


@dataclass(frozen=True, slots=True)
class Option:
    """One offered value and its words."""

    value: str
    label: str


Options = Mapping[str, Sequence[Option]]


class Filter(Protocol):
    """One filter: a chip on the page, one or more parameters in the address."""

    kind: ClassVar[str]

    @property
    def label(self) -> str:
        """What the chip is called."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names it reads; the first is its own."""

    def may_repeat(self) -> bool:
        """True if its parameter may stand several times."""

    def read(self, parameter: str, texts: list[str], options: Options) -> tuple[str, ...]:
        """Canonical values of one parameter, () if it does not limit. Raises BadFilter."""

    def words(self, parameter: str, values: tuple[str, ...], options: Options) -> str:
        """What an active chip says after its label."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a known set of values, or several of them (`many`).

    options: the set; () means that it depends on the organisation and comes with the request.
    """

    kind: ClassVar[str] = "one_of"
    name: str
    label: str
    options: tuple[Option, ...] = ()
    many: bool = False
    noun: str = "value"

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name,)

    def may_repeat(self) -> bool:
        return self.many

    def offered(self, options: Options) -> Sequence[Option]:
        """What may be chosen in this request."""
        return self.options or options.get(self.name, ())

    def read(self, parameter: str, texts: list[str], options: Options) -> tuple[str, ...]:
        if len(texts) > REPEATS_MAX:
            raise BadFilter(parameter, rule=f"may stand at most {REPEATS_MAX} times")
        known = {option.value for option in self.offered(options)}
        for text in texts:
            if text not in known:
                raise BadFilter(parameter, rule=self._rule())
        return tuple(sorted(set(texts)))

    def words(self, parameter: str, values: tuple[str, ...], options: Options) -> str:
        labels = {option.value: option.label for option in self.offered(options)}
        return " or ".join(labels.get(value, value) for value in values)

    def _rule(self) -> str:
        if not self.options:
            return f"must be the code of one {self.noun} of this organization"
        if len(self.options) > 2 * REPEATS_MAX:
            return f"must be the code of one {self.noun}"
        return "must be one of " + ", ".join(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class Days:
    """A range of dates, both ends included: `<name>_from` and `<name>_to`, either may be open."""

    kind: ClassVar[str] = "days"
    name: str
    label: str
    first: str = ""
    last: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.first or f"{self.name}_from", self.last or f"{self.name}_to")

    def may_repeat(self) -> bool:
        return False

    def read(self, parameter: str, texts: list[str], options: Options) -> tuple[str, ...]:
        # A form that asks for a range sends both ends, one of them blank.
        return (read_day(parameter, texts[0]).isoformat(),) if texts[0] else ()

    def words(self, parameter: str, values: tuple[str, ...], options: Options) -> str:
        day = format_day(date.fromisoformat(values[0]))
        return f"{'from' if parameter == self.parameters[0] else 'to'} {day}"


@dataclass(frozen=True, slots=True)
class Text:
    """Exact text of a known shape: a number, an id, a code.

    Options of its name that come with a request are suggested, and their words shown instead.
    """

    kind: ClassVar[str] = "text"
    name: str
    label: str
    pattern: str
    rule: str
    compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "compiled", re.compile(self.pattern))

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.name,)

    def may_repeat(self) -> bool:
        return False

    def read(self, parameter: str, texts: list[str], options: Options) -> tuple[str, ...]:
        if len(texts[0]) > TEXT_LENGTH_MAX or not self.compiled.fullmatch(texts[0]):
            raise BadFilter(parameter, rule=self.rule)
        return (texts[0],)

    def words(self, parameter: str, values: tuple[str, ...], options: Options) -> str:
        named = {option.value: option.label for option in options.get(self.name, ())}
        return named.get(values[0], values[0])


def text_of(query: QueryDict, name: str) -> str:
    """The value of a parameter, "" without one."""
    return str(query.get(name, ""))


def read_day(parameter: str, text: str) -> date:
    """A date of the years 1900 to 2200 written YYYY-MM-DD. Raises BadFilter(parameter)."""
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not DAY_FIRST <= day <= DAY_LAST:
        raise BadFilter(parameter, rule=DAY_RULE)
    return day


def tool_of(query: QueryDict, filters: Sequence[Filter]) -> str:
    """The filter form or menu of a list that is open, by name; "" for none. Raises BadFilter."""
    known = [*MENUS, *(wanted.parameters[0] for wanted in filters)]
    text = text_of(query, TOOL)
    if TOOL in query and text not in known:
        raise BadFilter(TOOL, rule="must be one of " + ", ".join(known))
    return text
