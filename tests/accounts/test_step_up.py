"""/login/confirm: the password once more, and the interrupted form goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from openinsure.accounts import stepup
from openinsure.accounts.models import Account, WebSession
from openinsure.audit.record import AuditEvent
from openinsure.authz.decorators import allow_signed_in
from tests.accounts.conftest import PASSWORD, Clock
from tests.accounts.test_exchange import token_of

pytestmark = pytest.mark.django_db
HTML = {"Accept": "text/html"}


@require_POST
@allow_signed_in
def grave(request: HttpRequest) -> HttpResponse:
    """A step that wants a fresh proof."""
    who: Any = request
    stepup.require(who.who, now=timezone.now())
    return HttpResponse(f"done {request.POST.getlist('amount')} {request.POST.get('password')}")


@pytest.fixture(autouse=True)
def addresses(settings: Any) -> None:
    class Urls:
        urlpatterns = [path("grave", grave), path("", include("openinsure.urls"))]
        handler404 = "openinsure.console.errors.not_found"

    settings.ROOT_URLCONF = Urls


def test_it_lets_a_fresh_sign_in_pass(signed_in: Client, clock: Clock) -> None:
    clock.forward(minutes=9, seconds=59)
    assert signed_in.post("/grave", {"amount": "1"}, headers=HTML).status_code == 200


def test_it_asks_again_after_ten_minutes_and_resumes_the_form(
    signed_in: Client, clock: Clock, trail: list[AuditEvent]
) -> None:
    clock.forward(minutes=10, seconds=1)
    fields = {"amount": ["1", "<b>2</b>"], "password": "of the form"}
    sent = signed_in.post("/grave", fields, headers=HTML)
    assert (sent.status_code, sent["Location"]) == (307, "/login/confirm?next=%2Fgrave")
    asked = signed_in.post(sent["Location"], fields, headers=HTML)  # what a browser does on 307
    assert 'name="resume.amount" value="1"' in asked.text
    assert "&lt;b&gt;2&lt;/b&gt;" in asked.text
    key = signed_in.cookies["sessionid"].value
    resumed = {f"resume.{name}": value for name, value in fields.items()}
    confirmed = signed_in.post(
        "/login/confirm",
        {"confirm_password": PASSWORD, "confirm_next": "/grave", **resumed},
        headers=HTML,
    )
    assert confirmed.status_code == 200
    assert 'action="/grave"' in confirmed.text
    assert 'name="amount" value="1"' in confirmed.text
    assert signed_in.cookies["sessionid"].value != key
    assert trail[-1].action == "login.confirmed"
    done = signed_in.post("/grave", fields, headers=HTML)
    assert done.text == "done ['1', '<b>2</b>'] of the form"


def test_it_refuses_a_wrong_password_and_keeps_the_form(signed_in: Client, clock: Clock) -> None:
    answer = signed_in.post(
        "/login/confirm",
        {"confirm_password": "wrong", "confirm_next": "/grave", "resume.amount": "1"},
        headers=HTML,
    )
    assert answer.status_code == 422
    assert "E-mail or password is wrong." in answer.text
    assert 'name="resume.amount" value="1"' in answer.text


def test_it_tells_programs_instead_of_asking(signed_in: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    answer = signed_in.post("/grave", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (403, "step_up_required")


def test_it_leads_htmx_to_the_page_not_into_the_swap(signed_in: Client, clock: Clock) -> None:
    clock.forward(minutes=11)
    answer = signed_in.post("/grave", headers=HTML | {"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (403, "/login/confirm")


def test_it_takes_a_token_issued_lately_as_proof(
    account: Account, browser: Callable[[], Client], trail: list[AuditEvent], clock: Clock
) -> None:
    client, token = browser(), token_of(account)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.post("/grave", headers=headers).status_code == 200
    clock.forward(minutes=11)
    assert client.post("/grave", headers=headers).json()["error"] == "step_up_required"


def test_it_goes_back_to_a_page_after_a_plain_confirmation(
    signed_in: Client, account: Account, clock: Clock
) -> None:
    clock.forward(minutes=5)
    answer = signed_in.post(
        "/login/confirm", {"confirm_password": PASSWORD, "confirm_next": "/settings"}
    )
    assert (answer.status_code, answer["Location"]) == (303, "/settings")
    assert WebSession.objects.get(account=account).stepped_up_at == clock.now


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test/", "/logout"])
def test_it_resumes_only_on_this_site(wanted: str, signed_in: Client) -> None:
    fields = {"confirm_password": PASSWORD, "confirm_next": wanted, "resume.a": "1"}
    assert 'action="/"' in signed_in.post("/login/confirm", fields).text


def test_it_resumes_no_endless_form(signed_in: Client) -> None:
    fields = {f"f{n}": "x" for n in range(201)}
    assert signed_in.post("/login/confirm?next=/grave", fields).status_code == 422


def test_it_needs_a_session(browser: Callable[[], Client]) -> None:
    assert browser().get("/login/confirm")["Location"].startswith("/login?next=")
