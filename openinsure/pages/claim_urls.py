"""Addresses of claims and disbursements: composed pages, so they live here and not in the app."""

from __future__ import annotations

from django.urls import path

from openinsure.pages import (
    claim_acts,
    claim_money_acts,
    claim_recoveries,
    claim_recoveries_back,
    claim_recusals,
)
from openinsure.pages.claim_detail import claim_detail
from openinsure.pages.claim_disbursements import disbursement_detail, disbursement_list
from openinsure.pages.claim_list import claim_list

urlpatterns = [
    path("claims", claim_list, name="claims.list"),
    path("claims/disbursements", disbursement_list, name="claims.disbursements"),
    path("claims/disbursements/<str:number>", disbursement_detail, name="claims.disbursement"),
    path(
        "claims/disbursements/<str:number>/decisions",
        claim_money_acts.decide,
        name="claims.decide",
    ),
    path("claims/disbursements/<str:number>/issues", claim_money_acts.issue, name="claims.issue"),
    path("claims/<str:number>/transitions", claim_acts.transition, name="claims.transition"),
    path("claims/<str:number>/notes", claim_acts.note, name="claims.note"),
    path("claims/<str:number>/diary", claim_acts.diary, name="claims.diary"),
    path("claims/<str:number>/assignments", claim_acts.assign, name="claims.assign"),
    path("claims/<str:number>/recusals", claim_recusals.recuse, name="claims.recuse"),
    path(
        "claims/<str:number>/recusal-withdrawals",
        claim_recusals.reinstate,
        name="claims.reinstate",
    ),
    path("claims/<str:number>/reserves", claim_money_acts.reserve, name="claims.reserve"),
    path(
        "claims/<str:number>/disbursements",
        claim_money_acts.request_payment,
        name="claims.request",
    ),
    path("claims/<str:number>/recoveries", claim_recoveries.recover, name="claims.recover"),
    path(
        "claims/<str:number>/recoveries/<str:recovery_id>/reversals",
        claim_recoveries_back.take_back,
        name="claims.recovery_back",
    ),
    path("claims/<str:number>", claim_detail, name="claims.detail"),
]
