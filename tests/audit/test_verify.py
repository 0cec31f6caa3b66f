"""Stored chains, anchors and digests of reads: tampering in the database is found and named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import MySQLdb
import pytest
from django.conf import settings
from django.db import OperationalError, connections

from openinsure.audit import access, anchors, cli, housekeeping, reads, record
from openinsure.audit.access import Access
from openinsure.audit.anchors import ForgedAnchor, chain_state, exported, take_anchor
from openinsure.audit.chain import Fault, KeyRing
from openinsure.audit.verify import verify_chain
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import Visitor
from openinsure.tenancy.scope import SystemScope
from tests.audit import visitors
from tests.audit.test_append import make_event

pytestmark = pytest.mark.django_db(databases=visitors.ALIASES)
RING = KeyRing.parse(settings.AUDIT_KEYS)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture
def org() -> SystemScope:
    return SystemScope(visitors.make_org(), "service:test", new_id())


def fill(scope: SystemScope, rows: int) -> None:
    for number in range(rows):
        record.append(make_event(scope, actor_user_id=None, after={"n": number}))


def tamper(sql: str, *params: Any) -> None:
    """What somebody with the server's root password does: past the guard, in this transaction."""
    raw: MySQLdb.Connection = connections["oi_global"].connection
    raw.query(sql % tuple(raw.literal(value).decode() for value in params))


def fault_of(scope: SystemScope, known: dict[int, str] | None = None) -> Fault | None:
    return verify_chain(scope, ring=RING, anchors=known).fault


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("update audit_log set reason='x' where org_id=%s and seq=3", Fault("changed", 3)),
        ("update audit_log set after_json='{}' where org_id=%s and seq=5", Fault("changed", 5)),
        ("update audit_log set occurred_at=occurred_at + interval 1 second "
         "where org_id=%s and seq=2", Fault("changed", 2)),
        ("delete from audit_log where org_id=%s and seq=4", Fault("missing", 4)),
        ("delete from audit_log where org_id=%s and seq=1", Fault("missing", 1)),
        ("delete from audit_log where org_id=%s and seq>4", Fault("truncated", 5)),
        ("delete from audit_log where org_id=%s", Fault("truncated", 1)),
    ],
)  # fmt: skip
def test_it_names_tampering_in_the_database(
    org: SystemScope, tmp_path: Path, sql: str, fault: Fault
) -> None:
    fill(org, 6)
    take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW)
    known = exported(tmp_path, org.org_id, ring=RING)
    assert fault_of(org, known) is None
    tamper(sql, org.org_id)
    assert fault_of(org, known) == fault


def test_it_reads_a_long_chain_in_pages(org: SystemScope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openinsure.audit.verify.PAGE_ROWS", 7)
    fill(org, 21)
    report = verify_chain(org, ring=RING)
    assert (report.rows, report.head.seq, report.fault) == (21, 21, None)


def test_it_says_what_was_verified_and_what_broke(org: SystemScope, tmp_path: Path) -> None:
    assert chain_state(org).checked_at is None
    fill(org, 3)
    take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW)
    state = chain_state(org)
    assert (state.verified_to, state.seq, state.fault) == (NOW, 3, None)
    tamper("update audit_log set reason='x' where org_id=%s and seq=2", org.org_id)
    take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW + timedelta(hours=1))
    assert chain_state(org).fault == Fault("changed", 2)


@pytest.mark.parametrize("gone", [1, 2, 5])
def test_it_sees_a_cut_tail_in_the_hourly_run_too(
    org: SystemScope, tmp_path: Path, gone: int
) -> None:
    """The hourly run starts late in the chain; the row of the last anchor is still read again."""
    for hour in range(3):
        fill(org, 2)
        take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW + timedelta(hours=hour))
    tamper("delete from audit_log where org_id=%s and seq>%s", org.org_id, 6 - gone)
    report = take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW + timedelta(hours=3))
    assert report.fault is not None
    assert report.fault.kind in ("truncated", "missing")


def test_it_refuses_a_forged_export(org: SystemScope, tmp_path: Path) -> None:
    fill(org, 2)
    take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW)
    (path,) = (tmp_path / anchors.FOLDER).iterdir()
    told = json.loads(path.read_text())
    path.write_text(json.dumps({**told, "seq": 1}) + "\n")
    with pytest.raises(ForgedAnchor, match=f"{path.name}:1"):
        exported(tmp_path, org.org_id, ring=RING)


