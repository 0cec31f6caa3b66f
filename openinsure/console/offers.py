"""Short forms as data: fields, rules, where they are offered, and what was posted, read.

A form is declared once; one template draws it, one reader checks it. Knows no operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from openinsure.audit import reasons
from openinsure.console.filters import read_day
from openinsure.console.forms import FIELD, form_id
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadFilter, BadForm, Problem

Choices = tuple[tuple[str, str], ...]
VERSION = "version"


@dataclass(frozen=True, slots=True)
class Input:
    """One field. kind confirm: the number must be typed; reason: audit.reasons holds.

    length_max: characters.
    """

    name: str
    label: str
    kind: Literal["line", "area", "choice", "day", "confirm", "reason"]
    required: bool = True
    length_max: int = 255
    choices: Choices = ()
    hint: str = ""


def reason_input(name: str, kept: str) -> Input:
    """The field of a reason. kept: what becomes of it, for the hint."""
    return Input(name, "Reason", "reason", length_max=reasons.LENGTH_MAX,
                 hint=f"{reasons.SPAN}, {kept}")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """One action. name: its URL name. statuses: where it is offered; () is everywhere."""

    name: str
    title: str
    button: str
    permission: str
    inputs: tuple[Input, ...]
    statuses: tuple[str, ...] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    """A form as one person sees it: where to post, under which id, what may be chosen."""

    id: str
    title: str
    button: str
    action: str
    form_id: str
    version: int
    danger: bool
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was refused: which, what it held, what was wrong."""

    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def is_offered(form: Form, request: ConsoleRequest, status: str) -> bool:
    """Whether the viewer may and the object's status allows; nothing under a grant."""
    return (
        request.grant is None
        and form.permission in request.rights
        and (not form.statuses or status in form.statuses)
    )


def offer(
    form: Form,
    request: ConsoleRequest,
    action: str,
    version: int,
    choices: Mapping[str, Choices] | None = None,
) -> Offered:
    """The form for this viewer. choices: what may be chosen now, by field."""
    chosen = choices or {}
    return Offered(
        id=form.name,
        title=form.title,
        button=form.button,
        action=action,
        form_id=form_id(request),
        version=version,
        danger=form.danger,
        inputs=tuple(
            replace(one, choices=chosen[one.name]) if one.name in chosen else one
            for one in form.inputs
        ),
    )


def sent_of(form: Form, posted: Mapping[str, str], refusal: Problem) -> Sent:
    """The refused form with what it held; a fault of no field stands on the first one."""
    errors = dict(refusal.errors) if isinstance(refusal, BadForm) else {}
    hidden = {name: errors.pop(name) for name in (FIELD, VERSION) if name in errors}
    if hidden or not errors:
        rule = next(iter(hidden.values()), "") or refusal.message
        errors = {_first(form.inputs): rule, **errors}
    values = {one.name: str(posted.get(one.name, "")) for one in form.inputs}
    return Sent(form.name, values, errors)


def _first(inputs: Sequence[Input]) -> str:
    return inputs[0].name if inputs else FIELD


def read(form: Form, posted: Mapping[str, str], number: str) -> dict[str, Any]:
    """Clean values of every field: text, date or None. Raises BadForm naming each bad field."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for one in form.inputs:
        try:
            values[one.name] = _value(one, str(posted.get(one.name, "")), number)
        except BadFilter as refusal:
            errors[one.name] = refusal.rule
    version = str(posted.get(VERSION, ""))
    if version.isascii() and version.isdigit() and len(version) < 10:
        values[VERSION] = int(version)
    else:
        errors[VERSION] = "must be the version this form came with"
    if errors:
        raise BadForm(errors)
    return values


def _value(one: Input, raw: str, number: str) -> str | date | None:
    text = raw.replace("\r\n", "\n").strip()
    allowed = "\n\t" if one.kind == "area" else ""
    if any(not c.isprintable() and c not in allowed for c in text):
        raise BadFilter(one.name, rule="must not hold control characters")
    if one.kind == "reason" and reasons.broken(text):
        raise BadFilter(one.name, rule=reasons.RULE)
    if len(text) > one.length_max:
        raise BadFilter(one.name, rule=f"must be at most {one.length_max:,} characters")
    if not text and one.required:
        raise BadFilter(one.name, rule="is required")
    if one.kind == "confirm" and text != number:
        raise BadFilter(one.name, rule=f"must be {number}, exactly")
    if one.kind == "choice" and text and one.choices and text not in dict(one.choices):
        raise BadFilter(one.name, rule="must be one of " + ", ".join(dict(one.choices)))
    if one.kind == "day":
        return read_day(one.name, text) if text else None
    return text
