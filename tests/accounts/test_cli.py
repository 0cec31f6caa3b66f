"""`openinsure token` and `openinsure accounts`: what they print and how they exit."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from dbops.cli.main import main
from openinsure import environment
from openinsure.accounts import people, tokens
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.models import Account
from openinsure.audit.record import PLATFORM_ORG_ID, AuditEvent
from tests.accounts.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]
Trail = list[AuditEvent]
ORG = "0190a000-0000-7000-8000-00000000000a"
NEW = ["accounts", "create", "--email", "Ann@Acme.test", "--name", "Ann Lee", "--org", ORG]
OF_PLATFORM = [*NEW[:-1], PLATFORM_ORG_ID]


@pytest.fixture(autouse=True)
def no_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)


def claims(text: str) -> tokens.Claims:
    return tokens.verify(text.strip(), rules=token_rules(), now=timezone.now())


def admin(role: str = "org_admin", org: str = ORG) -> Account:
    return people.create_account(person(role, org_id=org), password_hash=None, now=timezone.now())


def test_it_prints_a_token_of_an_account(account: Account, capsys: Out) -> None:
    assert main(["token", "--email", account.email.upper()]) == 0
    found = claims(capsys.readouterr().out)
    assert (found.sub, found.org, found.role) == (account.user_id, account.org_id, "support")


def test_it_prints_a_token_of_the_machine_as_json(capsys: Out) -> None:
    assert main(["token", "--system", "--minutes", "5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = claims(told["token"])
    assert (found.org, found.role) == (PLATFORM_ORG_ID, "system")
    assert found.expires_at - found.issued_at == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["token"], 2),
        (["token", "--email", "a@b.test", "--system"], 2),
        (["token", "--system", "--minutes", "0"], 2),
        (["token", "--system", "--minutes", "1441"], 2),
        (["token", "--system", "--minutes", "x"], 2),
        (["token", "--email", "nobody@nowhere.test"], 3),
        (["token", "--help"], 0),
        (["accounts"], 2),
        (["accounts", "destroy"], 2),
        ([*NEW, "--role", "system"], 2),
        ([*NEW, "--role", "producer"], 2),
        (["accounts", "disable", "nobody@nowhere.test"], 3),
    ],
)
def test_it_exits_by_the_table(words: list[str], code: int, capsys: Out) -> None:
    assert main(words) == code
    assert capsys.readouterr().err or code == 0


def test_it_says_in_words_what_no_id_is(capsys: Out) -> None:
    assert main(["accounts", "create", "--org", "acme"]) == 2
    assert "argument --org: 'acme' is not a UUID" in capsys.readouterr().err


def test_it_makes_no_tokens_in_production(
    capsys: Out, monkeypatch: pytest.MonkeyPatch, account: Account
) -> None:
    monkeypatch.setattr(environment, "name", lambda: "production")
    assert main(["token", "--email", account.email]) == 4
    assert "identity service" in capsys.readouterr().err


def test_it_makes_the_first_account_without_identity(capsys: Out, trail: Trail) -> None:
    assert main([*OF_PLATFORM, "--role", "superadmin", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    made = Account.objects.get()
    assert (made.email, made.role, made.org_id) == ("ann@acme.test", "superadmin", PLATFORM_ORG_ID)
    assert made.check_password(told["password"])
    assert [(event.action, event.actor_user_id) for event in trail] == [("account.created", None)]


def test_it_needs_an_identity_for_the_second(capsys: Out, trail: Trail) -> None:
    first = admin()
    assert main([*NEW, "--role", "support"]) == 4
    assert "No identity" in capsys.readouterr().err
    assert main([*NEW, "--role", "support", "--as", first.email]) == 0
    assert trail[-1].actor_user_id == first.user_id


@pytest.mark.parametrize(
    ("role", "org", "code"),
    [
        ("superadmin", PLATFORM_ORG_ID, 0),
        ("org_admin", ORG, 0),
        ("org_admin", PLATFORM_ORG_ID, 4),
        ("support", ORG, 4),
        ("auditor", PLATFORM_ORG_ID, 4),
    ],
)
def test_it_asks_for_the_right_to_manage_users(
    role: str, org: str, code: int, trail: Trail, capsys: Out
) -> None:
    assert main([*NEW, "--role", "support", "--as", admin(role, org).email]) == code


@pytest.mark.parametrize("wanted", ["superadmin", "auditor", "db_operator", "db_approver"])
def test_it_lets_only_the_platform_make_people_of_the_platform(
    wanted: str, trail: Trail, capsys: Out
) -> None:
    assert main([*NEW, "--role", wanted]) == 2
    of_acme, of_all = admin().email, admin("superadmin", PLATFORM_ORG_ID).email
    of_platform = admin("org_admin", PLATFORM_ORG_ID).email
    refused = [main([*NEW, "--role", wanted, "--as", who]) for who in (of_acme, of_all)]
    assert refused == [2, 2]
    refused = [
        main([*OF_PLATFORM, "--role", wanted, "--as", who]) for who in (of_acme, of_platform)
    ]
    assert refused == [4, 4]
    assert not Account.objects.filter(email="ann@acme.test").exists()
    assert main([*OF_PLATFORM, "--role", wanted, "--as", of_all]) == 0


def test_it_acts_for_the_bearer_of_a_token(
    trail: Trail, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["token", "--email", admin().email])
    monkeypatch.setenv("OPENINSURE_TOKEN", capsys.readouterr().out.strip())
    assert main([*NEW, "--role", "support", "--no-password"]) == 0
    assert not Account.objects.get(email="ann@acme.test").has_usable_password()
    assert main([*NEW, "--role", "support", "--token", "junk"]) == 4


def test_it_takes_as_in_local_only(
    trail: Trail, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = admin().email
    monkeypatch.setattr(environment, "name", lambda: "staging")
    assert main([*NEW, "--role", "support", "--as", email]) == 4


def test_it_refuses_a_taken_address(trail: Trail, capsys: Out) -> None:
    email = admin().email
    again = ["accounts", "create", "--email", email, "--name", "B", "--org", ORG]
    assert main([*again, "--role", "support", "--as", email]) == 1
    assert "exists" in capsys.readouterr().err


def test_it_disables_and_resets(
    account: Account, trail: Trail, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = admin(org=account.org_id).email
    monkeypatch.setattr("sys.stdin", io.StringIO("a new password!\n"))
    assert main(["accounts", "reset-factor", account.email, "--as", by, "--password-stdin"]) == 0
    assert Account.objects.get(user_id=account.user_id).check_password("a new password!")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["accounts", "reset-factor", account.email, "--as", by, "--password-stdin"]) == 2
    assert main(["accounts", "disable", account.email, "--as", by, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["state"] == "disabled"
    assert [event.action for event in trail] == ["account.factor_reset", "account.disabled"]


@pytest.mark.parametrize(
    ("email", "field"),
    [("ann", "email"), ("a b@c.test", "email"), ("x" * 250 + "@a.test", "email")],
)
def test_it_names_the_field_it_cannot_take(
    email: str, field: str, trail: Trail, capsys: Out
) -> None:
    words = [
        "accounts",
        "create",
        "--email",
        email,
        "--name",
        "A",
        "--org",
        ORG,
        "--role",
        "support",
    ]
    assert main(words) == 2
    assert field in capsys.readouterr().err
    assert PASSWORD not in capsys.readouterr().out
