"""SpiceDB stopped, black-holed, slow or unsure: nothing is shown, soon, clearly; then it heals."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

import pytest
from authzed.api.v1 import CheckPermissionResponse
from django.test import Client as Browser

from openinsure.authz import decorators
from openinsure.authz.breaker import FAILURES, Breaker
from openinsure.authz.client import Client, Endpoint
from openinsure.authz.permissions import Role
from openinsure.authz.port import AuthorizationAway, Place, Subject
from openinsure.authz.relationships import touch, write
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.authz.conftest import enrol, organization, role_tuple
from tests.authz.faults import Proxy, answering

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_claims", "oi_billing"]
)
CONDITIONAL = CheckPermissionResponse.PERMISSIONSHIP_CONDITIONAL_PERMISSION
UNSPECIFIED = CheckPermissionResponse.PERMISSIONSHIP_UNSPECIFIED


@pytest.fixture
def proxy(spice: Client) -> Iterator[Proxy]:
    made = Proxy(spice.endpoint.address)
    yield made
    made.mode = "open"
    made.stop()


@pytest.fixture
def through(proxy: Proxy, spice: Client) -> Iterator[SpiceAuthorizer]:
    """An adapter that reaches the real server through the proxy, keeping nothing."""
    client = Client(Endpoint(proxy.address, spice.endpoint.token))
    made = SpiceAuthorizer(client, clock=time.monotonic)
    yield made
    client.close()


@pytest.fixture
def finance(spice: Client, acme: Scope) -> Subject:
    write(spice, touch(*organization(acme.org_id)))
    return enrol(spice, Role.FINANCE, acme.subject, acme.org_id)


def break_it(proxy: Proxy, how: str) -> Callable[[], None]:
    if how == "stopped":
        proxy.stop()
        return proxy.start
    proxy.mode = "hole" if how == "black-holed" else "slow"
    return lambda: setattr(proxy, "mode", "open")


def eventually(done: Callable[[], bool], within_s: float = 10.0) -> float:
    begun = time.monotonic()
    while time.monotonic() - begun < within_s:
        if done():
            return time.monotonic() - begun
        time.sleep(0.1)
    raise AssertionError(f"not within {within_s} s")


def allowed(adapter: SpiceAuthorizer, who: Subject, place: Place) -> bool:
    try:
        return "billing.view" in adapter.rights(who, place, latest=True)
    except AuthorizationAway:
        return False


@pytest.mark.parametrize("how", ["stopped", "black-holed", "slow"])
def test_it_gives_up_in_time_and_heals(
    how: str, proxy: Proxy, through: SpiceAuthorizer, finance: Subject
) -> None:
    place = Place(finance.org_id)
    eventually(lambda: allowed(through, finance, place))
    heal = break_it(proxy, how)
    for _ in range(FAILURES + 2):
        begun = time.monotonic()
        with pytest.raises(AuthorizationAway):
            through.rights(finance, place, latest=True)
        assert time.monotonic() - begun < 0.7
    begun = time.monotonic()
    with pytest.raises(AuthorizationAway):
        through.rights(finance, place, latest=True)
    assert time.monotonic() - begun < 0.02, "the breaker is open: nobody waits any more"
    heal()
    eventually(lambda: allowed(through, finance, place))


@pytest.mark.parametrize("how", ["stopped", "black-holed", "slow"])
def test_it_shows_a_clear_page_and_no_row(
    how: str,
    proxy: Proxy,
    through: SpiceAuthorizer,
    spice: Client,
    acme: Scope,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decorators, "authorizer", lambda: through)
    with entered(acme):
        policy = factories.policy(acme)
    heal, browser = break_it(proxy, how), people.browser(acme.org_id, "support")
    for path in (
        "/policies",
        f"/policies/{policy.policy_number}",
        "/policies?format=csv",
        "/settings",
        "/",
    ):
        took_s = 9.0
        for _ in range(2):  # the better of two: the machine may be busy with something else
            begun = time.monotonic()
            answer = browser.get(path)
            took_s = min(took_s, time.monotonic() - begun)
        body = answer.content.decode()
        assert answer.status_code == 503, path
        assert answer["Retry-After"] == "5"
        assert 'data-error="authorization_unavailable"' in body
        assert policy.id not in body
        assert "data-id" not in body
        assert took_s < 1.0, f"{path}: {took_s:.2f} s"
    assert Browser().get("/login").status_code == 200, "signing in stays up"
    assert Browser().get("/healthz").status_code == 200
    heal()
    write(spice, touch(*organization(acme.org_id)))
    eventually(lambda: browser.get("/settings").status_code == 200)


@pytest.mark.parametrize("answer", [CONDITIONAL, UNSPECIFIED, 9])
def test_it_takes_only_a_clear_yes(answer: int, finance: Subject, acme: Scope) -> None:
    with answering(answer) as address:
        client = Client(Endpoint(address, "any"))
        adapter = SpiceAuthorizer(client)
        assert adapter.rights(finance, Place(finance.org_id)) == frozenset()
        client.close()


def test_it_refuses_the_page_when_the_answer_is_conditional(
    acme: Scope, spice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(CONDITIONAL) as address:
        client = Client(Endpoint(address, "any"))
        monkeypatch.setattr(decorators, "authorizer", lambda: SpiceAuthorizer(client))
        assert people.browser(acme.org_id, "support").get("/policies").status_code == 403
        client.close()


def test_it_calls_a_wrong_key_unavailable_not_a_refusal(spice: Client, finance: Subject) -> None:
    client = Client(Endpoint(spice.endpoint.address, "wrong"))
    with pytest.raises(AuthorizationAway, match="PERMISSION_DENIED"):
        SpiceAuthorizer(client).rights(finance, Place(finance.org_id))
    client.close()


def test_it_never_uses_an_inherited_channel(spice: Client, finance: Subject) -> None:
    client = Client(spice.endpoint)
    before = client.channel()
    client._pid = os.getppid()  # as a child finds it after the fork
    assert client.channel() is not before
    assert SpiceAuthorizer(client).rights(finance, Place(finance.org_id), latest=True)
    client.close()


def test_it_lets_one_call_through_an_open_breaker() -> None:
    now = [100.0]
    breaker = Breaker(clock=lambda: now[0])
    for _ in range(FAILURES):
        assert breaker.admits()
        breaker.failed()
    assert not breaker.admits()
    now[0] += 2.1
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.worked()
    assert [breaker.admits(), breaker.admits()] == [True, True]


def test_it_keeps_positive_answers_for_rows_only(
    spice: Client, finance: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter, place = SpiceAuthorizer(spice), Place(finance.org_id)
    adapter.rights(finance, place, latest=True)  # the schema and store are warm
    eventually(lambda: "billing.view" in SpiceAuthorizer(spice).rights(finance, place))
    before = spice.calls
    for _ in range(3):
        assert "billing.view" in adapter.rights(finance, place, asked="billing.view")
    assert spice.calls == before + 1
    for _ in range(3):
        adapter.rights(finance, place, asked="disbursement.approve")
    assert spice.calls == before + 4, "money is asked every time"
    write(spice, touch(role_tuple(Role.UNDERWRITER, finance.user_id, finance.org_id)))
    assert "policy.bind" in adapter.rights(finance, place, asked="policy.bind")
