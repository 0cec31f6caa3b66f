"""Addresses of submissions: composed pages, so they live here and not in the app."""

from __future__ import annotations

from django.urls import path

from openinsure.pages import submission_actions as actions
from openinsure.pages.submission_detail import submission_detail
from openinsure.pages.submission_list import submission_list

ONE = "submissions/<str:number>"
urlpatterns = [
    path("submissions", submission_list, name="submissions.list"),
    path(ONE, submission_detail, name="submissions.detail"),
    path(f"{ONE}/assignments", actions.assign, name="submissions.assign"),
    path(f"{ONE}/information-requests", actions.ask, name="submissions.ask"),
    path(f"{ONE}/answers", actions.answer, name="submissions.answer"),
    path(f"{ONE}/referral-decisions", actions.decide, name="submissions.decide"),
    path(f"{ONE}/notes", actions.note, name="submissions.note"),
    path(f"{ONE}/declines", actions.decline, name="submissions.decline"),
    path(f"{ONE}/withdrawals", actions.withdraw, name="submissions.withdraw"),
    path(f"{ONE}/releases", actions.release, name="submissions.release"),
    path(f"{ONE}/acceptances", actions.accept, name="submissions.accept"),
    path(f"{ONE}/cleared-conditions", actions.clear, name="submissions.clear"),
    path(f"{ONE}/bindings", actions.bind, name="submissions.bind"),
    path(f"{ONE}/snapshots", actions.refresh, name="submissions.refresh"),
]
