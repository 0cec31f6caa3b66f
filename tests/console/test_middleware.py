"""Headers on every answer, the request id, the access line."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from openinsure.console.middleware import CONTENT_SECURITY_POLICY
from tests.console.urls import FAILURES

ADDRESSES = ["/healthz", "/version", "/nowhere", "/only-get", *(f"/fail/{how}" for how in FAILURES)]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_it_protects_every_answer(client: Client, address: str, accept: str) -> None:
    response = client.get(address, headers={"Accept": accept})
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in response["Permissions-Policy"]
    assert {"HX-Request", "Accept", "Cookie"} <= set(response["Vary"].split(", "))
    assert response["Cache-Control"] == "no-store"


def test_it_protects_answers_made_before_the_view(client: Client) -> None:
    response = client.get("/healthz", headers={"Host": "evil.test"})
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert response["X-Request-ID"]


def test_it_makes_its_own_request_id(client: Client) -> None:
    answers = [client.get("/healthz", headers={"X-Request-ID": "mine"}) for _ in range(2)]
    ids = {answer["X-Request-ID"] for answer in answers}
    assert len(ids) == 2
    assert "mine" not in ids


def test_it_logs_the_route_without_values(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "openinsure.access"):
        client.get("/fail/not_found?q=jane@example.test")
    (record,) = caplog.records
    assert vars(record)["route"] == "/fail/<str:how>"
    assert vars(record)["status"] == 404
    assert "jane" not in str(vars(record))
