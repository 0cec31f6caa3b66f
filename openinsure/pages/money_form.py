"""One form page for every step of money going out: GET shows it, POST acts once and is audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from openinsure.accounts import stepup
from openinsure.audit.around import recorded
from openinsure.console import forms, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.amounts import read_cents
from openinsure.console.filters import read_day
from openinsure.console.lists import refuse_unknown
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.words import sentence
from openinsure.pages.claim_form import Field
from openinsure.problems import BadFilter, BadForm, Problem

Run = Callable[[Mapping[str, str]], Any]
# Where the words of the action alone would not tell what was done.
SAID = {
    "bank.matched": "Line matched.",
    "bank.tied_out": "Month tied out.",
    "commission.drawn_up": "Payout drawn up; another person approves it.",
    "commission.stated": "Commission statement drawn up.",
    "entry.proposed": "Entry proposed; another person posts it.",
    "entry.reversal_proposed": "Reversal proposed; another person posts it.",
    "fund.deposited": "Deposit recorded.",
    "period.reopen_requested": "Asked to reopen; another person agrees.",
    "settlement.answered": "Answer recorded.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. crumb: word and address of the list. number: of the object, "" for a new one.

    back: where a refused or done form goes; `done` overrides it. facts: what to know before.
    fields: a tuple among them stands side by side.
    """

    title: str
    button: str
    crumb: tuple[str, str]
    back: str
    number: str = ""
    fields: tuple[Field | tuple[Field, ...], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    kind: Literal["primary", "danger"] = "primary"

    def each(self) -> list[Field]:
        """Every field, in order."""
        rows = (row if isinstance(row, tuple) else (row,) for row in self.fields)
        return [field for row in rows for field in row]


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit row names. id: "" for an object that does not exist yet."""

    action: str
    table: str
    id: str
    number: str


def serve(
    request: ConsoleRequest,
    step: Callable[[], Step],
    audited: Audited,
    run: Run,
    *,
    done: Callable[[Any], str] | None = None,
    grave: bool = False,
) -> HttpResponse:
    """GET: the form. POST: `run` between its audit rows; 303 on, or the form with its errors.

    grave: asks for a proof of who acts of the last ten minutes (StepUpNeeded).
    """
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    if request.method != "POST":
        return _page(request, step(), {}, "", 200)
    if grave and request.who is not None:
        stepup.require(request.who, now=timezone.now())
    try:
        event = audit_event(
            request.scope,
            actor_of(request),
            audited.action,
            keyspace="oi_billing",
            table=audited.table,
            entity_id=audited.id or forms.once(request, request.POST).id,
            object=audited.number,
            now=timezone.now(),
            reason=request.POST.get("reason", "")[:255],
        )
        with recorded(event):
            result = run(request.POST)
    except Problem as refusal:
        if refusal.status not in (409, 422) or wants_json(request):
            raise
        errors = refusal.errors if isinstance(refusal, BadForm) else {}
        return _page(request, step(), errors, "" if errors else refusal.message, refusal.status)
    if wants_json(request):
        told = {"number": result.number, "status": result.status, "repeated": result.repeated}
        return JsonResponse({"row": told}, status=200 if result.repeated else 201)
    return undo.back(request, done(result) if done else step().back, said_of(audited.action))


def said_of(action: str) -> str:
    """What the next page tells: the action's own words, `refund.approved` -> `Refund approved.`"""
    return SAID.get(action) or f"{sentence(action.replace('.', ' '))}."


def day_of(sent: Mapping[str, str], field: str) -> date:
    """A date of the form. Raises BadForm naming the field."""
    try:
        return read_day(field, sent.get(field, ""))
    except BadFilter as refusal:
        raise BadForm({field: refusal.rule}) from None


def amount_and_day(
    sent: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> tuple[int, date]:
    """Cents of `amount` and the day of `received_on`.

    errors: what was found about other fields. Raises BadForm naming every field that is wrong.
    """
    found, cents, day = dict(errors or {}), 0, date.min
    try:
        cents = read_cents("amount", sent.get("amount", ""))
    except BadForm as refusal:
        found |= refusal.errors
    try:
        day = day_of(sent, "received_on")
    except BadForm as refusal:
        found |= refusal.errors
    if found:
        raise BadForm(found)
    return cents, day


def _page(
    request: ConsoleRequest, step: Step, errors: Mapping[str, str], refused: str, status: int
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else {}
    values = {
        field.name: sent.get(field.name, "" if sent else field.value) for field in step.each()
    }
    known = {name: rule for name, rule in errors.items() if name in values}
    elsewhere = "; ".join(f"{name} {rule}" for name, rule in errors.items() if name not in values)
    again = sent.get(forms.FIELD, "") if known and forms.FIELD not in errors else ""
    form_id = again or forms.form_id(request)
    return render_page(
        request,
        "billing/step.html",
        data={"row": {"form_id": form_id, "fields": sorted(values)}},
        status=status,
        form=step,
        values=values,
        errors=known,
        labels={field.name: field.label for field in step.each()},
        refused=refused or elsewhere,
        form_id=form_id,
    )
