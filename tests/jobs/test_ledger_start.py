"""A worker starts only with enough clients of the ledger, and on the ledger that was posted to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from openinsure.celery import refuse_wrong_ledger
from openinsure.jobs import ledger_start
from openinsure.jobs.ledger_cli import WORK
from openinsure.jobs.relay import relay
from openinsure.ledger import embedded
from openinsure.tenancy.scope import Scope, entered
from tests.billing import posting
from tests.jobs.test_relay import post
from tests.ledgers import Away

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)


class Worker:
    """What Celery hands to a receiver."""

    def __init__(self, concurrency: int) -> None:
        self.concurrency = concurrency


@pytest.fixture(autouse=True)
def connected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections stay: the test's transaction is on them."""
    monkeypatch.setattr(connections, "close_all", lambda: None)


@pytest.fixture
def posted(acme: Scope, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """An organisation whose ledger holds something; the only one that is listed."""
    posting.organization(acme)
    post(acme)
    with entered(acme):
        assert relay(acme, now=timezone.now()).posted
    monkeypatch.setattr(ledger_start, "_organizations", lambda: (acme.org_id,))
    return acme


def number(scope: Scope) -> int:
    return posting.ledger_of(scope)


def test_it_starts_on_the_ledger_that_was_posted_to(posted: Scope) -> None:
    assert ledger_start.refusal(2) == ""
    refuse_wrong_ledger(Worker(2))


def test_it_refuses_a_ledger_that_lacks_what_was_posted(posted: Scope) -> None:
    embedded.forget(number(posted))  # as a server that was never posted to
    text = ledger_start.refusal(2)
    assert text.startswith("LEDGER_BACKEND: embedded holds none of the accounts")
    assert posted.org_id in text
    assert "openinsure ledger replay --org" in text
    with pytest.raises(SystemExit, match="LEDGER_BACKEND"):
        refuse_wrong_ledger(Worker(2))
    with entered(posted):
        WORK["replay"](posted, as_json=True)
    assert ledger_start.refusal(2) == ""


def test_it_starts_where_nothing_was_posted(acme: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    posting.organization(acme)
    monkeypatch.setattr(ledger_start, "_organizations", lambda: (acme.org_id,))
    assert ledger_start.refusal(2) == ""


def test_it_warns_while_the_ledger_is_away(
    posted: Scope, away: Away, caplog: pytest.LogCaptureFixture
) -> None:
    with away():
        assert ledger_start.refusal(2) == ""
    assert "not checked" in caplog.text


@pytest.mark.parametrize(
    ("workers", "most", "starts"),
    [(4, "", True), (5, "", False), (29, "32", True), (30, "32", False)],
)
def test_it_counts_the_clients_of_a_server(
    workers: int,
    most: str,
    starts: bool,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two web processes and a command beside the workers; 7 clients unless told."""
    settings.LEDGER_BACKEND = "tigerbeetle"
    monkeypatch.setattr(ledger_start, "adapter", embedded.EmbeddedLedger)
    monkeypatch.setenv("TIGERBEETLE_CLIENTS_MAX", most)
    monkeypatch.setattr(ledger_start, "_organizations", lambda: ())
    text = ledger_start.refusal(workers)
    assert bool(text) is not starts
    if text:
        assert f"is {most or 7}, but {workers} worker processes" in text
        assert f"need {workers + 3}" in text


def test_it_names_a_number_it_cannot_read(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LEDGER_BACKEND = "tigerbeetle"
    monkeypatch.setenv("TIGERBEETLE_CLIENTS_MAX", "many")
    assert ledger_start.refusal(2).startswith("TIGERBEETLE_CLIENTS_MAX: is 'many'")


def test_it_counts_no_clients_of_the_embedded_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_start, "_organizations", lambda: ())
    assert ledger_start.refusal(500) == ""