def read_by(scope: SystemScope, at: datetime) -> str:
    visitor = Visitor(user_id=new_id(), role="auditor", home_org_id=new_id())
    return access.record_access(
        Access(
            visitor=visitor,
            org_id=scope.org_id,
            route="/policies",
            filters={"status": ["active"]},
            reason="Sampling",
            request_id=new_id(),
            occurred_at=at,
        )
    )


def test_it_chains_the_reads_of_each_hour(org: SystemScope) -> None:
    for minutes in (0, 10, 10, 50):
        read_by(org, NOW.replace(minute=0) - timedelta(hours=1) + timedelta(minutes=minutes))
    read_by(org, NOW)  # this hour is not over
    assert reads.record_reads(org, at=NOW) is not None
    assert reads.record_reads(org, at=NOW) is None
    (row,) = visitors.chain(org.org_id)
    assert (row["action"], row["after_json"]["count"]) == ("crossorg.reads", 4)
    assert reads.changed_reads(org) == []
    assert reads.record_reads(org, at=NOW + timedelta(hours=1)) is not None
    assert [r["after_json"]["count"] for r in visitors.chain(org.org_id)] == [4, 1]


@pytest.mark.parametrize(
    "sql",
    [
        "delete from audit_access_log where org_id=%s and route='/policies' limit 1",
        "update audit_access_log set rows_returned=9 where org_id=%s limit 1",
        "update audit_access_log set actor_user_id='x' where org_id=%s limit 1",
    ],
)
def test_it_sees_a_changed_access_log(org: SystemScope, sql: str) -> None:
    for minutes in (5, 6, 7):
        read_by(org, NOW.replace(minute=0) - timedelta(minutes=minutes))
    reads.record_reads(org, at=NOW)
    tamper(sql, org.org_id)
    assert reads.changed_reads(org) == [1]


def test_it_reads_a_busy_hour_in_pages(org: SystemScope, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several rows of one millisecond must neither be lost nor counted twice."""
    since = NOW - timedelta(hours=2)
    for _ in range(5):
        read_by(org, since)
    whole = reads.digest_of(org, since=since, until=NOW)
    monkeypatch.setattr(reads, "PAGE_ROWS", 2)
    assert reads.digest_of(org, since=since, until=NOW) == whole
    assert whole.count == 5


def test_it_sweeps_every_organisation(org: SystemScope, tmp_path: Path) -> None:
    fill(org, 2)
    swept = housekeeping.sweep(ring=RING, files_dir=tmp_path, at=NOW)
    assert swept.broken == ()
    assert chain_state(org).seq == 2
    tamper("update audit_log set reason='x' where org_id=%s and seq=1", org.org_id)
    again = housekeeping.sweep(ring=RING, files_dir=tmp_path, at=NOW + timedelta(hours=1))
    assert again.broken == (org.org_id,)


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> Path:
    settings.FILES_DIR = str(tmp_path)
    return tmp_path


def test_it_prints_what_holds(
    org: SystemScope, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(org, 3)
    assert cli.main(["audit", "verify", "--org", org.org_id]) == 0
    assert capsys.readouterr().out == f"verified  {org.org_id}  3 rows\n"


def test_it_exits_6_with_the_first_bad_seq_and_kind(
    org: SystemScope, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(org, 3)
    tamper("delete from audit_log where org_id=%s and seq=2", org.org_id)
    assert cli.main(["audit", "verify", "--org", org.org_id, "--json"]) == 6
    (told,) = json.loads(capsys.readouterr().out)["organizations"]
    assert (told["state"], told["first_bad_seq"], told["kind"]) == ("broken", 2, "missing")


def test_it_exits_5_when_the_store_is_away(
    org: SystemScope, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("openinsure.audit.cli.verify_chain", _raise_operational)
        assert cli.main(["audit", "verify", "--org", org.org_id]) == 5


def _raise_operational(*_: Any, **__: Any) -> None:
    raise OperationalError(2002, "injected")


def test_it_exits_3_and_2_for_what_is_not_there(files: Path) -> None:
    assert cli.main(["audit", "verify", "--org", new_id()]) == 3
    assert cli.main(["audit", "verify", "--org", "ACME"]) == 2


def test_it_dates_anchors_by_the_clock_it_is_given(org: SystemScope, tmp_path: Path) -> None:
    fill(org, 1)
    take_anchor(org, ring=RING, files_dir=tmp_path, at=NOW)
    assert chain_state(org).checked_at == NOW
