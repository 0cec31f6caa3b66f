"""/ops/db/<slug>/drift, acceptance and alerts: stored findings, marks, JSON, refusals."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbops import comparisons, store, tasks, watch
from dbops.catalog.comparing import Compared, Comparison
from dbops.catalog.findings import KINDS, Finding
from dbops.models import Notice
from dbops.readings import Migration, Reading, State
from tests.letters import Letters

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
PAGE, ACCEPT = "/ops/db/ai/drift", "/ops/db/ai/drift/acceptances"
JSON = {"HTTP_ACCEPT": "application/json"}
KEYS = {"kind", "severity", "object", "expected", "actual", "since", "cause", "accepted"}


def finding(kind: str, about: str) -> Finding:
    return Finding(
        database="ai", keyspace="oi_claims", kind=kind, severity=KINDS[kind], object=about,
        expected="varchar(40) NOT NULL", actual="absent", evidence_sql="SHOW CREATE TABLE x",
        fix_live="ALTER TABLE x ADD y;", fix_code="ALTER TABLE x DROP y;",
    )  # fmt: skip


@pytest.fixture
def compared() -> list[Finding]:
    """Two findings of ai, one critical."""
    found = (finding("column_missing", "claims.nick"), finding("comment_changed", "claims"))
    schema = Compared("oi_claims", "", "basis", 29, 468, 132)
    return comparisons.save(Comparison("ai", timezone.now(), (schema,), found))


def test_it_says_that_nothing_was_compared(operator: Client) -> None:
    html = operator.get(PAGE).content.decode()
    assert 'data-page="ops.drift"' in html
    assert 'data-panel-state="unavailable"' in html
    assert "openinsure db drift ai" in html


def test_it_is_empty_of_an_engine_without_a_schema(operator: Client) -> None:
    html = operator.get("/ops/db/spicedb/drift").content.decode()
    assert "This engine has no schema to compare." in html
    assert 'data-panel="drift" data-panel-state="empty"' in html


def test_it_says_what_a_clean_comparison_covered(operator: Client) -> None:
    schema = Compared("oi_claims", "", "basis", 29, 468, 132)
    comparisons.save(Comparison("ai", timezone.now(), (schema,), ()))
    html = operator.get(PAGE).content.decode()
    assert "No drift." in html
    assert "29 tables, 468 columns and 132 indexes compared" in html


def test_it_counts_one_in_the_singular(operator: Client) -> None:
    schema = Compared("oi_claims", "", "basis", 1, 1, 1)
    comparisons.save(Comparison("ai", timezone.now(), (schema,), ()))
    html = operator.get(PAGE).content.decode()
    assert "1 table, 1 column and 1 index compared" in html


def test_it_says_which_schema_cannot_be_compared(operator: Client) -> None:
    schema = Compared("oi_claims", "privileges: not all of it may be read")
    comparisons.save(Comparison("ai", timezone.now(), (schema,), ()))
    html = operator.get(PAGE).content.decode()
    assert 'data-blocked="oi_claims"' in html
    assert "No drift." not in html


def test_it_shows_findings_worst_first(operator: Client, compared: list[Finding]) -> None:
    html = operator.get(PAGE).content.decode()
    marks = 'data-finding="column_missing" data-severity="critical" data-object="claims.nick"'
    assert marks in html
    assert html.index("column_missing") < html.index("comment_changed")
    assert "ALTER TABLE x ADD y;" in html
    told = operator.get(PAGE, **JSON).json()
    assert told["page"] == "ops.drift"
    assert [row["severity"] for row in told["rows"]] == ["critical", "low"]
    assert set(told["rows"][0]) >= KEYS


def test_it_filters_by_severity(operator: Client, compared: list[Finding]) -> None:
    (row,) = operator.get(f"{PAGE}?severity=low", **JSON).json()["rows"]
    assert row["kind"] == "comment_changed"
    assert operator.get(f"{PAGE}?severity=loud").status_code == 400
    assert operator.get(f"{PAGE}?colour=red").status_code == 400
    assert operator.get("/ops/db/none/drift").status_code == 404


def test_it_accepts_with_a_reason(
    operator: Client, compared: list[Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    monkeypatch.setattr(tasks, "look_soon", lambda: looks.append("asked"))
    assert '<span class="tab-count">2</span>' in operator.get(PAGE).content.decode()
    posted = {"finding": compared[1].id, "reason": "it is only a note"}
    answer = operator.post(ACCEPT, posted)
    assert looks == ["asked"], "the state on the other pages follows"
    assert '<span class="tab-count">1</span>' in operator.get(PAGE).content.decode()
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    rows = operator.get(PAGE, **JSON).json()["rows"]
    assert "it is only a note" in rows[1]["accepted"]
    assert rows[0]["accepted"] is None


@pytest.mark.parametrize(
    ("field", "reason", "until"),
    [("reason", "no", ""), ("until", "a good reason", "2999-01-01"), ("until", "a reason", "x")],
)
def test_it_keeps_what_was_typed(
    operator: Client, compared: list[Finding], field: str, reason: str, until: str
) -> None:
    posted = {"finding": compared[0].id, "reason": reason, "until": until}
    answer = operator.post(ACCEPT, posted)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="{field}-error"' in html
    assert reason in html
    assert operator.post(ACCEPT, posted, **JSON).status_code == 422


def test_it_lets_nobody_else_accept(
    acme_support: Client, auditor: Client, compared: list[Finding]
) -> None:
    posted = {"finding": compared[0].id, "reason": "let me through"}
    for browser in (acme_support, auditor):
        assert browser.post(ACCEPT, posted).status_code == 403


def seen(state: State, detail: str = "190 tables", **more: Any) -> None:
    found = Reading(state=state, detail=detail, read_at=timezone.now(), **more)
    store.save("ai", found, taken_by="beat")


def causes() -> list[tuple[str, bool]]:
    rows = Notice.objects.filter(slug="ai").order_by("id")
    return [(row.cause, row.resolved_at is not None) for row in rows]


def test_it_tells_once_a_cause_and_once_when_it_is_over() -> None:
    for state in (State.IN_SYNC, State.PENDING, State.DRIFTED, State.DRIFTED):
        seen(state)
        watch.tell(now=timezone.now())
    assert causes() == [("drifted", False)]
    seen(State.UNREACHABLE, "refused the connection")
    assert watch.tell(now=timezone.now()) == 2
    assert causes() == [("drifted", True), ("unreachable", False)]
    seen(State.IN_SYNC)
    watch.tell(now=timezone.now())
    assert watch.tell(now=timezone.now() + timedelta(minutes=1)) == 0
    assert causes() == [("drifted", True), ("unreachable", True)]


class Bell(BaseHTTPRequestHandler):
    heard: list[bytes] = []

    def do_POST(self) -> None:
        Bell.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *words: Any) -> None:
        return


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    server = HTTPServer(("127.0.0.1", 0), Bell)
    Bell.heard = []
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OPENINSURE_ALERT_WEBHOOK", f"http://127.0.0.1:{server.server_port}/x")
    monkeypatch.setenv("OPENINSURE_ALERT_MAIL", "ops@openinsure.test")
    yield Bell.heard
    server.shutdown()


def test_it_mails_and_calls_the_webhook(webhook: list[bytes], letters: Letters) -> None:
    seen(State.DRIFTED, "drift: 1 high")
    watch.tell(now=timezone.now())
    assert b'"cause": "drifted"' in webhook[0]
    assert [one["To"] for one in letters()] == ["ops@openinsure.test"]
    assert Notice.objects.get(slug="ai").sent == "sent"


def test_it_goes_on_when_the_webhook_is_away(
    monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("OPENINSURE_ALERT_WEBHOOK", f"http://127.0.0.1:{closed_port}/x")
    seen(State.DRIFTED)
    assert watch.tell(now=timezone.now()) == 1
    assert Notice.objects.get(slug="ai").sent == "unknown"


def test_it_does_not_wait_for_a_webhook_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    told, stopped = Event(), Event()

    def drip(server: socket.socket) -> None:
        client, _ = server.accept()
        with client:
            client.sendall(b"HTTP/1.1 204 No Content\r\nX-Long: ")
            for _ in range(200):  # ten seconds
                if told.wait(0.05):
                    return
                client.sendall(b"x")
        stopped.set()

    monkeypatch.setattr(watch, "WEBHOOK_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        monkeypatch.setenv("OPENINSURE_ALERT_WEBHOOK", address)
        thread = Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        seen(State.DRIFTED)
        assert watch.tell(now=timezone.now()) == 1
        assert not stopped.is_set(), "it waited until the other side had enough"
        told.set()
        thread.join()
    assert Notice.objects.get(slug="ai").sent == "unknown"


def test_it_shows_the_statements_of_a_file(operator: Client) -> None:
    half, repair = "2 of 9 statements have run", "openinsure db resume ai oi_claims/x"
    one = Migration(
        "0003_disbursement_lists", "oi_claims", "partial", "a" * 64, None, 9, half, repair
    )
    seen_ = Reading(state=State.PARTIAL, detail="x", read_at=timezone.now(), migrations=(one,))
    store.save("ai", seen_, taken_by="beat")
    address = "/ops/db/ai/migrations/oi_claims/0003_disbursement_lists"
    html = operator.get(address).content.decode()
    assert 'data-migration="0003_disbursement_lists" data-state="partial"' in html
    assert "CREATE INDEX" in html
    assert "openinsure db resume ai oi_claims/x" in html
    told = operator.get(address, **JSON).json()
    assert told["panels"]["statements"]["rows"][0]["what"] == "add index"
    assert operator.get("/ops/db/ai/migrations/oi_claims/none").status_code == 404
    assert address in operator.get("/ops/db/ai/migrations").content.decode()


def test_it_accepts_all_that_may_be_accepted_at_once(
    operator: Client, compared: list[Finding]
) -> None:
    barred = finding("org_id_changed", "claims.org_id")
    schema = Compared("oi_claims", "", "basis", 29, 468, 132)
    found = [finding("column_missing", "claims.nick"), finding("comment_changed", "claims"), barred]
    comparisons.save(Comparison("ai", timezone.now(), (schema,), tuple(found)))
    html = operator.get(PAGE).content.decode()
    assert "Accept all 2 open findings for a time" in html
    assert "openinsure db drift ai --fixes" in html
    refused = operator.post(ACCEPT, {"finding": "all", "reason": ""})
    assert refused.status_code == 422
    assert "<details open><summary>Accept all 2" in refused.content.decode()
    assert operator.post(ACCEPT, {"finding": "all", "reason": "a new baseline"}).status_code == 303
    left = [one for one in comparisons.findings("ai", now=timezone.now()) if one.open]
    assert [one.kind for one in left] == ["org_id_changed"]
    assert "Accept all" not in operator.get(PAGE).content.decode()


@pytest.mark.parametrize(("slug", "words"), [
    ("ai", "MySQL and Vitess take no DDL back"),
    ("oi-auth", "one batch: a failure takes the whole file back"),
])  # fmt: skip
def test_it_says_what_a_failure_leaves_by_engine(operator: Client, slug: str, words: str) -> None:
    tag = "0001_x.sql"
    rows = (Migration(tag, "", "applied", repair="Read Me_first"),)
    detail = Reading(State.UNVERIFIED, "x", timezone.now(), migrations=rows)
    store.save(slug, detail, taken_by="beat")
    html = operator.get(f"/ops/db/{slug}/migrations/{tag}").content.decode()
    assert words in html
    assert "<p>Read Me_first.</p>" in html


def test_it_says_what_a_newer_reading_found(operator: Client) -> None:
    schema = Compared("oi_claims", "", "basis", 29, 468, 132)
    comparisons.save(Comparison("ai", timezone.now() - timedelta(minutes=9), (schema,), ()))
    seen = Reading(
        State.DRIFTED, "1 table", timezone.now(), findings=("table_missing oi_claims.claims",)
    )
    store.save("ai", seen, taken_by="beat")
    html = operator.get(PAGE).content.decode()
    assert "data-newer" in html
    assert "<code>oi_claims.claims</code> table missing" in html
    assert "No drift." not in html
    assert "No drift when it was compared" in html
    assert 'Drift <span class="tab-count">1</span>' in html
    assert "ms" not in operator.get("/ops/db/ai").content.decode().split("the collector")[1][:20]
