"""The forms of a submission as data: fields, rules, when they are offered. Knows no operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openinsure.console.links import url
from openinsure.console.money import format_cents
from openinsure.console.offers import Choices, Form, Input, Offered, is_offered, offer
from openinsure.console.panels import Panel
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.staff import Staff, underwriter_choices
from openinsure.submissions.checklist import Check, chosen_quote
from openinsure.submissions.detail_rows import SubmissionFile
from openinsure.submissions.offers import OpenOffer
from openinsure.submissions.operations.closings import DECLINE_REASONS
from openinsure.submissions.operations.quotes import OPEN_CONDITION, RELEASABLE
from openinsure.submissions.operations.work import APPROVED, ASSIGNABLE, DECLINED, WAITING
from openinsure.submissions.report_rows import QuoteRow
from openinsure.submissions.states import OPEN, QUOTE, SUBMISSION


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
RELEASE = Form(
    "submissions.release",
    "Release a quote",
    "Release for 30 days",
    "submission.edit",
    (Input("releasing", "Quote", "choice"),),
    ("in_review", "quoted"),
)
ACCEPT = Form(
    "submissions.accept",
    "Record acceptance",
    "Record as accepted",
    "submission.edit",
    (Input("accepting", "Quote", "choice"),),
    ("quoted",),
)
CLEAR = Form(
    "submissions.clear",
    "Clear a condition",
    "Record as cleared",
    "submission.edit",
    (Input("condition", "Condition", "choice"),),
    ("in_review", "quoted"),
)
BIND = Form(
    "submissions.bind",
    "Bind the accepted quote",
    "Bind",
    "policy.bind",
    (Input("binding", "Quote", "choice", hint="Its policy and billing are written at once."),),
    ("quoted",),
)
REFRESH = Form("submissions.refresh", "Ask FMCSA now", "Ask FMCSA now", "submission.edit", (), OPEN)
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
FORMS = (ASSIGN, ASK, ANSWER, REFER, RELEASE, ACCEPT, CLEAR, NOTE, DECLINE, WITHDRAW)
BINDING = (CLEAR, BIND)  # offered beside the checklist


def offered(
    request: ConsoleRequest,
    found: SubmissionFile,
    staff: Staff,
    loaded: Mapping[str, Panel],
    offers: Sequence[OpenOffer],
) -> tuple[Offered, ...]:
    """What the viewer may do now: permission held, status fits, and something to choose."""
    choices: dict[str, Choices] = {
        "underwriter": underwriter_choices(staff),
        "answered": _open(loaded.get("information"), "item"),
        "referral": _open(loaded.get("referrals"), "type"),
        "releasing": tuple((one.id, one.words) for one in offers if one.status in RELEASABLE),
        "accepting": tuple((one.id, one.words) for one in offers if one.status == "released"),
    }
    return _choosable(FORMS, request, found, choices)


def offered_to_bind(
    request: ConsoleRequest,
    found: SubmissionFile,
    quotes: Sequence[QuoteRow],
    checks: Sequence[Check],
) -> tuple[Offered, ...]:
    """What stands beside the checklist: clear what is open; bind once every point holds."""
    open_ones = [one for one in quotes if one.status in QUOTE.steps]
    chosen = chosen_quote(quotes) if all(one.state == "passed" for one in checks) else None
    choices = {
        "condition": tuple(
            (one.id, f"{quote.number} version {quote.version}: {one.description or 'condition'}")
            for quote in open_ones
            for one in quote.subjectivities
            if one.status == OPEN_CONDITION
        ),
        "binding": ((chosen.id, _told(chosen)),) if chosen else (),
    }
    return _choosable(BINDING, request, found, choices)


def offered_to_refresh(request: ConsoleRequest, found: SubmissionFile) -> tuple[Offered, ...]:
    """What stands beside the carrier's file: ask anew, where a DOT number is known."""
    return _choosable((REFRESH,) if found.usdot_number else (), request, found, {})


def _told(quote: QuoteRow) -> str:
    total = format_cents(quote.total_cents, quote.currency)
    return (
        f"{quote.number} version {quote.version}, {total}, {quote.plan.replace('_', ' ').lower()}"
    )


def _choosable(
    forms: Sequence[Form], request: ConsoleRequest, found: SubmissionFile,
    choices: Mapping[str, Choices],
) -> tuple[Offered, ...]:  # fmt: skip
    return tuple(
        offer(form, request, url(form.name, found.number), found.lock_version, choices)
        for form in forms
        if is_offered(form, request, found.status)
        and all(choices.get(one.name, True) for one in form.inputs)
    )


def _open(panel: Panel | None, words: str) -> Choices:
    rows = panel.rows if panel else ()
    waiting = [row for row in rows if row.status == WAITING]
    return tuple((row.id, str(getattr(row, words)).replace("_", " ")) for row in waiting)
