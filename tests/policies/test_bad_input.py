"""What /policies cannot understand: 400 naming parameter and rule, never all rows, never 500."""

from __future__ import annotations

import pytest
from django.test import Client

from openinsure.tenancy.scope import Scope
from tests import factories

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_policies", "oi_claims", "oi_billing"]
)

MALFORMED = [
    # (query, the parameter that the answer names)
    ("stats=active", "stats"),
    ("Status=active", "Status"),
    ("status[]=active", "status[]"),
    ("status__in=active", "status__in"),
    ("org__users__password=x", "org__users__password"),
    ("page=2", "page"),
    ("limit=10", "limit"),
    ("offset=10", "offset"),
    ("=active", "without a name"),
    ("%00=1", "?"),
    ("a%0d%0aSet-Cookie:x=1", "a??Set-Cookie:x"),
    ("x" * 5_000 + "=1", "x" * 60),
    ("status=", "status"),
    ("status=Active", "status"),
    ("status=active,bound", "status"),
    ("status=draft", "status"),
    ("status=active%00", "status"),
    ("status=active'%20or%201=1", "status"),
    ("status=" + "&status=".join(["active"] * 11), "status"),
    ("state=XX", "state"),
    ("state=fl", "state"),
    ("state=F", "state"),
    ("program=nope", "program"),
    ("program=", "program"),
    ("producer=%ED%A0%80", "producer"),
    ("producer=%F0%9F%9A%9A", "producer"),
    ("effective_from=2026-13-01", "effective_from"),
    ("effective_from=2026-02-29", "effective_from"),
    ("effective_from=0000-00-00", "effective_from"),
    ("effective_from=9999-12-31", "effective_from"),
    ("effective_from=2026-1-1", "effective_from"),
    ("effective_from=2026-W01-1", "effective_from"),
    ("effective_from=20260101", "effective_from"),
    ("effective_from=2026-01-01T00:00", "effective_from"),
    ("effective_from=%D9%A2%D9%A0%D9%A2%D9%A6-01-01", "effective_from"),
    ("effective_from=2026-02-01&effective_to=2026-01-01", "effective_to"),
    ("expires_to=tomorrow", "expires_to"),
    ("expires_from=2026-01-01&expires_from=2026-01-02", "expires_from"),
    ("balance=1", "balance"),
    ("balance=due&balance=none", "balance"),
    ("balance=due&sort=number", "sort"),
    ("balance=due&claims=open", "claims"),
    ("claims=closed", "claims"),
    ("sort=", "sort"),
    ("sort=status", "sort"),
    ("sort=--number", "sort"),
    ("sort=+number", "sort"),
    ("sort=number;drop", "sort"),
    ("sort=id", "sort"),
    ("sort=policy_number", "sort"),
    ("sort=number&sort=insured", "sort"),
    ("size=", "size"),
    ("size=9", "size"),
    ("size=201", "size"),
    ("size=-10", "size"),
    ("size=1e2", "size"),
    ("size=50.0", "size"),
    ("size=%EF%BC%95%EF%BC%90", "size"),
    ("size=9999999999999999999", "size"),
    ("size=20&size=30", "size"),
    ("columns=", "columns"),
    ("columns=number,secret", "columns"),
    ("columns=number,number", "columns"),
    ("columns=number,", "columns"),
    ("columns=insured_name", "columns"),
    ("after=", "after"),
    ("after=x", "after"),
    ("after=AAAA", "after"),
    ("after=" + "A" * 3_000, "after"),
    ("after=%00", "after"),
    ("after=%C3%A9", "after"),
    ("before=eyJpZCI6MX0", "before"),
    ("after=a&before=b", "before"),
    ("view=mine", "view"),
    ("view=", "view"),
    ("peek=1", "peek"),
    ("peek=", "peek"),
    ("peek=0190A000-0000-7000-8000-00000000000A", "peek"),
    ("peek={0190a000-0000-7000-8000-00000000000a}", "peek"),
    ("q=", "q"),
    ("q=smith%20trucking", "q"),
    ("q=%25", "q"),
    ("q=" + "A" * 200, "q"),
    ("t=abc", "t"),
    ("format=pdf", "format"),
    ("format=json", "format"),
    ("format=", "format"),
]


@pytest.mark.parametrize(("query", "field"), MALFORMED)
def test_it_names_the_parameter_and_the_rule(acme_script: Client, query: str, field: str) -> None:
    response = acme_script.get(f"/policies?{query}")
    assert response.status_code == 400
    body = response.json()
    assert body["error"] == "bad_parameter"
    start = f"The parameter {field} "
    assert body["message"].startswith(start)
    assert len(body["message"]) > len(start) + 10
    assert body["request_id"]


def test_it_shows_the_same_to_people(acme_support: Client) -> None:
    response = acme_support.get("/policies?status=<script>")
    assert response.status_code == 400
    page = response.content.decode()
    assert 'data-error="bad_parameter"' in page
    assert "must be one of bound, issued, active" in page
    assert "<script>" not in page.split("<main", 1)[1]


def test_it_survives_thousands_of_filters(acme_script: Client) -> None:
    response = acme_script.get("/policies?" + "&".join(f"f{n}=1" for n in range(5_000)))
    assert response.status_code == 400


def test_it_opens_no_cursor_of_another_list(
    acme_script: Client, borealis_script: Client, acme: Scope, borealis: Scope
) -> None:
    for scope in (acme, borealis):
        for _ in range(11):
            factories.policy(scope)
    cursor = acme_script.get("/policies?size=10").json()["next"].split("after=")[1]
    assert acme_script.get(f"/policies?size=10&after={cursor}").status_code == 200
    assert acme_script.get(f"/policies?size=200&columns=number&after={cursor}").status_code == 200
    for client, query in (
        (borealis_script, f"after={cursor}"),
        (acme_script, f"after={cursor}&status=active"),
        (acme_script, f"after={cursor}&sort=number"),
        (acme_script, f"after={cursor}&sort=updated"),
        (acme_script, f"after={cursor}&view=expiring"),
        (acme_script, f"after={cursor[:-1]}"),
        (acme_script, f"after={cursor[:-2]}AA"),
    ):
        response = client.get(f"/policies?{query}")
        assert response.status_code == 400, query
        assert "The parameter after is not a cursor" in response.json()["message"]
