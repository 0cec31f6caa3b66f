"""The forms of a submission as data: fields, rules, when they are offered. Knows no operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from openinsure.console.filters import read_day
from openinsure.console.forms import form_id
from openinsure.console.links import url
from openinsure.console.panels import Panel
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.staff import Staff
from openinsure.problems import BadFilter, BadForm
from openinsure.submissions.detail_rows import SubmissionFile
from openinsure.submissions.operations.closings import DECLINE_REASONS
from openinsure.submissions.operations.work import APPROVED, ASSIGNABLE, DECLINED, WAITING
from openinsure.submissions.states import SUBMISSION

Choices = tuple[tuple[str, str], ...]
UNDERWRITER_ROLES = frozenset({"underwriter", "org_admin", "mhcis_operator"})
VERSION = "version"


@dataclass(frozen=True, slots=True)
class Input:
    """One field. kind confirm: the number must be typed. length_max: characters."""

    name: str
    label: str
    kind: Literal["line", "area", "choice", "day", "confirm"]
    required: bool = True
    length_max: int = 255
    choices: Choices = ()
    hint: str = ""


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


def _leading_to(status: str) -> tuple[str, ...]:
    return tuple(at for at, next_ in SUBMISSION.steps.items() if status in next_)


ASSIGN = Form(
    "submissions.assign",
    "Assign an underwriter",
    "Assign",
    "submission.edit",
    (
        Input("underwriter", "Underwriter", "choice"),
        Input("assignment_reason", "Reason", "line", required=False, length_max=128),
    ),
    ("received", *ASSIGNABLE),
)
ASK = Form(
    "submissions.ask",
    "Request information",
    "Request information",
    "submission.edit",
    (
        Input("item", "What is missing", "line"),
        Input("due_date", "Due", "day", required=False),
    ),
    (*_leading_to("info_requested"), "info_requested"),
)
ANSWER = Form(
    "submissions.answer",
    "Record information received",
    "Record as received",
    "submission.edit",
    (Input("answered", "Item", "choice"),),
    ("info_requested",),
)
REFER = Form(
    "submissions.decide",
    "Decide a referral",
    "Record decision",
    "submission.edit",
    (
        Input("referral", "Referral", "choice"),
        Input(
            "decision",
            "Decision",
            "choice",
            choices=((APPROVED, "Approved: go on"), (DECLINED, "Declined: ends the submission")),
        ),
        Input("decision_note", "Why", "area", length_max=2000),
    ),
    ("referred",),
)
NOTE = Form(
    "submissions.note",
    "Add a note",
    "Add note",
    "note.add",
    (
        Input("note", "Note", "area", length_max=8000, hint="Notes cannot be changed later."),
        Input(
            "visibility",
            "Who may read it",
            "choice",
            choices=(("internal", "Our staff"), ("producer", "The producer too")),
        ),
    ),
)
DECLINE = Form(
    "submissions.decline",
    "Decline",
    "Decline submission",
    "submission.edit",
    (
        Input("decline_code", "Reason", "choice", choices=tuple(DECLINE_REASONS.items())),
        Input("decline_text", "In words", "line", required=False, length_max=200),
        Input("decline_confirm", "Type the submission number to confirm", "confirm"),
    ),
    ("received", "in_review"),
    danger=True,
)
WITHDRAW = Form(
    "submissions.withdraw",
    "Withdraw",
    "Withdraw submission",
    "submission.edit",
    (
        Input("withdrawal_reason", "Reason", "line"),
        Input("withdrawal_confirm", "Type the submission number to confirm", "confirm"),
    ),
    _leading_to("withdrawn"),
    danger=True,
)
FORMS = (ASSIGN, ASK, ANSWER, REFER, NOTE, DECLINE, WITHDRAW)


def offered(
    request: ConsoleRequest, found: SubmissionFile, staff: Staff, loaded: Mapping[str, Panel]
) -> tuple[Offered, ...]:
    """What the viewer may do now: permission held, status fits, and something to choose."""
    choices = {
        "underwriter": underwriter_choices(staff),
        "answered": _open(loaded.get("information"), "item"),
        "referral": _open(loaded.get("referrals"), "type"),
    }
    return tuple(
        Offered(
            id=form.name,
            title=form.title,
            button=form.button,
            action=url(form.name, found.number),
            form_id=form_id(request),
            version=found.lock_version,
            danger=form.danger,
            inputs=tuple(_with(one, choices) for one in form.inputs),
        )
        for form in FORMS
        if form.permission in request.rights
        and (not form.statuses or found.status in form.statuses)
        and all(choices.get(one.name, True) for one in form.inputs)
    )


def underwriter_choices(staff: Staff) -> Choices:
    """Who may be given a submission, by name."""
    found = [one for one in staff.values() if one.active and one.role in UNDERWRITER_ROLES]
    return tuple((one.id, one.name) for one in sorted(found, key=lambda one: (one.name, one.id)))


def _open(panel: Panel | None, words: str) -> Choices:
    rows = panel.rows if panel else ()
    waiting = [row for row in rows if row.status == WAITING]
    return tuple((row.id, str(getattr(row, words)).replace("_", " ")) for row in waiting)


def _with(one: Input, choices: Mapping[str, Choices]) -> Input:
    if one.name not in choices:
        return one
    return Input(one.name, one.label, one.kind, one.required, choices=choices[one.name])


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
    if len(text) > one.length_max:
        raise BadFilter(one.name, rule=f"must be at most {one.length_max:,} characters")
    if not text and one.required:
        raise BadFilter(one.name, rule="is required")
    if one.kind == "confirm" and text != number:
        raise BadFilter(one.name, rule=f"must be {number}, exactly")
    if one.kind == "choice" and one.choices and text not in dict(one.choices):
        raise BadFilter(one.name, rule="must be one of " + ", ".join(dict(one.choices)))
    if one.kind == "day":
        return read_day(one.name, text) if text else None
    return text
