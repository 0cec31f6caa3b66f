"""Taking a claim away from one person, and giving it back: who may, and the two forms."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from openinsure.authz.decorators import allow
from openinsure.authz.queries import recused_people
from openinsure.claims.operations import recusals
from openinsure.claims.operations.changing import Done
from openinsure.console.links import url
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.staff import org_staff
from openinsure.pages.claim_detail import worked_claim
from openinsure.pages.claim_form import REASON, Form, act_of, choice, serve
from openinsure.problems import BadForm

Choices = tuple[tuple[str, str], ...]
OTHERS = "user.manage"  # who may recuse others, and withdraw; everybody else only themselves


@require_http_methods(["GET", "HEAD", "POST"])
@allow("claim.edit")
def recuse(request: ConsoleRequest, number: str) -> HttpResponse:
    """Recuse oneself, or as an administrator anybody; the claim is gone for them at once."""
    row = worked_claim(request, number, "claim.edit").row
    assert request.who is not None
    own = request.who.user_id

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent, reason=sent.get("reason", ""))
        chosen = sent.get("person", "")
        if chosen not in dict(_people(request, ())):
            raise BadForm({"person": "must be one of the people offered"})
        return recusals.recuse(request.scope, row.id, act, user_id=chosen)

    def form() -> Form:
        recused = recused_people(request.scope, row.id)
        gone = request.method == "POST" and request.POST.get("person") == own
        return Form(
            title="Recuse from claim",
            button="Recuse",
            said="Recusal recorded.",
            number=row.number,
            back=url("claims.list") if gone else url("claims.detail", row.number),
            facts=(("Recused now", _names(request, recused) or "Nobody"),),
            fields=(choice("person", "Person", _people(request, recused)), REASON),
        )

    return serve(request, form, run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("user.manage")
def reinstate(request: ConsoleRequest, number: str) -> HttpResponse:
    """Withdraw a recusal: the person sees the claim again."""
    row = worked_claim(request, number, "claim.view").row

    def run(sent: Mapping[str, str]) -> Done:
        act = act_of(request, sent, reason=sent.get("reason", ""))
        return recusals.reinstate(request.scope, row.id, act, user_id=sent.get("person", ""))

    def form() -> Form:
        recused = recused_people(request.scope, row.id)
        staff = org_staff(request.scope)
        offered = tuple((key, staff[key].name if key in staff else key) for key in recused)
        return Form(
            title="Withdraw recusal",
            button="Withdraw recusal",
            said="Recusal withdrawn.",
            number=row.number,
            back=url("claims.detail", row.number),
            facts=() if offered else (("Recused now", "Nobody"),),
            fields=(choice("person", "Person", offered), REASON),
        )

    return serve(request, form, run)


def _people(request: ConsoleRequest, recused: tuple[str, ...]) -> Choices:
    """Whom the viewer may recuse: active colleagues for an administrator, else oneself."""
    assert request.who is not None
    if OTHERS not in request.rights:
        return ((request.who.user_id, request.who.full_name),)
    return tuple(
        (person.id, f"{person.name}, {person.role.replace('_', ' ')}")
        for person in org_staff(request.scope).values()
        if person.active and person.id not in recused
    )


def _names(request: ConsoleRequest, people: tuple[str, ...]) -> str:
    staff = org_staff(request.scope)
    return ", ".join(staff[key].name if key in staff else key for key in people)
