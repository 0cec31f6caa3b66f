"""One form page for every change of a claim: GET shows it, POST acts once, 422 keeps it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.http import HttpResponse, JsonResponse
from django.utils import timezone

from openinsure.accounts import stepup
from openinsure.audit import reasons
from openinsure.claims.operations.changing import Act, Done
from openinsure.console import forms, undo
from openinsure.console.acting import actor_of
from openinsure.console.lists import refuse_unknown
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.problems import BadForm, Conflict, Problem

Kind = Literal["input", "date", "textarea", "select", "checkbox"]
LOCK = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field. choices: (value, word) of a select."""

    name: str
    label: str
    kind: Kind = "input"
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    required: bool = True
    value: str = ""


# Why it is done, where that is kept: audit.reasons says what it must be.
REASON = Field(name="reason", label="Reason", kind="textarea", hint=f"{reasons.SPAN}, kept")


def choice(name: str, label: str, choices: tuple[tuple[str, str], ...], hint: str = "") -> Field:
    """A field that offers what may be chosen."""
    return Field(name=name, label=label, kind="select", choices=choices, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One change. facts: what to know before typing. back: where a done form goes; said: what
    that page tells; undo: how it is taken back (pages.undoing). over: why nothing is left to do
    here, in place of the fields; onward: label and address of what may be done instead.
    """

    title: str
    button: str
    number: str
    back: str
    said: str
    fields: tuple[Field, ...]
    facts: tuple[tuple[str, str], ...] = ()
    lock: int | None = None
    undo: str = ""
    over: str = ""
    onward: tuple[str, str] | None = None


def serve(
    request: ConsoleRequest,
    form: Callable[[], Form],
    run: Callable[[Mapping[str, str]], Done],
    *,
    grave: bool = False,
) -> HttpResponse:
    """GET: the form. POST: `run` with the fields; then 303 back, or the form with its errors.

    grave: asks for a proof of who acts of the last ten minutes (StepUpNeeded).
    """
    refuse_unknown(request.GET, {"orgId": False}, "this form")
    if request.method != "POST":
        return _page(request, form(), {}, "", 200)
    if grave and request.who is not None:
        stepup.require(request.who, now=timezone.now())
    try:
        done = run(request.POST)
    except Problem as refusal:
        if refusal.status not in (409, 422) or wants_json(request):
            raise
        errors = refusal.errors if isinstance(refusal, BadForm) else {}
        return _page(request, form(), errors, "" if errors else refusal.message, refusal.status)
    if wants_json(request):
        told = {"row": {"id": done.event_id, "claim_id": done.claim_id, "repeated": done.repeated}}
        return JsonResponse(told, status=200 if done.repeated else 201)
    shown = form()
    facts = {"id": done.event_id, "number": shown.number}
    return undo.back(
        request, shown.back, shown.said, undo=shown.undo, facts=facts, id=done.event_id
    )


def act_of(request: ConsoleRequest, data: Mapping[str, str], *, reason: str = "") -> Act:
    """Who acts by which form. Raises BadForm for a form id or a version that is not ours."""
    lock = data.get(LOCK, "")
    if lock and not (lock.isascii() and lock.isdigit() and len(lock) <= 9):
        raise BadForm({LOCK: "must be the one this form came with"})
    return Act(
        actor=actor_of(request),
        once=forms.once(request, data),
        now=timezone.now(),
        reason=reason,
        lock=int(lock) if lock else None,
    )


def _page(
    request: ConsoleRequest, form: Form, errors: dict[str, str], refused: str, status: int
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else {}
    values = {
        field.name: sent.get(field.name, "" if sent else field.value) for field in form.fields
    }
    form_id = sent.get(forms.FIELD, "") if refused or errors else ""
    if not form_id or forms.FIELD in errors or status == Conflict.status:
        form_id = forms.form_id(request)
    names = {field.name for field in form.fields}
    elsewhere = "; ".join(f"{name} {rule}" for name, rule in errors.items() if name not in names)
    return render_page(
        request,
        "claims/act.html",
        data={"row": {"form_id": form_id, "lock": form.lock, "fields": sorted(names)}},
        status=status,
        form=form,
        values=values,
        errors={name: rule for name, rule in errors.items() if name in names},
        refused=refused or elsewhere,
        form_id=form_id,
    )
