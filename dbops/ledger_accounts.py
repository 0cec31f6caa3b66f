"""Drift of the ledger engine: the account map of oi_billing against the accounts that are there.

TigerBeetle has no schema to compare. Drift is an account that the map says is open and the engine
lacks, or one with another ledger, code or flags than its type has (openinsure.ledger.accounts).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dbops import inventory
from dbops.catalog.comparing import Compared, Comparison
from dbops.catalog.findings import KINDS, Finding
from dbops.inventory import Target
from dbops.probes import schemas
from dbops.probes.mysql_session import MySqlSession
from dbops.probes.sessions import Away, NoSuchTable
from dbops.readings import Deadline, State
from openinsure.environment import ConfigurationError
from openinsure.ledger import accounts, ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.port import Account, LedgerAway

ENGINE, SCHEMA, NAME = "tigerbeetle", "oi_billing", "accounts"
READ_S, LOOKUP_MS, BATCH = 10.0, 10_000, 1_000
MAP = (
    "SELECT tb_account_id, account_type, sub_purpose, ledger_code, tb_code, tb_flags"
    " FROM ledger_accounts WHERE last_synced_at IS NOT NULL ORDER BY tb_account_id"
)
TYPES = {(one.name, one.sub_purpose): one for one in accounts.TYPES}
EVIDENCE = "SELECT * FROM oi_billing.ledger_accounts WHERE tb_account_id = '{}'"


@dataclass(frozen=True, slots=True)
class Mapped:
    """One account of the map that the engine has been asked to open."""

    id: str
    account_type: str
    sub_purpose: str
    ledger: int
    code: int
    flags: int

    @property
    def name(self) -> str:
        """Its type and id, as a finding names it."""
        purpose = f" {self.sub_purpose}" if self.sub_purpose else ""
        return f"{self.account_type}{purpose} {self.id}"


def compare(target: Target, *, now: datetime) -> Comparison:
    """Every account of the map asked of the engine; why, where that is not possible."""
    try:
        mapped = read_map(Deadline.after(READ_S, now))
        there = look_up(mapped)
    except Away as away:
        return Comparison(target.slug, now, (Compared(NAME, reason=away.reason),), ())
    found = [finding for one in mapped for finding in judged(target.slug, one, there.get(one.id))]
    basis = hashlib.sha256(repr([one.id for one in mapped]).encode()).hexdigest()[:16]
    return Comparison(target.slug, now, (Compared(NAME, "", basis, len(mapped)),), tuple(found))


def read_map(deadline: Deadline) -> list[Mapped]:
    """The open accounts of every organisation. Raises Away."""
    holder = next((one for one in inventory.contacted() if SCHEMA in one.place.schemas), None)
    if holder is None:
        raise Away(State.UNKNOWN, f"the inventory has no database with {SCHEMA}")
    session = MySqlSession(schemas.address(holder), SCHEMA, deadline)
    try:
        return [
            Mapped(str(tb), str(kind), str(purpose), int(ledger), int(code), int(flags))
            for tb, kind, purpose, ledger, code, flags in session.rows(MAP)
        ]
    except NoSuchTable:
        raise Away(State.UNKNOWN, "the account map is not there") from None
    finally:
        session.close()


def look_up(mapped: Sequence[Mapped]) -> dict[str, Account]:
    """The engine's accounts of these, by the map's id. Raises Away."""
    by_number = {ids.number(one.id): one.id for one in mapped}
    numbers, found = list(by_number), {}
    try:
        for at in range(0, len(numbers), BATCH):
            part = adapter().lookup_accounts(numbers[at : at + BATCH], deadline_ms=LOOKUP_MS)
            found.update({by_number[account.id]: account for account in part})
    except LedgerAway:
        raise Away(State.UNKNOWN, "the ledger did not answer") from None
    except ConfigurationError as error:
        raise Away(State.UNKNOWN, str(error)) from None
    return found


def judged(slug: str, one: Mapped, there: Account | None) -> list[Finding]:
    """What is wrong with one account. Pure."""
    kind = TYPES.get((one.account_type, one.sub_purpose))
    code, flags = (kind.code, int(kind.flags)) if kind else (one.code, one.flags)
    wanted = _said(one.ledger, code, flags)
    if there is None:
        return [_finding(slug, "account_missing", one, wanted, "absent")]
    actual = _said(there.ledger, there.code, int(there.flags))
    found = []
    if actual != wanted:
        found.append(_finding(slug, "account_changed", one, wanted, actual))
    stated = _said(one.ledger, one.code, one.flags)
    if stated not in (wanted, actual):
        found.append(_finding(slug, "account_changed", one, wanted, f"map: {stated}"))
    return found


def _said(ledger: int, code: int, flags: int) -> str:
    return f"ledger {ledger}, code {code}, flags {flags}"


def _finding(slug: str, kind: str, one: Mapped, wanted: str, actual: str) -> Finding:
    return Finding(
        database=slug,
        keyspace=NAME,
        kind=kind,
        severity=KINDS[kind],
        object=one.name,
        expected=wanted,
        actual=actual,
        evidence_sql=EVIDENCE.format(one.id),
        fix_live="-- accounts are opened by the relay: openinsure ledger replay"
        if kind == "account_missing"
        else "-- flags and code never change: open another account, move the balance",
    )
