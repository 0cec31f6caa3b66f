"""/ops/db/<slug>: history, structures compared, connections, runbook beside the failure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbops import comparisons, inventory, runbooks, store, strip
from dbops.catalog.comparing import Compared, Comparison
from dbops.catalog.model import Column, Schema, Table
from dbops.cli.main import main
from dbops.inventory import Target
from dbops.models import StoredSnapshot
from dbops.readings import Drift, Migration, Reading, State
from dbops.rows import Period, merged
from tests.dbops.conftest import NOW

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
Use = Callable[..., list[Target]]
JSON = {"HTTP_ACCEPT": "application/json"}
HISTORY = "/ops/db/ai/history"
ACTING = {
    "drizzle": ("pending modified skipped orphaned partial drifted unverified", "ai"),
    "d1": ("pending modified orphaned partial drifted unverified", "oi-auth"),
    "prisma": ("pending failed modified orphaned partial drifted unverified", "documenso-db"),
    "spicedb": ("behind ahead partial", "spicedb"),
    "none": ("failed", "tigerbeetle"),
}


def seen(state: State, detail: str = "190 tables", at: datetime | None = None, **more: Any) -> None:
    found = Reading(state=state, detail=detail, read_at=at or timezone.now(), **more)
    store.save("ai", found, taken_by="beat")


def structured(at: datetime, **columns: str) -> None:
    held = {name: Column(name, kind, False, n) for n, (name, kind) in enumerate(columns.items())}
    live = Schema("oi_claims", "mysql", {"claims": Table("claims", held)})
    one = Compared("oi_claims", "", "basis", 1, len(held), 0, live=live)
    comparisons.save(Comparison("ai", at, (one,), ()))


def test_it_draws_states_over_time(operator: Client) -> None:
    now = timezone.now()
    for days, state in ((3, State.IN_SYNC), (2, State.DRIFTED), (0.5, State.IN_SYNC)):
        seen(state, at=now - timedelta(days=days))
    html = operator.get(HISTORY).content.decode()
    assert 'data-page="ops.history"' in html
    bar = r'<rect x="(\d+)".*?height="(\d+)" data-tone="(\w+)" data-state="(\w+)"'
    drawn = re.findall(bar, html)
    assert [(tone, state) for _, _, tone, state in drawn] == [
        ("ok", "in_sync"), ("bad", "drifted"), ("ok", "in_sync"),
    ]  # fmt: skip
    assert int(drawn[1][1]) > int(drawn[0][1])  # worse is taller: not told by colour alone
    assert "style=" not in html
    told = operator.get(f"{HISTORY}?days=1", **JSON).json()["panels"]["states"]["rows"]
    assert [row["state"] for row in told] == ["in_sync"]


def test_it_cuts_stretches_to_the_span() -> None:
    since = NOW - timedelta(days=1)
    periods = [
        Period("in_sync", "", NOW - timedelta(days=9), NOW - timedelta(hours=12)),
        Period("unreachable", "", NOW - timedelta(hours=12), NOW - timedelta(hours=12)),
        Period("in_sync", "", NOW - timedelta(days=9), NOW - timedelta(days=8)),
    ]
    first, moment = strip.bars(periods, since, NOW)
    assert (first.x, first.width) == (0, strip.WIDTH // 2)
    assert (moment.x, moment.width) == (strip.WIDTH // 2, strip.NARROWEST)


def test_it_shows_what_follows_and_says_the_same_as_one() -> None:
    def period(state: str, start: int, end: int) -> Period:
        return Period(state, "x", NOW - timedelta(minutes=start), NOW - timedelta(minutes=end))

    parts = [period("in_sync", 9, 0), period("in_sync", 20, 10), period("in_sync", 60, 50)]
    found = merged([*parts, period("drifted", 70, 61)])
    assert found == [period("in_sync", 20, 0), *parts[2:], period("drifted", 70, 61)]


def test_it_tells_what_changed_between_two_structures(operator: Client) -> None:
    now = timezone.now()
    structured(now - timedelta(days=2), id="char(36)", note="varchar(40)")
    structured(now - timedelta(days=1), id="char(36)", note="varchar(40)")
    structured(now, id="char(36)", note="varchar(20)")
    old, new = StoredSnapshot.objects.order_by("id")
    assert old.seen_at - old.first_at == timedelta(days=1)
    html = operator.get(HISTORY).content.decode()
    assert f"earlier={old.pk}&amp;later={new.pk}" in html
    asked = f"{HISTORY}?earlier={old.pk}&later={new.pk}"
    html = operator.get(asked).content.decode()
    assert 'data-finding="column_type_narrowed"' in html
    (row,) = operator.get(asked, **JSON).json()["panels"]["change"]["rows"]
    assert (row["object"], row["expected"], row["actual"]) == (
        "claims.note", "varchar(40)", "varchar(20)",
    )  # fmt: skip
    back = operator.get(f"{HISTORY}?earlier={new.pk}&later={old.pk}", **JSON).json()
    assert back["panels"]["change"]["rows"][0]["kind"] == "column_type_widened"


def test_it_says_that_an_old_spelling_cannot_be_compared(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr("dbops.catalog.model.NORMALISER", "0")
    structured(now - timedelta(days=1), id="char(36)")
    monkeypatch.undo()
    structured(now, id="bigint")
    old, new = StoredSnapshot.objects.order_by("id")
    html = operator.get(f"{HISTORY}?earlier={old.pk}&later={new.pk}").content.decode()
    assert "These two cannot be compared." in html


@pytest.mark.parametrize(
    ("query", "status"),
    [("days=2", 400), ("days=x", 400), ("colour=red", 400), ("earlier=1", 400),
     ("earlier=1&later=2", 404), ("later=%E2%82%AC", 400), ("days=", 200)],
)  # fmt: skip
def test_it_refuses_what_it_does_not_know(operator: Client, query: str, status: int) -> None:
    assert operator.get(f"{HISTORY}?{query}").status_code == status


def test_it_compares_only_structures_of_one_schema(operator: Client) -> None:
    structured(timezone.now(), id="char(36)")
    (one,) = StoredSnapshot.objects.all()
    other = StoredSnapshot.objects.create(
        slug="ai", keyspace="oi_billing", fingerprint="x", first_at=NOW, seen_at=NOW, packed=b""
    )
    answer = operator.get(f"{HISTORY}?earlier={one.pk}&later={other.pk}", **JSON)
    assert (answer.status_code, "oi_claims" in answer.content.decode()) == (400, True)
    foreign = StoredSnapshot.objects.create(
        slug="oi-auth", keyspace="x", fingerprint="x", first_at=NOW, seen_at=NOW, packed=b""
    )
    answer = operator.get(f"{HISTORY}?earlier={one.pk}&later={foreign.pk}")
    assert answer.status_code == 404


def test_it_shows_how_a_database_is_reached(operator: Client) -> None:
    html = operator.get("/ops/db/ai/connections").content.decode()
    assert 'data-place="production"' in html
    assert "safe migrations" in html
    assert "READER_URL" in html
    rows = operator.get("/ops/db/oi-auth/connections", **JSON).json()["panels"]["places"]["rows"]
    assert [row["address_from"] for row in rows] == ["", "CLOUDFLARE_API_TOKEN"]


@pytest.mark.parametrize(("slug", "words"), [("ai", "We manage it"), ("spicedb", "Self-managed")])
@pytest.mark.parametrize(
    "section", ["", "/migrations", "/drift", "/history", "/connections", "/runbook"]
)
def test_it_says_everywhere_whose_it_is(
    operator: Client, slug: str, words: str, section: str
) -> None:
    html = operator.get(f"/ops/db/{slug}{section}").content.decode()
    assert words in html
    assert f'data-owner="{"we" if slug == "ai" else "self"}"' in html


def test_it_puts_the_runbook_beside_the_failure(operator: Client) -> None:
    seen(State.DRIFTED, "drift: 1 critical; 190 tables", drift=Drift(critical=1))
    html = operator.get("/ops/db/ai").content.decode()
    assert 'data-runbook="Drifted: the live schema differs"' in html
    assert 'data-runbook="Pending: files that have not run"' not in html
    page = operator.get("/ops/db/ai/runbook").content.decode()
    assert page.index('data-runbook="Drifted') < page.index('data-runbook="Pending')
    assert '"BLOB/TEXT in key"' in page.replace("&#34;", '"')
    assert 'data-copy="openinsure db migrate --ps --local --dry-run' in page


@pytest.mark.parametrize("tool", ACTING)
def test_it_has_a_section_for_every_state_that_needs_somebody(tool: str) -> None:
    states, slug = ACTING[tool]
    database = next(one for one in inventory.databases() if one.slug == slug)
    sections = runbooks.read(database.runbook)
    for state in states.split():
        assert runbooks.fitting(sections, state, "190 tables"), state
    assert runbooks.fitting(sections, "unknown", "no answer within 2 s")
    assert runbooks.fitting(sections, "unreachable", "refused the connection")
    assert runbooks.fitting(sections, "in_sync", "190 tables") == ()


def test_it_gives_the_command_of_what_is_pending(operator: Client) -> None:
    one = Migration("0009_x", "oi_claims", "pending", "a" * 64, None, 2, "no ledger row",
                    "openinsure db migrate --ps")  # fmt: skip
    done = one._replace(tag="0008_w", state="applied", repair="")
    label = "oi_claims/0009_x"
    seen(State.PENDING, migrations=(done, one), applied=1, available=2, pending=(label,))
    html = operator.get("/ops/db/ai/migrations").content.decode()
    assert 'data-todo="oi_claims/0009_x" data-state="pending"' in html
    assert 'data-todo="oi_claims/0008_w"' not in html
    assert 'data-copy="openinsure db migrate --ps"' in html


def test_it_asks_again_only_for_something_new(operator: Client) -> None:
    seen(State.IN_SYNC)
    fragment = {"HTTP_HX_REQUEST": "true"}
    html = operator.get("/ops", **fragment).content.decode()
    assert html.lstrip().startswith('<div class="stack" id="databases" data-poll="30"')
    (version,) = re.findall(r'data-version="(\w+)"', html)
    assert operator.get(f"/ops?version={version}", **fragment).status_code == 204
    assert operator.get(f"/ops?version={version}").status_code == 200
    seen(State.DRIFTED)
    assert operator.get(f"/ops?version={version}", **fragment).status_code == 200


def test_it_returns_to_the_database_after_a_check(operator: Client, use: Use) -> None:
    from tests.dbops.test_ops_pages import ENTRY

    use(ENTRY.format(slug="tb", status="active", variable="TB_URL"), TB_URL="")
    answer = operator.post("/ops/db/tb/readings", {"next": "database"})
    assert (answer.status_code, answer["Location"]) == (303, "/ops/db/tb")


def test_it_does_not_call_another_comparison_a_change(operator: Client) -> None:
    now = timezone.now()
    for minutes in (60, 30, 0):
        at = now - timedelta(minutes=minutes)
        seen(State.IN_SYNC, at=at, drift_checked_at=at)
    (row,) = operator.get(HISTORY, **JSON).json()["panels"]["states"]["rows"]
    assert row["state"] == "in_sync"
    assert operator.get("/ops/db/ai", **JSON).json()["row"]["drift_checked_at"] == f"{now:%FT%TZ}"


def test_it_looks_at_all_of_them_while_one_hangs(
    operator: Client, use: Use, hung: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dbops import collect
    from tests.dbops.test_deadlines import entry

    monkeypatch.setattr(collect, "DEADLINE_S", 0.3)
    toml = entry("hung", "mysql") + entry("tb", "tigerbeetle")
    use(toml, HUNG_URL=f"mysql://a:b@127.0.0.1:{hung}/x", TB_URL="")
    answer = operator.post("/ops/readings")
    assert (answer.status_code, answer["Location"]) == (303, "/ops")
    rows = {row["slug"]: row for row in operator.get("/ops", **JSON).json()["rows"]}
    assert (rows["hung"]["state"], rows["tb"]["state"]) == ("unknown", "running")
    assert "no answer within 0.3 s" in rows["hung"]["detail"]
    html = operator.get("/ops/db/hung").content.decode()
    assert "no answer within 0.3 s" in html
    told = operator.post("/ops/readings", **JSON).json()
    assert [row["slug"] for row in told["rows"]] == ["hung", "tb"]


def test_it_tells_the_same_on_the_command_line(
    operator: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    now = timezone.now()
    seen(State.IN_SYNC, at=now - timedelta(days=2))
    seen(State.DRIFTED)
    structured(now - timedelta(days=1), id="char(36)", note="varchar(40)")
    structured(now, id="char(36)", note="varchar(20)")
    old, new = StoredSnapshot.objects.order_by("id")

    def told(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["db", "history", "ai", "--json", *words])
        return code, json.loads(capsys.readouterr().out)

    code, said = told()
    assert (code, [one["state"] for one in said["states"]]) == (0, ["drifted", "in_sync"])
    assert [one["id"] for one in said["structures"]] == [new.pk, old.pk]
    code, said = told("--compare", str(old.pk), str(new.pk))
    page = operator.get(f"{HISTORY}?earlier={old.pk}&later={new.pk}", **JSON).json()
    assert (code, said["changes"]) == (6, page["panels"]["change"]["rows"])
    assert main(["db", "history", "ai", "--compare", str(new.pk), str(new.pk)]) == 0
    assert main(["db", "history", "ai", "--compare", "1", "999999999"]) == 3
    assert main(["db", "history", "nowhere"]) == 3
    assert main(["db", "history", "ai", "--days", "0"]) == 2
    assert main(["db", "history", "ai"]) == 0
    assert "drifted" in capsys.readouterr().out
