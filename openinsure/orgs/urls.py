"""Addresses of an organisation's reference data."""

from __future__ import annotations

from django.urls import path

from openinsure.orgs import file_views, views

urlpatterns = [
    path("producers", views.producer_list, name="producers.list"),
    path("producers/<str:code>", file_views.producer_detail, name="producers.detail"),
    path("programs", views.program_list, name="programs.list"),
    path("programs/<str:code>", file_views.program_detail, name="programs.detail"),
    path("rules", views.rule_list, name="rules.list"),
    path("carriers", file_views.carrier_list, name="carriers.list"),
    path("reference", file_views.reference_list, name="reference.list"),
]
