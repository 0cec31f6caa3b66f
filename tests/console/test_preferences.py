"""The look: chosen with a form, kept in cookies, first byte already right."""

from __future__ import annotations

import pytest
from django.test import Client

from openinsure.console.preferences import Preferences


def test_it_starts_with_the_defaults() -> None:
    assert Preferences.from_cookies({}) == Preferences("auto", "default", "UTC", "on")


def test_it_ignores_cookies_it_did_not_set() -> None:
    cookies = {"oi_theme": '"><script>', "oi_density": "huge", "oi_zone": "../../etc/passwd"}
    assert Preferences.from_cookies(cookies) == Preferences()


@pytest.mark.parametrize(
    ("field", "value"),
    [("theme", "dark"), ("density", "compact"), ("zone", "America/Chicago"), ("keys", "off")],
)
def test_it_remembers_a_choice(client: Client, field: str, value: str) -> None:
    response = client.post("/settings/appearance", {field: value, "next": "/policies?status=bound"})
    assert (response.status_code, response["Location"]) == (303, "/policies?status=bound")
    cookie = response.cookies[f"oi_{field}"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (value, True, "Lax")
    assert f'data-{field}="{value}"' in client.get("/nowhere").content.decode()


def test_it_answers_204_to_the_module(client: Client) -> None:
    answer = client.post("/settings/appearance", {"theme": "dark"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204


@pytest.mark.parametrize(
    "sent", [{"theme": "neon"}, {"zone": "Mars/Base"}, {"theme": "dark", "density": "x"}, {}]
)
def test_it_refuses_what_is_not_offered(client: Client, sent: dict[str, str]) -> None:
    answer = client.post("/settings/appearance", sent, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_form")
    assert not answer.cookies


@pytest.mark.parametrize(
    "back", ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:1"]
)
def test_it_returns_only_to_this_site(client: Client, back: str) -> None:
    answer = client.post("/settings/appearance", {"theme": "dark", "next": back})
    assert answer["Location"] == "/"
