"""Addresses of policies: composed pages, so they live here and not in the app."""

from __future__ import annotations

from django.urls import path

from openinsure.pages import policy_actions as actions
from openinsure.pages import policy_notices as notices
from openinsure.pages.policy_cancel import policy_cancel
from openinsure.pages.policy_detail import policy_detail
from openinsure.pages.policy_list import policy_list
from openinsure.pages.policy_renew import policy_renew

urlpatterns = [
    path("policies", policy_list, name="policies.list"),
    path("policies/<str:number>", policy_detail, name="policies.detail"),
    path("policies/<str:number>/cancellations", policy_cancel, name="policies.cancel"),
    path("policies/<str:number>/renewals", policy_renew, name="policies.renew"),
    path("policies/<str:number>/notes", actions.note, name="policies.note"),
    path("policies/<str:number>/calls", actions.call, name="policies.call"),
    path("policies/<str:number>/diary-dates", actions.diary, name="policies.diary"),
    path("policies/<str:number>/caller-checks", actions.verify, name="policies.verify"),
    path("policies/<str:number>/reveals", actions.reveal, name="policies.reveal"),
    path("policies/<str:number>/assignments", actions.assign, name="policies.assign"),
    path("policies/<str:number>/endorsements", actions.endorse, name="policies.endorse"),
    path(
        "policies/<str:number>/endorsement-bindings",
        actions.bind_endorsement,
        name="policies.bind_endorsement",
    ),
    path("policies/<str:number>/rescissions", actions.rescind, name="policies.rescind"),
    path("policies/<str:number>/reinstatements", actions.reinstate, name="policies.reinstate"),
    path("policies/<str:number>/issues", actions.issue, name="policies.issue"),
    path("policies/<str:number>/certificates", actions.certificate, name="policies.certificate"),
    path("policies/<str:number>/letters", actions.paper, name="policies.paper"),
    path("policies/<str:number>/notices/<str:notice>", notices.notice, name="policies.notice"),
    path(
        "policies/<str:number>/notices/<str:notice>/letters",
        notices.letter,
        name="policies.notice_letter",
    ),
    path(
        "policies/<str:number>/notices/<str:notice>/mailings",
        notices.mailing,
        name="policies.notice_mailing",
    ),
]
