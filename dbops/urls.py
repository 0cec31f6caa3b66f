"""Addresses of the database pages; the name is the data-page."""

from __future__ import annotations

from django.urls import path

from dbops import drift_views, history_views, place_views, reference_views, views

urlpatterns = [
    path("ops", views.status, name="ops.status"),
    path("ops/readings", views.refresh, name="ops.refresh"),
    path("ops/db/<slug:slug>", views.database, name="ops.database"),
    path("ops/db/<slug:slug>/migrations", views.migrations, name="ops.migrations"),
    path("ops/db/<slug:slug>/migrations/<path:label>", drift_views.migration, name="ops.migration"),
    path("ops/db/<slug:slug>/drift", drift_views.drift, name="ops.drift"),
    path("ops/db/<slug:slug>/drift/acceptances", drift_views.accept, name="ops.accept"),
    path("ops/db/<slug:slug>/history", history_views.history, name="ops.history"),
    path("ops/db/<slug:slug>/references", reference_views.references, name="ops.references"),
    path("ops/db/<slug:slug>/connections", place_views.connections, name="ops.connections"),
    path("ops/db/<slug:slug>/runbook", place_views.runbook, name="ops.runbook"),
    path("ops/db/<slug:slug>/readings", views.check, name="ops.check"),
]
