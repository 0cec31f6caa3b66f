"""Signed-in people of two organisations, and codes that are read anew for each test."""

from __future__ import annotations

import pytest
from django.test import Client

from openinsure.tenancy.scope import Scope
from tests import people


@pytest.fixture
def acme_finance(db: None, acme: Scope) -> Client:
    """A browser of acme's finance analyst, who may export."""
    return people.browser(acme.org_id, "finance_analyst")


@pytest.fixture
def acme_script(db: None, acme: Scope) -> Client:
    """A program with a support token of acme."""
    return people.bearer(acme.org_id, "support")


@pytest.fixture
def borealis_script(db: None, borealis: Scope) -> Client:
    """A program with a support token of borealis."""
    return people.bearer(borealis.org_id, "support")
