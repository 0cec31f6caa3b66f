"""Addresses of bordereaux and settlements."""

from __future__ import annotations

from django.urls import path

from openinsure.pages import bordereau_acts, settling, settling_acts, settling_detail

TOLD, SETTLED = "billing/bordereaux", "billing/settlements"
urlpatterns = [
    path(TOLD, settling.bordereau_list, name="billing.bordereaux"),
    path(f"{TOLD}/new", bordereau_acts.new_bordereau, name="billing.new_bordereau"),
    path(f"{TOLD}/<str:number>", settling_detail.bordereau_detail, name="billing.bordereau"),
    path(f"{TOLD}/<str:number>/lines", settling_detail.bordereau_file,
         name="billing.bordereau_file"),
    path(f"{TOLD}/<str:number>/approvals", bordereau_acts.approve,
         name="billing.bordereau_approve"),
    path(f"{TOLD}/<str:number>/reopenings", bordereau_acts.reopen,
         name="billing.bordereau_reopen"),
    path(f"{TOLD}/<str:number>/dispatches", bordereau_acts.send, name="billing.bordereau_send"),
    path(f"{TOLD}/<str:number>/acknowledgements", bordereau_acts.acknowledge,
         name="billing.bordereau_acknowledge"),
    path(SETTLED, settling.settlement_list, name="billing.settlements"),
    path(f"{SETTLED}/new", settling_acts.new_settlement, name="billing.new_settlement"),
    path(f"{SETTLED}/<str:number>", settling_detail.settlement_detail, name="billing.settlement"),
    path(f"{SETTLED}/<str:number>/approvals", settling_acts.approve,
         name="billing.settlement_approve"),
    path(f"{SETTLED}/<str:number>/rejections", settling_acts.reject,
         name="billing.settlement_reject"),
    path(f"{SETTLED}/<str:number>/releases", settling_acts.release,
         name="billing.settlement_release"),
    path(f"{SETTLED}/<str:number>/payouts/<str:payout_id>/answers", settling_acts.payout,
         name="billing.payout"),
]  # fmt: skip
