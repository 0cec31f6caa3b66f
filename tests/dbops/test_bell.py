"""Alerts in the bell: who hears of them, new and read, over; channels apart; no secret anywhere."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dbops import collect, notices, watch
from dbops.inventory import Target
from dbops.models import Notice
from dbops.readings import Drift, State
from tests.dbops.test_deadlines import entry
from tests.dbops.test_drift_page import seen
from tests.letters import Letters

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
JSON = {"HTTP_ACCEPT": "application/json"}
SECRET = "hunter2-canary"


def tell(state: State, detail: str = "190 tables") -> None:
    seen(state, detail)
    watch.tell(now=timezone.now())


def unread(browser: Client) -> int:
    return int(browser.get("/notifications/bell", **JSON).json()["unread"])


def test_it_rings_until_it_is_read_and_again_when_it_is_over(operator: Client) -> None:
    assert unread(operator) == 0
    tell(State.DRIFTED, "drift: 1 critical")
    assert unread(operator) == 1
    html = operator.get("/notifications").content.decode()
    assert 'data-cause="drifted" data-state="unread"' in html
    assert "drift: 1 critical" in html
    assert 'href="/ops/db/ai"' in html
    operator.post("/notifications")
    assert unread(operator) == 0
    assert (
        'data-cause="drifted" data-state="read"' in operator.get("/notifications").content.decode()
    )
    tell(State.IN_SYNC)
    assert unread(operator) == 1
    (row,) = operator.get("/notifications", **JSON).json()["databases"]
    assert (row["cause"], row["over"]) == ("drifted", True)
    assert "Drifted is over" in operator.get("/notifications").content.decode()


def test_it_rings_only_for_those_who_may_see_databases(
    operator: Client, acme_support: Client
) -> None:
    tell(State.UNREACHABLE, "refused the connection")
    assert (unread(operator), unread(acme_support)) == (1, 0)
    assert acme_support.get("/notifications", **JSON).json()["databases"] == []
    assert "refused the connection" not in acme_support.get("/notifications").content.decode()


def test_it_forgets_what_has_been_over_for_long(operator: Client) -> None:
    now = timezone.now()
    Notice.objects.create(
        slug="ai", cause="drifted", raised_at=now - timedelta(days=40),
        resolved_at=now - timedelta(days=31), detail="x",
    )  # fmt: skip
    assert notices.newest("somebody", now=now) == []
    assert unread(operator) == 0


def test_it_tells_the_webhook_when_mail_is_away(
    settings: object, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    heard: list[str] = []
    monkeypatch.setenv("OPENINSURE_ALERT_MAIL", "ops@openinsure.test")
    address = f"smtp://user:{SECRET}@127.0.0.1:{closed_port}?from=a@openinsure.test"
    settings.EMAIL_URL = address  # type: ignore[attr-defined]
    monkeypatch.setattr(watch, "_post", lambda notice, text: heard.append(text))
    tell(State.DRIFTED)
    assert heard == ["ai: drifted, 190 tables"]
    assert Notice.objects.get().sent == "unknown"


def test_it_lets_no_secret_out(
    operator: Client, use: Callable[..., list[Target]], closed_port: int, letters: Letters,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("OPENINSURE_ALERT_WEBHOOK", f"http://127.0.0.1:{closed_port}/{SECRET}")
    monkeypatch.setenv("OPENINSURE_ALERT_MAIL", "ops@openinsure.test")
    use(
        entry("one", "mysql") + entry("two", "postgres"),
        ONE_URL=f"mysql://reader:{SECRET}@127.0.0.1:{closed_port}/x",
        TWO_URL=f"postgresql://reader:{SECRET}@127.0.0.1:{closed_port}/x",
    )
    with caplog.at_level(logging.DEBUG):
        collect.collect(now=timezone.now())
        assert watch.tell(now=timezone.now()) == 2
    pages = [operator.get(path).content.decode() for path in ("/ops", "/ops/db/one", "/ops/db/two")]
    pages += [operator.get(f"/ops/db/one/{section}").content.decode() for section in
              ("drift", "migrations", "history", "connections", "runbook")]  # fmt: skip
    pages += [operator.get("/notifications").content.decode(), *map(str, letters())]
    pages += [str(list(Notice.objects.values())), caplog.text]
    pages += [str(record.__dict__) for record in caplog.records]
    assert len(letters()) == 2
    assert not [page for page in pages if SECRET in page]


def test_it_rings_again_when_drift_becomes_graver_only(
    operator: Client, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENINSURE_ALERT_MAIL", "ops@openinsure.test")

    def drifted(**found: int) -> int:
        seen(State.DRIFTED, f"drift: {found}", drift=Drift(**found))
        return watch.tell(now=timezone.now())

    assert drifted(low=1) == 1
    operator.post("/notifications")
    assert drifted(low=2) == 0
    assert unread(operator) == 0
    assert drifted(critical=1, low=2) == 1
    assert unread(operator) == 1
    assert drifted(low=2) == 0
    assert Notice.objects.get().cause == "drifted: low"
    tell(State.IN_SYNC)
    subjects = [one["Subject"] for one in letters()]
    assert len(subjects) == 3
    assert sum("is over" in subject for subject in subjects) == 1
