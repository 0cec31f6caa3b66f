"""/ops/db/spicedb beside the datastore: schema drift, what waits, the nightly comparison."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from dbops import relations as panel
from openinsure.authz import outbox, relationships, schema, standing
from openinsure.authz.client import Client, Endpoint
from openinsure.authz.lag import Lag
from openinsure.authz.relationships import Tuple, touch
from openinsure.jobs import relating, relations
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.authz.conftest import spice

__all__ = ["spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])
PAGE = "/ops/db/spicedb"


def told(operator: Browser) -> dict[str, dict[str, Any]]:
    """The rows of the panel by name."""
    page = operator.get(PAGE, headers={"accept": "application/json"}).json()
    return {row["name"]: row for row in page["panels"]["relations"]["rows"]}


@pytest.fixture
def org(acme: Scope, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scope]:
    """The only organisation there is."""
    with entered(SystemScope(acme.org_id, "service:authz")) as scope:
        monkeypatch.setattr(relating, "organizations", lambda *_: iter([scope]))
        yield scope


def test_it_says_what_was_never_seen(operator: Browser) -> None:
    assert {row["state"] for row in told(operator).values()} == {"not seen"}


def test_it_shows_the_drift_of_the_live_schema(
    operator: Browser, spice: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "answers_rights", lambda: True)
    monkeypatch.setattr(panel, "client", lambda: spice)
    standing.look_at_schema(spice, now=timezone.now())
    assert told(operator)["schema"]["state"] == "equal"
    wanted = schema.written().replace("permission run_jobs = db_operator + system", "")
    monkeypatch.setattr(schema, "written", lambda: wanted)  # others share the live one
    assert operator.post(f"{PAGE}/readings").status_code == 303, "check now looks at it too"
    row = told(operator)["schema"]
    assert row["state"] == "drifted"
    assert any("platform#run_jobs" in one for one in row["found"])
    page = operator.get(PAGE).content.decode()
    assert 'data-relation="schema" data-state="drifted"' in page


def test_it_says_that_spicedb_does_not_answer(operator: Browser) -> None:
    nobody = Client(Endpoint("127.0.0.1:1", "any"))
    standing.look_at_schema(nobody, now=timezone.now())
    row = told(operator)["schema"]
    assert row["state"] == "unreachable"
    assert "127.0.0.1" not in row["detail"]


def test_it_shows_what_waits_and_why(operator: Browser, org: Scope, spice: Client) -> None:
    relating.watch(spice, now=timezone.now())
    assert told(operator)["outbox"]["state"] == "empty"
    waiting = touch(Tuple("organization", org.org_id, "support", "user", new_id()))
    outbox.put(org, waiting, now=timezone.now() - timedelta(seconds=90))
    relating.watch(spice, now=timezone.now())
    row = told(operator)["outbox"]
    assert row["state"] == "waiting"
    assert "1 change of 1 organization, the oldest waiting for 90 s" in row["detail"]
    outbox._count_attempt(org, "UNAVAILABLE", timezone.now())
    relating.watch(spice, now=timezone.now())
    row = told(operator)["outbox"]
    assert (row["state"], "tried 1 time: UNAVAILABLE" in row["detail"]) == ("failing", True)


def test_it_shows_what_the_comparison_found(operator: Browser, org: Scope, spice: Client) -> None:
    stray = Tuple("organization", org.org_id, "admin", "user", new_id())
    relationships.write(spice, touch(stray))
    relating.compare_all(spice, relations.sync, now=timezone.now())
    row = told(operator)["comparison"]
    assert row["state"] == "differed"
    assert f"surplus {stray}" in row["found"]
    relating.compare_all(spice, relations.sync, now=timezone.now())
    assert told(operator)["comparison"]["state"] == "equal"


def test_it_goes_grey_with_age(operator: Browser) -> None:
    standing.keep_outbox([Lag(0, None, 0, "")], now=timezone.now() - timedelta(minutes=4))
    assert told(operator)["outbox"]["state"] == "empty (stale)"


def test_it_says_when_spicedb_is_not_asked(operator: Browser) -> None:
    assert 'data-banner="backend"' in operator.get(PAGE).content.decode()


def test_it_shows_relations_on_no_other_database(operator: Browser) -> None:
    page = operator.get("/ops/db/ai", headers={"accept": "application/json"}).json()
    assert "relations" not in page["panels"]
