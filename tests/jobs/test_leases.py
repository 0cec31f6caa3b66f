"""Leases of an organisation's work: one holder at a time, and nothing left of one given back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from openinsure.jobs.leases import leased
from openinsure.jobs.models import Lease
from openinsure.tenancy.scope import Scope, entered

pytestmark = pytest.mark.django_db(databases=["default"])
NOW = datetime(2026, 4, 6, 12, tzinfo=UTC)
LASTS = timedelta(minutes=5)


def test_it_has_one_holder_at_a_time(acme: Scope) -> None:
    with entered(acme), leased(acme, "work", now=NOW, lasts=LASTS) as ours:
        assert ours
        with leased(acme, "work", now=NOW, lasts=LASTS) as theirs:
            assert theirs is None
        with leased(acme, "work", now=NOW + LASTS, lasts=LASTS) as later:
            assert later, "a dead holder's lease runs out"
            assert not ours.renew()


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(0), timedelta(hours=-2)])
def test_it_is_free_at_once_whatever_the_clock_of_its_holder(acme: Scope, ahead: timedelta) -> None:
    with entered(acme):
        with leased(acme, "work", now=NOW + ahead, lasts=LASTS) as one:
            assert one
        with leased(acme, "work", now=NOW, lasts=LASTS) as other:
            assert other


def test_it_names_no_holder_once_it_was_given_back(acme: Scope) -> None:
    with entered(acme):
        with leased(acme, "work", now=NOW, lasts=LASTS) as ours:
            assert ours
        row = Lease.objects.within(acme).get(name="work")
        assert (row.holder, row.held_until < NOW) == ("", True)
        assert not ours.renew(), "a renewal that was under way does not bring it back"
