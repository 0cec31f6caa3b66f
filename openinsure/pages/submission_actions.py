"""POSTs below a submission: one form each, one effect each, back to the page or JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError as BrokerAway

from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.acting import actor_of
from openinsure.console.forms import once
from openinsure.console.offers import VERSION, Form, read, sent_of
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.jobs.tasks import write_bound_policies
from openinsure.orgs.staff import org_staff, underwriter_choices
from openinsure.pages import submission_forms as forms
from openinsure.pages import undoing
from openinsure.pages.submission_detail import CARRIER, CHECKLIST, WORK, named, show
from openinsure.pages.submission_panels import Sources
from openinsure.problems import BadForm, Conflict, Problem
from openinsure.submissions.detail_rows import SubmissionFile
from openinsure.submissions.fmcsa import FmcsaAway, registry
from openinsure.submissions.operations import bindings, closings, quotes, snapshots, work
from openinsure.submissions.operations.changes import Done
from openinsure.tenancy.scope import Scope

log = logging.getLogger(__name__)
Act = Callable[[ConsoleRequest, str, dict[str, Any], dict[str, Any]], Done]


def posting(form: Form, act: Act, said: str, tab: str = WORK) -> Callable[..., HttpResponse]:
    """The view of a form: read, act once, answer 303 or JSON; refused, the page again with 4xx.

    tab: where the form stands and where the person goes back to. said: what the next page tells.
    """

    @require_POST
    @allow(form.permission)
    def view(request: ConsoleRequest, number: str) -> HttpResponse:
        before = named(request, number)
        try:
            values = read(form, request.POST, number)
            common: dict[str, Any] = {
                "once": once(request),
                "actor": actor_of(request),
                "now": timezone.now(),
            }
            done = act(request, number, values, common)
        except (BadForm, Conflict, IllegalTransition, FmcsaAway) as refusal:
            if wants_json(request):
                raise
            return _refused(request, number, form, refusal, tab)
        if wants_json(request):
            return JsonResponse(_told(request, done))
        address = links.url("submissions.detail", number, tab=tab)
        return undo.back(request, address, said, id=common["once"].id, **_undo(form, before))

    return view


def _undo(form: Form, before: SubmissionFile) -> dict[str, Any]:
    """How it is undone: an assignment goes back to whom it was; the first one opened a review."""
    if form is not forms.ASSIGN or before.underwriter_id is None:
        return {}
    facts = {
        "number": before.number,
        "before": before.underwriter_id,
        "version": str(before.lock_version + 1),
    }
    return {"undo": undoing.SUBMISSION_ASSIGNED, "facts": facts}


def _told(request: HttpRequest, done: Done) -> dict[str, Any]:
    """The answer to a program; a repeat tells the same as the first time."""
    row = {"number": done.number, "status": done.status, "event_id": done.event_id}
    scope = getattr(request, "scope", None)
    return {"page": "submissions.detail", "org": scope.org_id if scope else None, "row": row}


def _refused(
    request: ConsoleRequest, number: str, form: Form, refusal: Problem, tab: str
) -> HttpResponse:
    """The tab with the form as it was sent and what was wrong."""
    sent = sent_of(form, request.POST, refusal)
    return show(request, number, tab=tab, status=refusal.status, sent=sent)


def _assign(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    chosen = values["underwriter"]
    if chosen not in dict(underwriter_choices(org_staff(request.scope))):
        raise BadForm({"underwriter": "must be an active underwriter of this organization"})
    return work.assign_underwriter(
        request.scope,
        number,
        underwriter_id=chosen,
        reason=values["assignment_reason"],
        version=values[VERSION],
        **common,
    )


def _ask(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return work.request_information(
        request.scope,
        number,
        item=values["item"],
        due=values["due_date"],
        version=values[VERSION],
        **common,
    )


def _answer(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return work.receive_information(
        request.scope, number, request_id=values["answered"], version=values[VERSION], **common
    )


def _decide(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return work.decide_referral(
        request.scope,
        number,
        referral_id=values["referral"],
        decision=values["decision"],
        note=values["decision_note"],
        version=values[VERSION],
        **common,
    )


def _release(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    with _of_field("releasing"):
        return quotes.release_quote(
            request.scope, number, quote_id=values["releasing"], version=values[VERSION], **common
        )


def _accept(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    with _of_field("accepting"):
        return quotes.accept_quote(
            request.scope, number, quote_id=values["accepting"], version=values[VERSION], **common
        )


def _clear(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return quotes.clear_condition(
        request.scope, number, condition_id=values["condition"], version=values[VERSION], **common
    )


def _bind(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    """The licence is looked up here; the rest of the checklist inside the lock."""
    found = named(request, number)
    sources = Sources(request.scope, found, org_staff(request.scope), common["now"])
    chosen = next((one for one in sources.quotes() if one.id == values["binding"]), None)
    if chosen is None:
        raise BadForm({"binding": "must be a quote of this submission"})
    done = bindings.bind_quote(
        request.scope,
        number,
        quote_id=chosen.id,
        licence=sources.licence(chosen),
        version=values[VERSION],
        **common,
    )
    start_policies(request.scope)
    return done


def _refresh(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    """The one call outside of this page; its answer is stored after it ended, a refusal audited."""
    found = named(request, number)
    if not found.usdot_number:
        raise Conflict("No DOT number is known of this applicant, so FMCSA cannot be asked.")
    try:
        answer = registry().ask(found.usdot_number)
    except (Conflict, FmcsaAway) as refusal:
        actor, now = common["actor"], common["now"]
        snapshots.note_refusal(request.scope, found, refusal, actor=actor, now=now)
        raise
    return snapshots.keep_snapshot(request.scope, number, answer, **common)


def start_policies(scope: Scope) -> None:
    """Hand what was bound to a worker; with the broker away the sweeper comes within seconds."""
    try:
        write_bound_policies.enqueue(scope)
    except BrokerAway:
        log.warning("the broker is away; a bound policy waits for the sweeper")


@contextmanager
def _of_field(name: str) -> Iterator[None]:
    """A quote that is refused stands on the field that chose it."""
    try:
        yield
    except BadForm as refusal:
        errors = {name if key == "quote" else key: rule for key, rule in refusal.errors.items()}
        raise BadForm(errors) from None


def _note(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return work.add_note(
        request.scope, number, body=values["note"], visibility=values["visibility"], **common
    )


def _decline(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return closings.decline_submission(
        request.scope,
        number,
        code=values["decline_code"],
        text=values["decline_text"],
        version=values[VERSION],
        **common,
    )


def _withdraw(
    request: ConsoleRequest, number: str, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    return closings.withdraw_submission(
        request.scope,
        number,
        reason=values["withdrawal_reason"],
        version=values[VERSION],
        **common,
    )


assign = posting(forms.ASSIGN, _assign, "Assigned.")
ask = posting(forms.ASK, _ask, "Information requested.")
answer = posting(forms.ANSWER, _answer, "Recorded as received.")
decide = posting(forms.REFER, _decide, "Decision recorded.")
note = posting(forms.NOTE, _note, "Note added.")
decline = posting(forms.DECLINE, _decline, "Submission declined.")
withdraw = posting(forms.WITHDRAW, _withdraw, "Submission withdrawn.")
release = posting(forms.RELEASE, _release, "Quote released.")
accept = posting(forms.ACCEPT, _accept, "Recorded as accepted.")
clear = posting(forms.CLEAR, _clear, "Condition cleared.", CHECKLIST)
bind = posting(forms.BIND, _bind, "Bound; its policy and billing are being written.", CHECKLIST)
refresh = posting(forms.REFRESH, _refresh, "FMCSA's answer is on file.", CARRIER)
