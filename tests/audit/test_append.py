"""Appending: gapless from 1, one chain per organisation, joined to the caller's transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import OperationalError, connections, transaction

from openinsure.audit import record, writing
from openinsure.audit.chain import GENESIS, KeyRing, Walk
from openinsure.audit.masking import MASK
from openinsure.audit.models import AuditLog
from openinsure.audit.record import AuditEvent
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Unavailable
from openinsure.tenancy.scope import Scope, active_scope, entered

pytestmark = pytest.mark.django_db(databases=["oi_global"])
NOW = datetime(2026, 11, 20, 7, 0, 0, 123_456, tzinfo=UTC)


def make_event(scope: Scope, **values: Any) -> AuditEvent:
    given: dict[str, Any] = {
        "org_id": scope.org_id,
        "action": "policy.changed",
        "actor_user_id": scope.subject,
        "actor_role": "underwriter",
        "request_id": new_id(),
        "occurred_at": NOW,
        **values,
    }
    return AuditEvent(**given)


def rows_of(scope: Scope) -> list[dict[str, Any]]:
    with entered(scope):
        return list(AuditLog.objects.within(scope).order_by("seq").values())


def is_whole(rows: list[dict[str, Any]]) -> bool:
    walk = Walk(KeyRing.parse(settings.AUDIT_KEYS))
    walk.feed(rows)
    return walk.finish() is None and walk.rows == len(rows)


@contextmanager
def store_fails(code: int) -> Iterator[None]:
    with mock.patch.object(
        AuditLog.objects, "within", side_effect=OperationalError(code, "injected")
    ):
        yield


def test_it_numbers_each_organisation_from_one(acme: Scope, borealis: Scope) -> None:
    for scope in (acme, borealis, acme, acme):
        record.append(make_event(scope))
    assert [row["seq"] for row in rows_of(acme)] == [1, 2, 3]
    assert [row["seq"] for row in rows_of(borealis)] == [1]
    assert rows_of(acme)[0]["prev_hash"] == GENESIS


def test_it_writes_a_chain_that_holds_for_1000_rows(acme: Scope) -> None:
    for number in range(1_000):
        record.append(
            make_event(acme, object=f"ACM-2026-{number:06d}", before={"n": number}, after={})
        )
    rows = rows_of(acme)
    assert len(rows) == 1_000
    assert is_whole(rows)


def test_it_survives_the_database_for_every_kind_of_value(acme: Scope) -> None:
    """What comes back must hash as what went in: zones, emoji, ends, control characters."""
    record.append(
        make_event(
            acme,
            reason="  late\r\nnotice 😀 \x00 ",
            user_agent="Mozilla\t" + "é" * 400,
            ip="2001:db8::1",
            before={"when": NOW, "day": NOW.date(), "none": None, "deep": {"a": [1, "\ud800"]}},
            after={"text": "'; drop table -- \\ \"", "big": 2**62, "yes": True},
        )
    )
    record.append(make_event(acme))
    assert is_whole(rows_of(acme))


def test_it_masks_personal_data_on_both_sides(acme: Scope) -> None:
    personal = {"phone": "555", "payer_email": "a@b.c", "license_number_enc": "v1", "email": ""}
    record.append(make_event(acme, before=personal, after={"status": "x", "who": personal}))
    row = rows_of(acme)[0]
    assert row["before_json"] == {
        "phone": MASK,
        "payer_email": MASK,
        "license_number_enc": MASK,
        "email": "",
    }
    assert row["after_json"] == {"status": "x", "who": row["before_json"]}


def test_it_keys_an_object_without_id_by_its_text(acme: Scope) -> None:
    record.append(make_event(acme, entity_table="deploy_requests", object="7"))
    record.append(make_event(acme, entity_table="deploy_requests", object="7"))
    first, second = rows_of(acme)
    assert first["entity_id"] == second["entity_id"] == writing.object_id("deploy_requests", "7")
    assert first["after_json"] == {"object": "7"}


def test_it_refuses_values_without_one_form(acme: Scope) -> None:
    with pytest.raises(TypeError, match="float"):
        record.append(make_event(acme, after={"rate": 0.1}))
    assert rows_of(acme) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"org_id": "0190A000-0000-7000-8000-00000000000A"},
        {"action": "Policy Changed"},
        {"action": "policy"},
        {"action": "a." + "b" * 64},
        {"occurred_at": datetime(2026, 11, 20)},  # noqa: DTZ001
        {"reason": "x" * 256},
    ],
)
def test_it_refuses_a_malformed_event(acme: Scope, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        make_event(acme, **wrong)


def test_it_lives_and_dies_with_the_callers_transaction(acme: Scope) -> None:
    with transaction.atomic(using="oi_global"):
        record.append(make_event(acme))
        transaction.set_rollback(True, using="oi_global")
    assert rows_of(acme) == []
    record.append(make_event(acme))
    assert [row["seq"] for row in rows_of(acme)] == [1]


def test_it_says_unavailable_when_the_store_is_away(acme: Scope) -> None:
    with store_fails(2002), pytest.raises(Unavailable) as refusal:
        record.append(make_event(acme))
    assert (refusal.value.code, refusal.value.status) == ("audit_unavailable", 503)


def test_it_leaves_a_deadlock_to_the_owner_of_the_transaction(acme: Scope) -> None:
    """The server has undone the whole business transaction: retrying only the row would lie."""
    with store_fails(1213), pytest.raises(OperationalError), transaction.atomic(using="oi_global"):
        record.append(make_event(acme))


def test_it_leaves_the_entered_scope_alone(acme: Scope, borealis: Scope) -> None:
    with entered(acme):
        record.append(make_event(borealis))
        assert active_scope() == acme
    assert active_scope() is None


def test_it_stays_gapless_with_four_writers_at_once(acme: Scope) -> None:
    """Real connections and commits: each thread has its own, outside the test's transaction."""
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(25):
                record.append(make_event(acme))
        except BaseException as error:
            failures.append(error)
        finally:
            connections["oi_global"].close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    rows: list[dict[str, Any]] = []

    def read_committed() -> None:
        rows.extend(rows_of(acme))
        connections["oi_global"].close()

    reader = threading.Thread(target=read_committed)
    reader.start()
    reader.join()
    assert [row["seq"] for row in rows] == list(range(1, 101))
    assert is_whole(rows)


def test_it_sees_a_newer_head_than_its_own_snapshot(acme: Scope) -> None:
    """REPEATABLE READ: the transaction's snapshot is older than the other writer's row."""

    def append_elsewhere() -> None:
        record.append(make_event(acme))
        connections["oi_global"].close()

    other = threading.Thread(target=append_elsewhere)
    with transaction.atomic(using="oi_global"):
        assert rows_of(acme) == []  # the snapshot is taken here
        other.start()
        other.join()
        record.append(make_event(acme))
        with entered(acme):
            locking = AuditLog.objects.within(acme).select_for_update()
            assert sorted(locking.values_list("seq", flat=True)) == [1, 2]
