"""Signed-in people of billing."""

from __future__ import annotations

import pytest
from django.test import Client

from openinsure.tenancy.scope import Scope
from tests import people


@pytest.fixture
def acme_script(db: None, acme: Scope) -> Client:
    """A program with a support token of acme."""
    return people.bearer(acme.org_id, "support")


@pytest.fixture
def acme_finance(db: None, acme: Scope) -> Client:
    """A browser of acme's finance analyst."""
    return people.browser(acme.org_id, "finance_analyst")
