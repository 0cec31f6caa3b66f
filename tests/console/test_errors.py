"""Refusals and failures: one problem, four renderings, nothing of the inside."""

from __future__ import annotations

import logging
import re

import pytest
from django.test import Client, RequestFactory

from openinsure.console import errors
from openinsure.problems import Problem
from tests.console.urls import CANARY, FAILURES

STATUSES = {
    "bad_parameter": (400, "bad_parameter"),
    "bad_form": (422, "bad_form"),
    "not_found": (404, "not_found"),
    "forbidden": (403, "forbidden"),
    "conflict": (409, "conflict"),
    "too_many_requests": (429, "too_many_requests"),
    "unavailable": (503, "unavailable"),
    "leak": (500, "internal"),
    "bug": (500, "internal"),
    "denied": (403, "forbidden"),
    "unreadable": (400, "bad_request"),
    "away": (503, "database_unavailable"),
    "slow": (503, "too_slow"),
    "contended": (409, "busy"),
    "broken_sql": (500, "internal"),
}


def test_it_covers_every_failure() -> None:
    assert STATUSES.keys() | {"sign_in_required"} == FAILURES.keys()


@pytest.mark.parametrize(("how", "expected"), STATUSES.items())
def test_it_renders_a_page_with_its_marks(
    client: Client, how: str, expected: tuple[int, str]
) -> None:
    response = client.get(f"/fail/{how}")
    html = response.content.decode()
    assert response.status_code == expected[0]
    assert f'data-error="{expected[1]}"' in html
    assert f'data-page="error.{expected[0]}"' in html
    assert 'data-scope="none"' in html
    assert response["X-Request-ID"] in html
    assert CANARY not in html


@pytest.mark.parametrize(("how", "expected"), STATUSES.items())
def test_it_renders_json(client: Client, how: str, expected: tuple[int, str]) -> None:
    response = client.get(f"/fail/{how}", headers={"Accept": "application/json"})
    body = response.json()
    assert (response.status_code, body["error"]) == expected
    assert body["request_id"] == response["X-Request-ID"]
    assert body["message"].endswith((".", "characters"))
    assert CANARY not in response.content.decode()


@pytest.mark.parametrize(("how", "expected"), STATUSES.items())
def test_it_renders_a_fragment_for_htmx(
    client: Client, how: str, expected: tuple[int, str]
) -> None:
    response = client.get(f"/fail/{how}", headers={"HX-Request": "true"})
    html = response.content.decode()
    assert response.status_code == expected[0]
    assert f'data-error="{expected[1]}"' in html
    assert "<html" not in html


def test_it_gives_history_restores_the_whole_page(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/fail/not_found", headers=headers).content.decode()


def test_it_names_field_and_rule(client: Client) -> None:
    body = client.get("/fail/bad_parameter", headers={"Accept": "application/json"}).json()
    assert (body["field"], body["rule"]) == ("status", "must be a known policy status")


def test_it_names_every_wrong_form_field(client: Client) -> None:
    body = client.get("/fail/bad_form", headers={"Accept": "application/json"}).json()
    assert body["errors"] == {"reason": "needs at least 10 characters", "ticket": "is too long"}


@pytest.mark.parametrize(("how", "seconds"), [("too_many_requests", "9"), ("unavailable", "7")])
def test_it_says_when_to_retry(client: Client, how: str, seconds: str) -> None:
    assert client.get(f"/fail/{how}")["Retry-After"] == seconds


def test_it_sends_people_to_sign_in_and_back(client: Client) -> None:
    response = client.get("/fail/sign_in_required?status=active")
    assert response.status_code == 302
    assert response["Location"] == "/login?next=%2Ffail%2Fsign_in_required%3Fstatus%3Dactive"


def test_it_does_not_repeat_a_post_after_sign_in(client: Client) -> None:
    assert client.post("/fail/sign_in_required")["Location"] == "/login?next=%2F"


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://testserver/policies?sort=number", "%2Fpolicies%3Fsort%3Dnumber"),
        ("http://testserver//evil.test/", "%2F"),
        ("", "%2F"),
    ],
)
def test_it_sends_htmx_to_sign_in_without_a_redirect(
    client: Client, current: str, back: str
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": current}
    response = client.get("/fail/sign_in_required", headers=headers)
    assert (response.status_code, response["HX-Redirect"]) == (401, f"/login?next={back}")


def test_it_answers_401_to_programs(client: Client) -> None:
    response = client.get("/fail/sign_in_required", headers={"Authorization": "Bearer x"})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert response.json()["error"] == "sign_in_required"


def test_it_names_the_methods_allowed(client: Client) -> None:
    response = client.post("/only-get", headers={"Accept": "application/json"})
    assert (response.status_code, response["Allow"]) == (405, "GET")
    assert response.json()["error"] == "method_not_allowed"


def test_it_answers_unknown_addresses(client: Client) -> None:
    assert 'data-error="not_found"' in client.get("/nowhere").content.decode()


def test_it_refuses_forged_hosts(client: Client) -> None:
    response = client.get("/healthz", headers={"Host": "evil.test"})
    assert response.status_code == 400
    assert "evil.test" not in response.content.decode()


def test_it_refuses_forms_without_a_token(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/settings/appearance", {"theme": "dark"})
    assert response.status_code == 403
    assert 'data-error="csrf_failed"' in response.content.decode()


def test_it_alerts_on_a_tenant_leak(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "openinsure.console.errors"):
        client.get("/fail/leak")
    assert [getattr(record, "alert", "") for record in caplog.records] == ["tenant_leak"]


def test_it_still_answers_when_the_error_page_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> str:
        raise RuntimeError("no template")

    monkeypatch.setattr(errors, "render_to_string", broken)
    response = errors.render_problem(RequestFactory().get("/"), Problem("No."))
    html = response.content.decode()
    assert (response.status_code, 'data-error="bad_request"' in html) == (400, True)
    assert not re.search(r"\{\w+\}", html)
