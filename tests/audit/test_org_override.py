"""`?orgId=` in every form, from every role: who may, who is refused, and what is recorded."""

from __future__ import annotations

from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from openinsure.audit.models import AuditAccessLog, AuditLog
from openinsure.audit.rows import result_of
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from tests.audit import visitors
from tests.audit.visitors import CROSSING, OTHERS

pytestmark = [
    pytest.mark.django_db(databases=visitors.ALIASES),
    pytest.mark.urls("tests.audit.visitors"),
]
PAGE = "/tenant-page"
NOBODY = "0190a000-0000-7000-8000-0000000000bb"
JSON = {"Accept": "application/json"}
SPELLINGS = ("orgId", "orgid", "ORGID", "org_id", "_org_Id_", "org-id", "orgId[]", "ｏｒｇＩｄ")


@pytest.fixture
def other() -> str:
    return visitors.make_org()


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize("form", ["own", "other", "unknown", "malformed", "empty", "repeated"])
def test_it_refuses_and_records_every_form_for_other_roles(
    role: str, form: str, other: str
) -> None:
    own = visitors.make_org("Acme Specialty MGA")
    account = visitors.make_account(role, own)
    values = {
        "own": [own],
        "other": [other],
        "unknown": [new_id()],
        "malformed": ["' or 1=1"],
        "empty": [""],
        "repeated": [own, own],
    }[form]
    response = visitors.bearer(account).get(PAGE, {"orgId": values}, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (403, "org_override_forbidden")
    (row,) = visitors.chain(own)
    assert (row["action"], row["actor_user_id"]) == ("crossorg.attempt", account.user_id)
    assert result_of(row["action"]) == "refused"
    assert row["after_json"]["asked"] == [f"orgId={value}" for value in values]
    assert visitors.accesses(other) == []


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_it_knows_every_spelling_as_an_attempt(spelling: str, other: str) -> None:
    own = visitors.make_org()
    client = visitors.signed_in(visitors.make_account("support", own))
    for response in (
        client.get(PAGE, {spelling: other}, headers=JSON),
        client.post(PAGE, {spelling: other}, headers=JSON),
    ):
        assert (response.status_code, response.json()["error"]) == (403, "org_override_forbidden")
    assert visitors.actions(own) == ["crossorg.attempt"] * 2


def test_it_refuses_an_attempt_it_cannot_record(other: str) -> None:
    client = visitors.bearer(visitors.make_account("support", visitors.make_org()))
    away = OperationalError(2002, "injected")
    with mock.patch.object(AuditLog.objects, "within", side_effect=away):
        response = client.get(PAGE, {"orgId": other}, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (503, "audit_unavailable")


@pytest.mark.parametrize("role", CROSSING)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("orgId=", 400),
        ("orgId=0190A000-0000-7000-8000-00000000000B", 400),
        ("orgId={0190a000-0000-7000-8000-00000000000b}", 400),
        ("orgId=%200190a000-0000-7000-8000-00000000000b", 400),
        ("orgId=0190a000-0000-7000-8000-00000000000b%00", 400),
        ("orgId=0", 400),
        ("orgId=[]", 400),
        (f"orgid={NOBODY}", 400),
        (f"org_id={NOBODY}", 400),
        (f"orgId={NOBODY}&orgId={NOBODY}", 400),
        (f"orgId={NOBODY}", 404),
    ],
)
@pytest.mark.parametrize("via", ["bearer", "session"])
def test_it_names_what_is_wrong_for_crossing_roles(
    role: str, query: str, status: int, via: str
) -> None:
    account = visitors.make_account(role)
    client = visitors.bearer(account) if via == "bearer" else visitors.signed_in(account)
    response = client.get(f"{PAGE}?{query}", headers=JSON)
    assert response.status_code == status
    if status == 400:
        assert response.json()["field"] == "orgId"
    else:
        assert response.json()["message"] == f"There is no organization {NOBODY}."


def test_it_reads_by_bearer_after_recording(other: str) -> None:
    account = visitors.make_account("auditor")
    headers = {**JSON, "X-Audit-Reason": "Quarterly sample 12"}
    response = visitors.bearer(account).get(PAGE, {"orgId": other, "q": "x"}, headers=headers)
    assert response.json() == {"org": other, "mode": "cross_read"}
    (row,) = visitors.accesses(other)
    assert (row["actor_user_id"], row["actor_role"]) == (account.user_id, "auditor")
    assert row["actor_home_org_id"] == PLATFORM_ORG_ID
    assert (row["route"], row["filter_json"]) == (PAGE, {"q": ["x"]})
    assert (row["reason"], row["rows_returned"]) == ("Quarterly sample 12", 3)


