"""Addresses of claims and disbursements: composed pages, so they live here and not in the app."""

from __future__ import annotations

from django.urls import path

from openinsure.pages.claim_detail import claim_detail
from openinsure.pages.claim_disbursements import disbursement_detail, disbursement_list
from openinsure.pages.claim_list import claim_list

urlpatterns = [
    path("claims", claim_list, name="claims.list"),
    path("claims/disbursements", disbursement_list, name="claims.disbursements"),
    path("claims/disbursements/<str:number>", disbursement_detail, name="claims.disbursement"),
    path("claims/<str:number>", claim_detail, name="claims.detail"),
]
