"""A client in front of the shell alone: no session, no organisation, no database."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

OUTSIDE = ("openinsure.accounts", "openinsure.console.scoping")


@pytest.fixture
def client(settings: Settings) -> Client:
    """Renders failures as a browser would see them instead of raising them."""
    settings.ROOT_URLCONF = "tests.console.urls"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith(OUTSIDE)]
    return Client(raise_request_exception=False)
