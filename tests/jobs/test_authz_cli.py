"""`openinsure authz`: what it prints and with which code it ends, on the real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openinsure import environment
from openinsure.audit.models import AuditLog
from openinsure.authz.client import Client
from openinsure.jobs import authz_cli
from openinsure.problems import Forbidden, NeedsSignIn
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.authz.conftest import spice
from tests.billing import posting

__all__ = ["spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = authz_cli.main(["authz", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_finds_the_applied_schema_equal(
    spice: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "schema", "--apply") == (0, {"differences": []})


def test_it_syncs_without_naming_an_organization(
    spice: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = said(capsys, "sync")
    assert code == 0
    assert isinstance(found, dict)
    assert said(capsys, "sync", "--dry-run") == (0, {})


def rows(scope: Scope) -> list[tuple[Any, ...]]:
    """What the audit log of the organization holds about making relationships equal."""
    with entered(scope):
        found = AuditLog.objects.within(scope).filter(action__startswith="authz.synced")
        return list(found.order_by("seq").values_list("action", "actor_role", "actor_user_id"))


def test_it_records_what_a_sync_changed(
    spice: Client, acme: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    posting.organization(acme)
    person = people.account("", "superadmin")
    words = ("sync", "--org", acme.org_id)
    assert said(capsys, *words, "--dry-run")[0] == 6
    assert rows(acme) == [], "nothing was changed"
    code, found = said(capsys, *words, "--as", person.email)
    assert (code, list(found)) == (0, [acme.org_id])
    named = ("superadmin", person.user_id)
    assert rows(acme) == [("authz.synced.intent", *named), ("authz.synced", *named)]
    with entered(acme):
        last = AuditLog.objects.within(acme).order_by("-seq")[0]
    assert f"organization:{acme.org_id}#" in json.dumps(last.after_json)
    assert said(capsys, *words, "--as", person.email) == (0, {})
    assert len(rows(acme)) == 2, "equal already: nothing to record"


def test_it_records_the_set_up_of_this_machine(
    spice: Client, acme: Scope, capsys: pytest.CaptureFixture[str]
) -> None:
    posting.organization(acme)
    assert said(capsys, "sync", "--org", acme.org_id)[0] == 0
    assert rows(acme) == [("authz.synced.intent", "system", None), ("authz.synced", "system", None)]


def test_it_lets_nobody_else_change_rights(acme: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    email = people.account(acme.org_id, "finance_analyst").email
    with pytest.raises(Forbidden, match="role superadmin"):
        authz_cli.main(["authz", "sync", "--as", email])
    monkeypatch.setattr(environment, "name", lambda: "staging")
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    with pytest.raises(NeedsSignIn):
        authz_cli.main(["authz", "sync"])


def test_it_answers_what_a_person_may(acme: Scope, capsys: pytest.CaptureFixture[str]) -> None:
    email = people.account(acme.org_id, "finance_analyst").email
    assert said(capsys, "check", email, "journal.post")[0] == 0
    assert said(capsys, "check", email, "policy.bind")[0] == 1


def test_it_says_that_spicedb_is_away(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SPICEDB_ENDPOINT, settings.SPICEDB_TOKEN = "127.0.0.1:1", "any"
    assert authz_cli.main(["authz", "schema"]) == 5
    assert "does not answer" in capsys.readouterr().err
