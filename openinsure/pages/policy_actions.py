"""POSTs below a policy: one form each, one effect each, back to the page or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from openinsure.audit.record import append
from openinsure.authz.decorators import allow
from openinsure.console import links, undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.amounts import read_cents
from openinsure.console.forms import once
from openinsure.console.offers import VERSION, Form, read, sent_of
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.states import IllegalTransition
from openinsure.jobs.cancel_terms import cancel_terms
from openinsure.orgs.operations.activities import Entry, Record, add_activity, check_caller
from openinsure.orgs.staff import org_staff, underwriter_choices
from openinsure.pages import policy_forms as forms
from openinsure.pages import policy_papers, undoing
from openinsure.pages.policy_detail import DOCUMENTS, WORK, show, term_of
from openinsure.pages.policy_lapse import confirm_gap
from openinsure.policies.operations import cancellations, endorsing, work
from openinsure.policies.personal import ASKED, matches, personal_facts
from openinsure.policies.rows import PolicyTerm
from openinsure.problems import BadForm, Conflict, Problem, TooMany

SHOWN = ""  # nothing is said: the answer itself shows it
# The column is a TIMESTAMP, which ends in January 2038.
DIARY_AHEAD = timedelta(days=5 * 365)
Told = Mapping[str, Any]
Act = Callable[[ConsoleRequest, PolicyTerm, dict[str, Any], dict[str, Any]], Told]


def posting(
    form: Form, act: Act, tab: str = WORK, *, said: str, kind: str = ""
) -> Callable[..., HttpResponse]:
    """The view of a form: read, act once, answer 303 or JSON; refused, the page again with 4xx.

    tab: where the form stands and where the person goes back to. said: what the next page tells;
    kind: how it is undone (pages.undoing), with the texts that `act` gives as "undo".

    What must be seen now and not kept in an address (a match, revealed data) answers 200, with
    SHOWN instead of a word about it.
    """

    @require_POST
    @allow(form.permission)
    def view(request: ConsoleRequest, number: str) -> HttpResponse:
        term = term_of(request, number)
        try:
            values = read(form, request.POST, number)
            common: dict[str, Any] = {
                "once": once(request),
                "actor": actor_of(request),
                "now": timezone.now(),
            }
            told = dict(act(request, term, values, common))
            facts = told.pop("undo", None)
        except (BadForm, Conflict, IllegalTransition, TooMany) as refusal:
            if wants_json(request):
                raise
            return _refused(request, number, form, refusal, tab)
        if wants_json(request):
            row = {"number": number, "term": term.term, **told}
            return JsonResponse(
                {"page": "policies.detail", "org": request.scope.org_id, "row": row}
            )
        if "shown" in told:
            return show(request, number, tab=WORK, shown_once=told["shown"])
        address = links.url("policies.detail", number, term=term.term, tab=tab)
        undoable = {"undo": kind, "facts": facts} if facts else {}
        return undo.back(request, address, said, id=common["once"].id, **undoable)

    return view


def _refused(
    request: ConsoleRequest, number: str, form: Form, refusal: Problem, tab: str
) -> HttpResponse:
    """The tab with the form as it was sent and what was wrong."""
    sent = sent_of(form, request.POST, refusal)
    return show(request, number, tab=tab, status=refusal.status, sent=sent)


def _record(term: PolicyTerm) -> Record:
    return Record("oi_policies", "policies", term.id, term.number)


def _done(done: Any) -> Told:
    return {"status": done.status, "event_id": done.event_id}


def _certificate(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    return _done(policy_papers.issue(request, term, values, common))


def _issue(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    return _done(policy_papers.issue_policy(request, term, values, common))


def _paper(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    return _done(policy_papers.send(request, term, values, common))


def _note(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    return _done(work.add_note(request.scope, term.id, body=values["note"], **common))


def _call(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    reason = forms.CALL_REASONS[values["call_reason"]]
    entry = Entry("call", "call.logged", reason, values["call_outcome"])
    row = add_activity(request.scope, _record(term), entry, **common)
    return {"activity_id": row.id, "undo": {"id": row.id, "number": term.number}}


def _diary(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    due, today = datetime.combine(values["diary_date"], time(12), UTC), common["now"].date()
    if not today <= due.date() <= today + DIARY_AHEAD:
        raise BadForm({"diary_date": "must be from today to five years ahead"})
    entry = Entry("diary", "diary.set", values["diary_subject"], due_at=due)
    row = add_activity(request.scope, _record(term), entry, **common)
    return {"activity_id": row.id, "undo": {"id": row.id, "number": term.number}}


def _verify(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    asked = values["asked"]
    found = matches(request.scope, term.insured_id, field=asked, said=values["said"])
    same = check_caller(request.scope, _record(term), what=ASKED[asked], matches=found, **common)
    return {"match": same, "shown": {"match": same, "asked": ASKED[asked], "facts": ()}}


def _reveal(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    append(
        audit_event(
            request.scope,
            common["actor"],
            "policy.pii_revealed",
            keyspace="oi_policies",
            table="policies",
            entity_id=term.id,
            object=term.number,
            now=common["now"],
            after={"form": common["once"].id},
            reason=values["reveal_reason"],
        )
    )
    facts = personal_facts(request.scope, term.id, term.insured_id)
    request.rows_returned = len(facts)
    told = [{"what": fact.what, "value": fact.value} for fact in facts]
    if wants_json(request):
        return {"personal": told}
    return {"shown": {"match": None, "asked": "", "facts": told}}


def _assign(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    chosen = values["underwriter"]
    if chosen not in dict(underwriter_choices(org_staff(request.scope))):
        raise BadForm({"underwriter": "must be an active underwriter of this organization"})
    before = work.underwriter_of(request.scope, term.id)
    done = work.assign_underwriter(
        request.scope, term.id, underwriter_id=chosen, version=values[VERSION], **common
    )
    version = str(values[VERSION] + 1)
    facts = {"id": term.id, "before": before, "version": version} if before else None
    return {**_done(done), "undo": facts}


def _endorse(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    try:
        done = work.request_endorsement(
            request.scope,
            term.id,
            kind=values["endorsement"],
            effective=values["endorse_from"],
            description=values["endorse_text"],
            version=values[VERSION],
            **common,
        )
    except BadForm as refusal:
        raise BadForm({"endorse_from": refusal.rule}) from None
    return {**_done(done), "undo": {"id": term.id, "event": done.event_id}}


def _bind_endorsement(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    text = values["annual_change"]
    cents = read_cents("annual_change", text.removeprefix("-"))
    told = cancel_terms(
        request.scope, term.program_id, state=term.state, effective=term.effective,
        charged=bool(term.fees_cents or term.taxes_cents),
    )  # fmt: skip
    done = endorsing.bind_endorsement(
        request.scope,
        term.id,
        endorsement_id=values["bound_endorsement"],
        annual_delta_cents=-cents if text.startswith("-") else cents,
        rules=told.rules,
        version=values[VERSION],
        **common,
    )
    return _done(done)


def _rescind(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    return _done(
        cancellations.rescind_cancellation(
            request.scope,
            term.id,
            reason=values["rescind_reason"],
            version=values[VERSION],
            **common,
        )
    )


def _reinstate(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Told:
    on = values["reinstate_from"]
    told = cancel_terms(
        request.scope, term.program_id, state=term.state, effective=term.effective,
        charged=bool(term.fees_cents or term.taxes_cents),
    )  # fmt: skip
    return _done(
        cancellations.reinstate_policy(
            request.scope,
            term.id,
            on=on,
            gap_claims=confirm_gap(request, term, on, values["gap_claims"]),
            rules=told.rules,
            reason=values["reinstate_reason"],
            version=values[VERSION],
            **common,
        )
    )


note = posting(forms.NOTE, _note, said="Note added.")
call = posting(forms.CALL, _call, said="Call logged.", kind=undoing.CALL)
diary = posting(forms.DIARY, _diary, said="Diary date set.", kind=undoing.DIARY)
verify = posting(forms.VERIFY, _verify, said=SHOWN)
reveal = posting(forms.REVEAL, _reveal, said=SHOWN)
assign = posting(forms.ASSIGN, _assign, said="Assigned.", kind=undoing.POLICY_ASSIGNED)
endorse = posting(
    forms.ENDORSE,
    _endorse,
    said="Endorsement requested as a draft.",
    kind=undoing.ENDORSEMENT_REQUESTED,
)
bind_endorsement = posting(forms.BIND_ENDORSEMENT, _bind_endorsement, said="Endorsement bound.")
rescind = posting(forms.RESCIND, _rescind, said="Cancellation rescinded.")
reinstate = posting(forms.REINSTATE, _reinstate, said="Policy reinstated.")
issue = posting(policy_papers.ISSUE_POLICY, _issue, DOCUMENTS, said="Policy issued.")
certificate = posting(
    policy_papers.ISSUE, _certificate, DOCUMENTS, said="Certificate issued; its letter is queued."
)
paper = posting(policy_papers.SEND, _paper, DOCUMENTS, said="Letter queued.")
