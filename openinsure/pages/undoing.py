"""POST /undos: take back what was done a moment ago, as an act of its own with its audit row.

What is written for good (a note, money) has no Undo: its form says so before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from openinsure.audit.around import recorded
from openinsure.audit.record import AuditEvent
from openinsure.authz.decorators import allow_signed_in
from openinsure.billing.operations.holds import lift_hold, restore_hold
from openinsure.console import undo
from openinsure.console.acting import actor_of, audit_event
from openinsure.console.forms import Once
from openinsure.console.links import url
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.console.undo import Wish
from openinsure.keyspaces.ids import fixed_id
from openinsure.orgs.operations.activities import withdraw_entry
from openinsure.policies.operations.work import assign_underwriter, withdraw_endorsement
from openinsure.problems import Forbidden
from openinsure.submissions.operations import work as submissions

Facts = Mapping[str, str]
CALL, DIARY, HOLD_PLACED, HOLD_LIFTED = "call", "diary", "hold.placed", "hold.lifted"
ENDORSEMENT_REQUESTED = "endorsement.requested"
POLICY_ASSIGNED, SUBMISSION_ASSIGNED = "policy.assigned", "submission.assigned"


@dataclass(frozen=True, slots=True)
class Undo:
    """How one kind of act is taken back: who may, what it does, what the page says then."""

    permission: str
    run: Callable[[ConsoleRequest, Facts, Once], object]
    said: str


@require_POST
@allow_signed_in
def undo_last(request: ConsoleRequest) -> HttpResponse:
    """Undo once; pressed again it changes nothing. 303 to where the act was done, or JSON."""
    wish = undo.asked(request)
    how = UNDOS[wish.kind]
    if request.grant is not None or how.permission not in request.rights:
        raise Forbidden("Your role may not undo this any more.")
    how.run(request, wish.facts, Once(fixed_id("undo", wish.id)))
    if wants_json(request):
        return JsonResponse({"row": {"undone": wish.kind}})
    return undo.back(request, _back(wish), how.said)


def _back(wish: Wish) -> str:
    """Our own page; signed by us, and checked all the same."""
    own = url_has_allowed_host_and_scheme(wish.back, allowed_hosts=None)
    return wish.back if own else url("home")


def _entry(request: ConsoleRequest, facts: Facts, once: Once) -> object:
    return withdraw_entry(
        request.scope, facts["id"], number=facts["number"], actor=actor_of(request),
        now=timezone.now(),
    )  # fmt: skip


def _lift(request: ConsoleRequest, facts: Facts, once: Once) -> object:
    with recorded(_hold_event(request, facts, "billing_hold.lifted")):
        return lift_hold(
            request.scope, account_number=facts["account"], hold_id=facts["id"], now=timezone.now()
        )


def _restore(request: ConsoleRequest, facts: Facts, once: Once) -> object:
    with recorded(_hold_event(request, facts, "billing_hold.restored")):
        return restore_hold(
            request.scope, account_number=facts["account"], hold_id=facts["id"], now=timezone.now()
        )


def _hold_event(request: ConsoleRequest, facts: Facts, action: str) -> AuditEvent:
    return audit_event(
        request.scope, actor_of(request), action, keyspace="oi_billing", table="billing_accounts",
        entity_id=facts["account_id"], object=facts["account"], now=timezone.now(), reason="Undo",
    )  # fmt: skip


def _policy_back(request: ConsoleRequest, facts: Facts, once: Once) -> object:
    return assign_underwriter(
        request.scope, facts["id"], underwriter_id=facts["before"], once=once,
        actor=actor_of(request), version=int(facts["version"]), now=timezone.now(),
    )  # fmt: skip


def _draft_back(request: ConsoleRequest, facts: Facts, once: Once) -> object:
    return withdraw_endorsement(
        request.scope, facts["id"], event_id=facts["event"], once=once, actor=actor_of(request),
        now=timezone.now(),
    )  # fmt: skip


def _submission_back(request: ConsoleRequest, facts: Facts, once: Once) -> object:
    return submissions.assign_underwriter(
        request.scope, facts["number"], underwriter_id=facts["before"], reason="Undo", once=once,
        actor=actor_of(request), version=int(facts["version"]), now=timezone.now(),
    )  # fmt: skip


UNDOS: Mapping[str, Undo] = {
    CALL: Undo("note.add", _entry, "Call removed."),
    DIARY: Undo("note.add", _entry, "Diary date removed."),
    ENDORSEMENT_REQUESTED: Undo("policy.edit", _draft_back, "Endorsement request withdrawn."),
    HOLD_PLACED: Undo("billing.edit", _lift, "Hold lifted."),
    HOLD_LIFTED: Undo("billing.edit", _restore, "Hold placed again."),
    POLICY_ASSIGNED: Undo("policy.edit", _policy_back, "Assigned back."),
    SUBMISSION_ASSIGNED: Undo("submission.edit", _submission_back, "Assigned back."),
}
urlpatterns = [path("undos", undo_last, name="undo")]
