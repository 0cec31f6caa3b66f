"""What may be done to a claim's file: status, note, diary date, assignment. Money is next door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow, forbid
from openinsure.authz.queries import recused_people
from openinsure.claims import queries
from openinsure.claims.life import CLOSE_REASONS, MACHINE
from openinsure.claims.operations.assignments import assign_claim
from openinsure.claims.operations.changing import Done
from openinsure.claims.operations.notes import CATEGORIES, add_note
from openinsure.claims.operations.status import move_claim
from openinsure.claims.rows import AdjusterRow, ClaimFile
from openinsure.console.filters import read_day
from openinsure.console.links import url
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import status as word_of
from openinsure.orgs.operations.diary import Duty, add_duty
from openinsure.orgs.zones import org_zone
from openinsure.pages import undoing
from openinsure.pages.claim_detail import worked_claim
from openinsure.pages.claim_form import Field, Form, act_of, choice, serve
from openinsure.problems import BadFilter, BadForm

DUE_AT = time(17)  # of the organisation's day: a duty is due by its close


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def transition(request: ConsoleRequest, number: str) -> HttpResponse:
    """Move the claim to its next status."""
    claim = worked_claim(request, number, "claim.edit")
    row = claim.row

    def run(sent: Mapping[str, str]) -> Done:
        return move_claim(
            request.scope,
            row.id,
            act_of(request, sent),
            to=sent.get("to", ""),
            close_reason=sent.get("close_reason", ""),
            opinion=sent.get("opinion", ""),
        )

    return serve(request, lambda: transition_form(claim), run)


def transition_form(claim: ClaimFile) -> Form:
    """Only the legal next statuses are offered."""
    offered = tuple((key, word_of(key).word) for key in MACHINE.allowed(claim.row.status))
    return Form(
        title="Change status",
        button="Change status",
        said="Status changed.",
        number=claim.row.number,
        back=url("claims.detail", claim.row.number),
        lock=claim.lock,
        facts=(("Status now", word_of(claim.row.status).word),),
        fields=(
            choice("to", "Next status", offered),
            Field(
                name="close_reason",
                label="Reason",
                kind="select",
                choices=(("", "Not closing"), *CLOSE_REASONS),
                hint="To close. Reserves must be nothing; open exposures close too.",
            ),
            Field(
                name="opinion",
                label="Written opinion",
                kind="textarea",
                required=False,
                hint="To deny: at least 20 characters, kept with the coverage decision.",
            ),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("note.add")
def note(request: ConsoleRequest, number: str) -> HttpResponse:
    """Add a note; who may not see claims may not add one either."""
    if "claim.view" not in request.rights:
        raise forbid(request, "claim.view")
    row = worked_claim(request, number, "note.add").row
    works = "claim.edit" in request.rights

    def run(sent: Mapping[str, str]) -> Done:
        privileged = sent.get("privileged") == "on"
        if privileged and not works:
            raise BadForm({"privileged": "is for those who work the claim"})
        return add_note(
            request.scope,
            row.id,
            act_of(request, sent),
            category=sent.get("category", ""),
            body=sent.get("body", ""),
            privileged=privileged,
        )

    fields = (
        choice("category", "Category", CATEGORIES),
        Field(name="body", label="Note", kind="textarea", hint="A note cannot be changed later."),
        Field(name="privileged", label="Privileged", kind="checkbox"),
    )
    form = Form(
        title="Add note",
        button="Add note",
        said="Note added.",
        number=row.number,
        back=url("claims.detail", row.number, tab="diary"),
        fields=fields if works else fields[:2],
    )
    return serve(request, lambda: form, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def diary(request: ConsoleRequest, number: str) -> HttpResponse:
    """Add a date to the own diary for this claim."""
    row = worked_claim(request, number, "claim.edit").row

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent)
        try:
            day = read_day("due", sent.get("due", ""))
        except BadFilter as refusal:
            raise BadForm({"due": refusal.rule}) from None
        duty = Duty(
            table="claims",
            entity_id=row.id,
            object=row.number,
            subject=sent.get("subject", ""),
            due_at=datetime.combine(day, DUE_AT, tzinfo=org_zone(request.scope)),
        )
        fresh = add_duty(
            request.scope,
            duty,
            once=act.once,
            actor=act.actor,
            now=timezone.now(),
        )
        return Done(act.once.id, row.id, repeated=not fresh)

    form = Form(
        title="Add diary date",
        button="Add diary date",
        said="Diary date set.",
        undo=undoing.DIARY,
        number=row.number,
        back=url("claims.detail", row.number, tab="diary"),
        fields=(
            Field(name="due", label="Due", kind="date", hint="By 5 p.m. of the organization's day"),
            Field(name="subject", label="What is to be done"),
        ),
    )
    return serve(request, lambda: form, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def assign(request: ConsoleRequest, number: str) -> HttpResponse:
    """Give the claim to an adjuster, whose open claims and limit are shown."""
    claim = worked_claim(request, number, "claim.edit")
    scope, row = request.scope, claim.row

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent, reason=sent.get("reason", ""))
        return assign_claim(scope, row.id, act, adjuster_id=sent.get("adjuster", ""))

    def form() -> Form:
        recused = recused_people(scope, row.id)
        able = [
            person
            for person in queries.list_adjusters(scope)
            if person.status == "active" and person.user_id not in recused
        ]
        held = queries.open_counts(scope, able)
        offered = tuple(
            (person.id, f"{person.name}, {person.level}: {load_of(person, held[person.id])}")
            for person in able
        )
        return Form(
            title="Assign claim",
            button="Assign claim",
            said="Claim assigned.",
            number=row.number,
            back=url("claims.detail", row.number),
            lock=claim.lock,
            facts=(("Adjuster now", claim.adjuster or "Nobody"),),
            fields=(
                Field(
                    name="adjuster",
                    label="Adjuster",
                    kind="select",
                    choices=offered,
                    hint="Open claims now, and the limit",
                ),
                Field(
                    name="reason",
                    label="Reason",
                    required=False,
                    hint="Needed for an adjuster at the limit",
                ),
            ),
        )

    return serve(request, form, run)


def load_of(person: AdjusterRow, held: int) -> str:
    """`31 of 35`: claims open now and the limit; how many more is not counted."""
    most = person.max_open
    return f"{held} of {most}" if held <= most else f"more than the limit of {most}"
