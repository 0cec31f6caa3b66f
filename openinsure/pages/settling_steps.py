"""What the viewer is offered to do next with a bordereau or a settlement; the forms check again."""

from __future__ import annotations

from datetime import datetime

from openinsure.billing.settling_rows import BordereauRow, SettlementRow
from openinsure.console.links import url
from openinsure.console.panels import load
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.diary import user_names
from openinsure.tenancy.scope import Scope

Steps = tuple[tuple[str, str], ...]
Act = tuple[str, str, str]  # word, address, kind of button
OTHERS = {
    "ready": "You drew it up: another person approves it.",
    "approved": "You drew it up or approved it: a third person releases it.",
}


def may_edit(request: ConsoleRequest) -> bool:
    """Whether the viewer works on billing here; nobody does under a grant."""
    return request.grant is None and "billing.edit" in request.rights


def bordereau_acts(request: ConsoleRequest, row: BordereauRow) -> tuple[tuple[Act, ...], str]:
    """The acts offered, and why an expected one is not."""
    if request.grant is not None:
        return (), ""
    edits, number = may_edit(request), row.number
    if row.status == "generated":
        acts: list[Act] = []
        note = ""
        if "bordereau.approve" in request.rights:
            if _viewer(request) == row.author_user_id:
                note = "You drew it up: another person approves it."
            else:
                acts.append(("Approve", url("billing.bordereau_approve", number), "primary"))
        if edits:
            acts.append(("Reopen", url("billing.bordereau_reopen", number), "small"))
        return tuple(acts), note
    if edits and row.status == "approved":
        return (("Mark as sent", url("billing.bordereau_send", number), "primary"),), ""
    if edits and row.status == "sent":
        return (("Acknowledged", url("billing.bordereau_acknowledge", number), "primary"),), ""
    return (), ""


def settlement_acts(request: ConsoleRequest, row: SettlementRow) -> tuple[tuple[Act, ...], str]:
    """The acts offered, and why an expected one is not."""
    if request.grant is not None:
        return (), ""
    barred = {
        "ready": {row.author_user_id},
        "approved": {row.author_user_id, row.approved_by_user_id},
    }
    wanted = {"ready": "settlement.approve", "approved": "settlement.release"}.get(row.status, "")
    if wanted not in request.rights:
        return (), ""
    acts: list[Act] = []
    note = ""
    if _viewer(request) in barred[row.status]:
        note = OTHERS[row.status]
    elif row.status == "ready":
        acts.append(("Approve", url("billing.settlement_approve", row.number), "primary"))
    else:
        acts.append(("Release payouts", url("billing.settlement_release", row.number), "primary"))
    if _viewer(request) != row.author_user_id and "settlement.approve" in request.rights:
        acts.append(("Reject", url("billing.settlement_reject", row.number), "danger"))
    return tuple(acts), note


def _viewer(request: ConsoleRequest) -> str | None:
    return request.who.actor_id if request.who else None


def names_of(scope: Scope, *ids: str | None) -> dict[str, str]:
    """User id -> name; nobody while oi_global is away."""
    wanted = [one for one in ids if one]
    return dict(load("People", lambda: user_names(scope, wanted).items()).rows)


def steps_of(*done: tuple[str, datetime | None]) -> Steps:
    """Each step done, the next one current, the rest to do."""
    made, current = [], True
    for word, at in done:
        state = "done" if at else "current" if current else "to do"
        current = current and at is not None
        made.append((word, state))
    return tuple(made)


def settlement_steps(row: SettlementRow) -> Steps:
    """Drawn up to paid, or where it ended."""
    steps = steps_of(
        ("Drawn up", row.drawn_up),
        ("Approved", row.approved_at),
        ("Released", row.released_at),
        ("Paid by the bank", row.settled_at),
    )
    if row.status not in ("rejected", "voided"):
        return steps
    ended = "Rejected" if row.status == "rejected" else "Returned by the bank"
    kept = [(word, "to do" if state == "current" else state) for word, state in steps[:-1]]
    return (*kept, (ended, "failed"))
