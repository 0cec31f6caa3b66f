"""Addresses of policies: composed pages, so they live here and not in the app."""

from __future__ import annotations

from django.urls import path

from openinsure.pages.policy_detail import policy_detail
from openinsure.pages.policy_list import policy_list

urlpatterns = [
    path("policies", policy_list, name="policies.list"),
    path("policies/<str:number>", policy_detail, name="policies.detail"),
]
