"""/users and /access-review: roles with ends, rights by checks, revocation and off-boarding."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client as Browser
from django.utils import timezone

from openinsure.accounts import people as accounts
from openinsure.accounts import sessions
from openinsure.accounts.models import WebSession
from openinsure.accounts.snapshot import Snapshot
from openinsure.audit.models import AuditLog
from openinsure.authz import port
from openinsure.authz.client import Client
from openinsure.authz.models import AuthzOutbox
from openinsure.jobs import relations
from openinsure.orgs.models import User, UserRole
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import staff
from tests.authz.conftest import on_spicedb, spice

__all__ = ["on_spicedb", "spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])
REASON = "agreed with the head of claims"


def colleague(scope: Scope, role: str = "support", **given: Any) -> User:
    """A user with an account who can sign in."""
    with entered(scope):
        made = staff.user(scope, role=role, full_name=f"Colleague {role}", **given)
    person = Snapshot(
        user_id=made.id, org_id=scope.org_id, email=made.email, full_name=made.full_name, role=role
    )
    accounts.create_account(person, password_hash=None, now=timezone.now())
    return made


def signed_in(user: User) -> Browser:
    now = timezone.now()
    account = accounts.account_by_email(user.email)
    key = sessions.start(
        account, via="password", now=now, stepped_up_at=now, ip="127.0.0.1", user_agent="test"
    )
    browser = Browser(headers={"accept": "text/html"})
    browser.cookies[configured.SESSION_COOKIE_NAME] = key
    return browser


def form_of(browser: Browser, user: User) -> str:
    page = browser.get(f"/users/{user.id}").content.decode()
    found = re.search(r'name="form_id" value="([^"]+)"', page)
    assert found, page[:500]
    return found[1]


def grant(browser: Browser, user: User, **fields: str) -> Any:
    values = {"form_id": form_of(browser, user), "role": "adjuster", "reason": REASON, **fields}
    return browser.post(f"/users/{user.id}/roles", values)


def test_it_lists_people_with_roles_and_ends(acme: Scope, acme_admin: Browser) -> None:
    who = colleague(acme)
    assert grant(acme_admin, who, expires_on="2037-12-30").status_code == 303
    answer = acme_admin.get("/users", headers={"accept": "application/json"})
    (row,) = answer.json()["rows"]
    assert (row["name"], row["role"], row["also"]) == ("Colleague support", "support", "adjuster")
    assert row["expires"].startswith("2037-12-31T00:00:00")
    for address in ("/users", "/access-review"):
        body = acme_admin.get(address).content.decode()
        assert "<td>Adjuster</td>" in body.partition(f'data-id="{who.id}"')[2].partition("</tr>")[0]
    operator = colleague(acme, role="mhcis_operator")
    page = acme_admin.get("/users").content.decode()
    told = page.partition(f'data-id="{operator.id}"')[2].partition("</tr>")[0]
    assert "<td>Operator</td>" in told
    assert "mhcis_operator" not in told.replace(operator.email, "").replace(operator.full_name, "")


def test_it_computes_the_effective_rights(acme: Scope, acme_admin: Browser) -> None:
    who = colleague(acme)
    panels = acme_admin.get(f"/users/{who.id}", headers={"accept": "application/json"}).json()
    before = {row["permission"] for row in panels["panels"]["rights"]["rows"] if row["may"]}
    grant(acme_admin, who)
    panels = acme_admin.get(f"/users/{who.id}", headers={"accept": "application/json"}).json()
    after = {row["permission"] for row in panels["panels"]["rights"]["rows"] if row["may"]}
    assert "claim.edit" in after - before
    assert before < after


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"role": "superadmin"}, "role"),
        ({"role": "system"}, "role"),
        ({"reason": "short"}, "reason"),
        ({"expires_on": "soon"}, "expires_on"),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        ({"expires_on": "2038-01-19"}, "expires_on"),
    ],
)
def test_it_refuses_a_bad_grant_and_keeps_the_values(
    fields: dict[str, str], named: str, acme: Scope, acme_admin: Browser
) -> None:
    who = colleague(acme)
    answer = grant(acme_admin, who, **fields)
    assert answer.status_code == 422
    body = answer.content.decode()
    assert f'href="#{named}"' in body
    if named != "reason":
        assert REASON in body
    with entered(acme):
        assert not UserRole.objects.within(acme).exists()


def test_it_writes_row_outbox_and_audit_together(acme: Scope, acme_admin: Browser) -> None:
    who = colleague(acme)
    values = {"form_id": form_of(acme_admin, who), "role": "adjuster", "reason": REASON}
    for _ in range(2):
        assert acme_admin.post(f"/users/{who.id}/roles", values).status_code == 303
    with entered(acme):
        assert UserRole.objects.within(acme).count() == 1
        assert AuthzOutbox.objects.within(acme).count() == 1
        row = AuditLog.objects.within(acme).get(action="user.role_granted")
    assert (row.entity_id, row.reason) == (who.id, REASON)


def test_it_lets_nobody_change_their_own_roles(acme: Scope) -> None:
    staff.organization(acme)
    admin = colleague(acme, "org_admin")
    browser = signed_in(admin)
    values = {"role": "finance_analyst", "reason": REASON, "form_id": "any"}
    for noun in ("role-revocations", "off-boardings"):
        answer = browser.post(f"/users/{admin.id}/{noun}", values)
        assert (answer.status_code, "own_roles" in answer.content.decode()) == (403, True)


def test_it_asks_for_a_fresh_proof(acme: Scope) -> None:
    staff.organization(acme)
    who, admin = colleague(acme), colleague(acme, "org_admin")
    browser = signed_in(admin)
    WebSession.objects.filter(account_id=admin.id).update(
        stepped_up_at=timezone.now() - timedelta(minutes=11)
    )
    sessions.forget()
    answer = browser.post(f"/users/{who.id}/off-boardings", {"reason": REASON})
    assert answer.status_code == 307
    assert answer["Location"].startswith("/login/confirm")


def test_it_off_boards_in_one_action_with_proof(acme: Scope, acme_admin: Browser) -> None:
    who = colleague(acme)
    grant(acme_admin, who)
    theirs = signed_in(who)
    assert theirs.get("/settings").status_code == 200
    answer = acme_admin.post(f"/users/{who.id}/off-boardings", {"reason": REASON})
    assert answer.status_code == 303
    assert theirs.get("/settings").status_code == 302
    page = acme_admin.get(f"/users/{who.id}").content.decode()
    assert 'data-proof="offboarded">Checked now: 0 rights left' in page
    with entered(acme):
        row = AuditLog.objects.within(acme).get(action="user.offboarded")
        assert not UserRole.objects.within(acme).filter(revoked_at=None).exists()
    assert row.before_json["roles"] == ["adjuster", "support"]


def test_it_reviews_everybody_with_one_bulk_check(
    acme: Scope, acme_admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("support", "finance_analyst", "adjuster"):
        colleague(acme, role)
    asked: list[int] = []
    backend = port.authorizer()
    many = backend.rights_of_many
    monkeypatch.setattr(
        backend, "rights_of_many", lambda s, p: asked.append(len(s)) or many(s, p), raising=False
    )
    answer = acme_admin.get("/access-review", headers={"accept": "application/json"})
    rows = {row["role"]: row for row in answer.json()["rows"]}
    assert asked == [3]
    assert "journal.post" in rows["finance_analyst"]["permissions"].split()
    assert "journal.post" not in rows["support"]["permissions"].split()
    csv = acme_admin.get("/access-review?format=csv")
    assert csv.status_code == 200
    assert b"permissions" in csv.content


def test_it_shows_the_privileged_log(acme: Scope, acme_admin: Browser) -> None:
    grant(acme_admin, colleague(acme))
    rows = acme_admin.get(
        "/access-review/privileged", headers={"accept": "application/json"}
    ).json()["rows"]
    assert rows[0]["action"] == "user.role_granted"


def test_it_refuses_the_next_request_after_a_revocation(acme: Scope, on_spicedb: Client) -> None:
    staff.organization(acme)
    admin, who = colleague(acme, "org_admin"), colleague(acme)
    now = timezone.now()
    with entered(SystemScope(acme.org_id, "service:authz")) as scope:
        relations.sync(on_spicedb, scope, now=now)
    manager = signed_in(admin)
    assert grant(manager, who, role="org_admin").status_code == 303
    theirs = signed_in(who)
    assert theirs.get("/users").status_code == 200, "the grant counts once the tuple is there"
    values = {"role": "org_admin", "reason": REASON}
    assert manager.post(f"/users/{who.id}/role-revocations", values).status_code == 303
    assert theirs.get("/users").status_code in (302, 403), "its sessions ended with the rights"
    assert signed_in(who).get("/users").status_code == 403
    with entered(SystemScope(acme.org_id, "service:authz")) as scope:
        assert not relations.difference(on_spicedb, scope, now=timezone.now())


def test_it_asks_once_a_list_page(acme: Scope, on_spicedb: Client) -> None:
    staff.organization(acme)
    admin = colleague(acme, "org_admin")
    with entered(SystemScope(acme.org_id, "service:authz")) as scope:
        relations.sync(on_spicedb, scope, now=timezone.now())
    browser, used = signed_in(admin), on_spicedb
    browser.get("/users")
    for path, most in (("/users", 1), ("/access-review", 2), (f"/users/{admin.id}", 2)):
        before = used.calls
        assert browser.get(path).status_code == 200
        assert used.calls - before <= most, path


def test_it_shows_a_refused_reason_in_the_form_it_came_from(
    acme: Scope, acme_admin: Browser
) -> None:
    person = colleague(acme)
    answer = acme_admin.post(f"/users/{person.id}/off-boardings", {"reason": "short"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#reason-offboard"' in page
    assert 'id="reason-offboard" name="reason" value="short"' in page
    assert 'id="reason" name="reason" type="text" value=""' in page
