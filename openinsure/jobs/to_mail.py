"""Telling operators of the notices that a run asked for: a person mails them, with proof."""

from __future__ import annotations

from datetime import datetime

from openinsure.jobs.recipients import tell
from openinsure.orgs.operations.notices import Notice
from openinsure.plurals import many
from openinsure.policies.models import Policy, PolicyNotice
from openinsure.policies.operations import notice_rows
from openinsure.tenancy.scope import Scope

TOLD_ROLES = ("mhcis_operator", "org_admin")
OF = {notice_rows.NONPAY: "cancellation", notice_rows.NONRENEWAL: "non-renewal"}


def tell_operators(scope: Scope, kind: str, *, now: datetime) -> None:
    """Of the notices of a kind asked for at `now`, whichever attempt did; each person once."""
    rows = PolicyNotice.objects.within(scope).filter(
        notice_kind=kind, status=notice_rows.TO_MAIL, created_at=now
    )
    ids = list(rows.order_by("id").values_list("id", "policy_id"))
    if not ids:
        return
    key, policy_id = ids[0]
    number = Policy.objects.within(scope).values_list("policy_number", flat=True).get(id=policy_id)
    tell(scope, TOLD_ROLES, lambda user_id: Notice(
        user_id=user_id, kind="notices.to_mail", severity="warning",
        title=f"{many(len(ids), 'notice')} of {OF[kind]} to be mailed",
        body=f"First: {number}. Print, mail, and record the proof of mailing.",
        link=f"/policies/{number}/notices/{key}",
    ), now=now, about=kind)  # fmt: skip
