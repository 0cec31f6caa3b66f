"""/healthz, /readyz, /version."""

from __future__ import annotations

from concurrent.futures import Future
from time import monotonic

import pytest
from django.test import Client

from openinsure.console import health


def test_it_answers_without_any_dependency(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_it_says_which_build_runs(client: Client) -> None:
    told = client.get("/version").json()
    assert told.keys() == {"version", "git_sha"}
    assert told["git_sha"] != ""


def test_it_is_ready_when_all_answer(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_database_answers", lambda: True)
    monkeypatch.setattr(health, "_cache_answers", lambda: True)
    response = client.get("/readyz")
    assert (response.status_code, response.json()["checks"]) == (
        200,
        {"database": "ok", "cache": "ok"},
    )


def test_it_names_what_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> bool:
        raise ConnectionRefusedError("db.internal:3306")

    monkeypatch.setattr(health, "_database_answers", refused)
    monkeypatch.setattr(health, "_cache_answers", lambda: True)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": "away", "cache": "ok"}
    assert response["Retry-After"] == "5"
    assert "db.internal" not in response.content.decode()


def test_it_waits_for_a_hung_dependency_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung: Future[bool] = Future()
    monkeypatch.setitem(health._running, "database", hung)
    monkeypatch.setattr(health, "_cache_answers", lambda: True)
    began = monotonic()
    response = client.get("/readyz")
    took_s = monotonic() - began
    assert response.json()["checks"]["database"] == "silent"
    assert took_s < health.DEADLINE_S + 0.3
