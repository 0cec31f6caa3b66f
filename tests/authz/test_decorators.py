"""What a view gets from its allow decorator, and what it is spared."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from openinsure.authz import checks, decorators, port
from openinsure.authz.decorators import allow, allow_anyone, allow_signed_in
from openinsure.authz.port import AuthorizationAway, Place, Subject
from openinsure.problems import Forbidden, NeedsSignIn, Unavailable
from openinsure.tenancy.grants import CROSS_ORG_ROLES, PLATFORM_ORG_ID
from openinsure.tenancy.scope import GrantScope, OrgScope

HOME, OTHER = "0190a000-0000-7000-8000-00000000000a", "0190a000-0000-7000-8000-00000000000b"


@allow("policy.edit")
def edit(request: HttpRequest) -> HttpResponse:
    return HttpResponse("edited")


@allow("policy.view")
def look(request: HttpRequest) -> HttpResponse:
    return HttpResponse("seen")


@allow_signed_in
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


@allow_anyone
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("naked")


def asked_by(role: str | None, *, scope: Any = None) -> Any:
    request: Any = RequestFactory().get("/policies")
    request.who = None
    if role is not None:
        home = PLATFORM_ORG_ID if role in CROSS_ORG_ROLES else HOME
        subject = Subject("u", home, frozenset({role}))
        request.who = SimpleNamespace(subject=subject, org_name="Acme Specialty MGA")
    request.scope = scope
    return request


@pytest.fixture
def denials(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(decorators, "_recorders", [lambda _, permission: found.append(permission)])
    return found


def test_it_lets_in_who_holds_the_permission_and_leaves_the_rights(denials: list[str]) -> None:
    request = asked_by("support")
    assert look(request).content == b"seen"
    assert {"policy.view", "note.add"} <= request.rights
    assert "policy.edit" not in request.rights
    assert denials == []


def test_it_refuses_and_records_who_does_not(denials: list[str]) -> None:
    with pytest.raises(Forbidden) as refusal:
        edit(asked_by("support"))
    assert refusal.value.code == "permission_required"
    assert refusal.value.message == (
        "This page needs the permission Edit policies. Ask an administrator of Acme Specialty MGA."
    )
    assert denials == ["policy.edit"]


@pytest.mark.parametrize("view", [look, edit, home])
def test_it_sends_the_signed_out_to_sign_in(view: Any, denials: list[str]) -> None:
    with pytest.raises(NeedsSignIn):
        view(asked_by(None))
    assert denials == []


def test_it_serves_anyone_without_asking_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decorators, "authorizer", lambda: pytest.fail("asked"))
    assert health(asked_by(None)).content == b"ok"
    assert health(asked_by("support")).content == b"ok"


def test_it_asks_the_port_once_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Place] = []

    class Counting:
        def rights(self, subject: Subject, place: Place, **_: object) -> frozenset[str]:
            asked.append(place)
            return frozenset({"policy.view"})

    monkeypatch.setattr(decorators, "authorizer", Counting)
    request = asked_by("support")
    look(request)
    decorators.ensure_rights(request)
    assert asked == [Place(HOME)]


def test_it_asks_about_the_organization_of_the_scope() -> None:
    subject = Subject("u", HOME, frozenset({"auditor"}))
    own = asked_by("auditor", scope=OrgScope(org_id=HOME, subject="u"))
    crossed = asked_by("auditor", scope=GrantScope(org_id=OTHER, subject="u"))
    assert decorators.place_of(own, subject) == Place(HOME)
    assert decorators.place_of(crossed, subject) == Place(OTHER, crossing=True)
    assert look(crossed).content == b"seen"


def test_it_gives_an_own_org_role_nothing_elsewhere(denials: list[str]) -> None:
    with pytest.raises(Forbidden):
        look(asked_by("org_admin", scope=GrantScope(org_id=OTHER, subject="u")))
    assert denials == ["policy.view"]


@pytest.mark.parametrize("error", [AuthorizationAway("late"), RuntimeError("bug"), OSError("net")])
def test_it_fails_closed(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise error

    monkeypatch.setattr(decorators, "authorizer", away)
    with pytest.raises(Unavailable) as refusal:
        look(asked_by("org_admin"))
    assert refusal.value.status == 503
    assert "nothing is shown" in refusal.value.message


def test_it_says_when_only_spicedb_could_tell(
    denials: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        decorators, "authorizer", lambda: SimpleNamespace(rights=lambda *_, **__: ())
    )
    with pytest.raises(Forbidden) as refusal:
        allow("reserve.set")(bare)(asked_by("adjuster"))
    assert refusal.value.code == "needs_spicedb"


def test_it_refuses_two_decorators_on_one_view() -> None:
    with pytest.raises(TypeError, match="two allow"):
        allow("policy.view")(home)
    with pytest.raises(TypeError, match="two allow"):
        allow_anyone(look)


def test_it_refuses_an_unknown_permission_at_import() -> None:
    with pytest.raises(ValueError, match=r"policy\.vew"):
        allow("policy.vew")


def test_it_shows_its_permission_on_the_view() -> None:
    marks = [getattr(view, "permission", None) for view in (look, home, health, bare)]
    assert marks == ["policy.view", "signed_in", "anyone", None]


class Addresses:
    """A URLconf with one view that carries no decorator."""

    urlpatterns = [path("seen", look), path("naked", bare)]


def test_it_reports_the_view_without_allow(settings: Any) -> None:
    settings.ROOT_URLCONF = Addresses
    assert [(e.id, e.msg) for e in checks.every_view_has_one_allow(None)] == [
        ("openinsure.E005", "/naked (tests.authz.test_decorators.bare) carries no allow decorator")
    ]


def test_it_finds_every_real_view_decorated() -> None:
    assert checks.every_view_has_one_allow(None) == []


def test_it_names_the_backend_it_cannot_use(settings: Any) -> None:
    settings.AUTHZ_BACKEND, settings.SPICEDB_ENDPOINT = "spicedb", ""
    port.authorizer.cache_clear()
    try:
        with pytest.raises(Exception, match="SPICEDB_ENDPOINT: must be host:port"):
            port.authorizer()
    finally:
        port.authorizer.cache_clear()
