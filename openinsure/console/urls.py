"""Addresses of the shell: health."""

from django.urls import path

from openinsure.console import health

urlpatterns = [
    path("healthz", health.healthz, name="health.healthz"),
    path("readyz", health.readyz, name="health.readyz"),
    path("version", health.version_view, name="health.version"),
]