def test_it_lets_the_machine_read_but_never_write(other: str) -> None:
    client = visitors.system_bearer()
    assert client.get(PAGE, {"orgId": other}).json()["org"] == other
    response = client.post(f"{PAGE}?orgId={other}", headers=JSON)
    assert (response.status_code, response.json()["error"]) == (403, "read_only_grant")
    assert visitors.actions(other) == ["crossorg.write.refused"]
    assert len(visitors.accesses(other)) == 1


@pytest.mark.parametrize("reason", ["", "x" * 256, "né", "a\tb"])
def test_it_refuses_an_unprintable_reason(other: str, reason: str) -> None:
    client = visitors.bearer(visitors.make_account("auditor"))
    response = client.get(PAGE, {"orgId": other}, headers={**JSON, "X-Audit-Reason": reason})
    assert (response.status_code, response.json()["field"]) == (400, "X-Audit-Reason")
    assert visitors.accesses(other) == []


def test_it_keeps_the_record_of_a_read_that_fails(other: str) -> None:
    """The row is written before the read: it is there although the read never ended."""
    client = visitors.bearer(visitors.make_account("auditor"))
    assert client.get(f"{PAGE}/failing", {"orgId": other}).status_code == 500
    (row,) = visitors.accesses(other)
    assert (row["route"], row["rows_returned"]) == (f"{PAGE}/failing", 0)


def test_it_reads_nothing_that_it_cannot_record(other: str) -> None:
    client = visitors.bearer(visitors.make_account("auditor"))
    away = OperationalError(2002, "injected")
    with (
        mock.patch.object(AuditAccessLog.objects, "within", side_effect=away),
        mock.patch("tests.audit.visitors.active_scope", side_effect=AssertionError("was read")),
    ):
        response = client.get(PAGE, {"orgId": other}, headers=JSON)
    assert (response.status_code, response.json()["error"]) == (503, "audit_unavailable")
    assert response["Retry-After"]
    assert visitors.accesses(other) == []


def test_it_ignores_headers_that_name_an_organisation(other: str) -> None:
    own = visitors.make_org()
    client = visitors.bearer(visitors.make_account("support", own))
    headers = {**JSON, "X-Org-Id": other, "X-Organization": other, "orgId": other}
    assert client.get(PAGE, headers=headers).json() == {"org": own, "mode": "own"}


@pytest.mark.parametrize("role", CROSSING)
def test_it_takes_the_own_organisation_without_grant(role: str) -> None:
    home = visitors.make_org()
    client = visitors.bearer(visitors.make_account(role, home))
    assert client.get(PAGE, {"orgId": home}).json() == {"org": home, "mode": "own"}


def test_it_asks_platform_people_to_choose() -> None:
    account = visitors.make_account("auditor")
    refusal = visitors.bearer(account).get(PAGE, headers=JSON)
    assert (refusal.status_code, refusal.json()["error"]) == (403, "reason_required")
    page = visitors.signed_in(account).get(f"{PAGE}?status=active", headers={"Accept": "text/html"})
    assert (page.status_code, page["Location"]) == (
        302,
        "/orgs?next=%2Ftenant-page%3Fstatus%3Dactive",
    )
    own = visitors.bearer(account).get("/own-page")
    assert own.json() == {"org": PLATFORM_ORG_ID, "mode": "own"}


def test_it_streams_under_the_scope_and_counts(other: str) -> None:
    client = visitors.bearer(visitors.make_account("auditor"))
    response = client.get(f"{PAGE}/stream", {"orgId": other})
    assert visitors.accesses(other)[0]["rows_returned"] == 0
    body = b"".join(response)
    assert body.decode().split() == [other] * 3
    assert visitors.accesses(other)[0]["rows_returned"] == 3


def test_it_leaves_the_signed_out_alone(other: str) -> None:
    response = Client().get(PAGE, {"orgId": other}, headers=JSON)
    assert response.status_code == 401
    assert visitors.accesses(other) == []
