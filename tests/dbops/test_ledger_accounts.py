"""Drift of the ledger engine: accounts missing or opened otherwise than their type says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dbops import collect, comparisons, ledger_accounts, watch
from dbops.catalog.findings import Finding
from dbops.inventory import Target
from dbops.ledger_accounts import Mapped
from dbops.readings import Deadline
from openinsure.ledger import accounts, ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.port import Account, AccountFlags, LedgerAway
from tests.dbops import corpus
from tests.dbops.conftest import NOW, MySql

pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "ledger_engine"])
LEDGER = 1_840
PAGE = "/ops/db/tigerbeetle/drift"


def mapped(number: int, kind: accounts.AccountType, **changes: Any) -> Mapped:
    one = Mapped(f"{number:032x}", kind.name, kind.sub_purpose, LEDGER, kind.code, int(kind.flags))
    return replace(one, **changes)


BOOK = [mapped(7_000 + n, kind) for n, kind in enumerate(accounts.TYPES)]


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> list[Mapped]:
    """Every type of account on the map, each open in the engine."""
    held = list(BOOK)
    monkeypatch.setattr(ledger_accounts, "read_map", lambda deadline: held)
    opened(*held)
    return held


def opened(*wanted: Mapped) -> None:
    asked = [
        Account(id=ids.number(one.id), ledger=one.ledger, code=one.code,
                flags=AccountFlags(one.flags))
        for one in wanted
    ]  # fmt: skip
    results = adapter().create_accounts(asked, deadline_ms=10_000)
    assert all(result.done for result in results), results


def found() -> list[Finding]:
    return comparisons.compare(collect.find("tigerbeetle"), now=timezone.now())


def test_it_finds_every_type_as_it_should_be(operator: Client, book: list[Mapped]) -> None:
    assert found() == []
    html = operator.get(PAGE).content.decode()
    assert "Every account is as its type says." in html
    assert f"<p>{len(BOOK)} accounts of the map" in html
    assert str(collect.check_now("tigerbeetle", now=timezone.now()).state) == "running"


def test_it_finds_an_account_that_is_gone(operator: Client, book: list[Mapped]) -> None:
    book.append(mapped(9_001, accounts.TYPES[0]))
    (finding,) = found()
    assert (finding.kind, finding.severity, finding.actual) == (
        "account_missing", "critical", "absent",
    )  # fmt: skip
    reading = collect.check_now("tigerbeetle", now=timezone.now())
    assert (str(reading.state), reading.drift.critical) == ("drifted", 1)
    assert 'data-finding="account_missing"' in operator.get(PAGE).content.decode()
    assert watch.tell(now=timezone.now()) >= 1


@pytest.mark.parametrize(
    "changes", [{"code": 102}, {"flags": int(AccountFlags.HISTORY)}, {"ledger": 1_978}]
)
def test_it_finds_an_account_opened_otherwise(book: list[Mapped], changes: dict[str, int]) -> None:
    wanted = mapped(9_002, accounts.TYPES[0])
    opened(replace(wanted, **changes))
    book.append(wanted)
    (finding,) = found()
    assert (finding.kind, finding.severity) == ("account_changed", "high")
    assert finding.expected != finding.actual


def test_it_finds_a_map_that_says_otherwise_than_the_type(book: list[Mapped]) -> None:
    wanted = mapped(9_003, accounts.TYPES[0])
    opened(wanted)
    book.append(replace(wanted, code=103))
    (finding,) = found()
    assert finding.actual.startswith("map: ")


def test_it_says_why_nothing_was_compared(
    operator: Client, book: list[Mapped], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise LedgerAway("10.1.2.3 is dead")

    monkeypatch.setattr(type(adapter()), "lookup_accounts", away)
    assert found() == []
    html = operator.get(PAGE).content.decode()
    assert "the ledger did not answer" in html
    assert "No drift." not in html
    assert "10.1.2.3" not in html


def test_it_says_when_the_map_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("READER_URL", f"mysql://reader:hunter2@127.0.0.1:{closed_port}/")
    comparison = ledger_accounts.compare(collect.find("tigerbeetle"), now=NOW)
    assert comparison.schemas[0].reason == "refused the connection"


def test_it_reads_the_open_accounts_of_the_map(
    use: Callable[..., list[Target]], mysql: MySql, monkeypatch: pytest.MonkeyPatch
) -> None:
    with corpus.copied(mysql, "oi_billing") as copy:
        copy.target(use, mysql.url())
        monkeypatch.setattr(ledger_accounts, "SCHEMA", copy.schema)
        one = BOOK[0]
        columns = "org_id, id, tb_account_id, account_type, ledger_code, tb_code, tb_flags"
        said = f"'{one.account_type}', {one.ledger}, {one.code}, {one.flags}"
        mysql.run(
            "SET SESSION sql_mode = ''",
            f"INSERT INTO ledger_accounts ({columns}, last_synced_at)"
            f" VALUES ('o', 'a', '{one.id}', {said}, '2026-04-06 12:00:00')",
            f"INSERT INTO ledger_accounts ({columns}) VALUES ('p', 'b', '{'f' * 32}', {said})",
            schema=copy.schema,
        )
        assert ledger_accounts.read_map(Deadline.after(10, NOW)) == [one]  # "b" waits to be opened
