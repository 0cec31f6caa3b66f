"""What a comparison says: kinds, severities, findings. Values only; also read from storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from dbops.readings import Drift

SEVERITIES = ("critical", "high", "medium", "low")
KINDS = {
    **dict.fromkeys(
        (
            *("table_missing", "column_missing", "primary_key_changed", "unique_missing"),
            *("org_id_changed", "ledger_missing", "ledger_foreign", "account_missing"),
        ),
        "critical",
    ),
    **dict.fromkeys(
        (
            *("column_type_narrowed", "nullability_changed", "default_changed", "index_missing"),
            *("unique_added", "collation_changed", "foreign_key_present", "foreign_key_missing"),
            *("table_in_wrong_keyspace", "routing_mismatch", "recorded_not_live"),
            "account_changed",
        ),
        "high",
    ),
    **dict.fromkeys(
        (
            *("table_extra", "column_extra", "index_extra", "index_changed"),
            *("column_type_widened", "on_update_changed", "generated_changed", "engine_changed"),
            "check_changed",
        ),
        "medium",
    ),
    **dict.fromkeys(("index_renamed", "column_order", "comment_changed"), "low"),
}
TOOL_VERSION = "tool version changed"  # how such a cause begins
# Nobody may accept these: they are about whose rows are whose, and what ran.
NEVER_ACCEPTED = frozenset({"org_id_changed", "ledger_missing", "ledger_foreign"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference. Fixes are text for a person, never run by themselves."""

    database: str
    keyspace: str
    kind: str
    severity: str
    object: str  # table, table.column or table.index
    expected: str
    actual: str
    evidence_sql: str = ""
    cause: str = "out of band"
    fix_live: str = ""  # makes the live schema as expected
    fix_code: str = ""  # the migration that makes the files as the live schema
    since: str | None = None  # ISO: first look that saw it
    last_ok: str | None = None  # ISO: last look that did not
    accepted: str | None = None  # "by WHO until DATE: REASON"
    ignored: str | None = None  # the ignore rule that matched

    @property
    def id(self) -> str:
        """sha256 hex, first 12: the same difference has the same name; a changed one a new one."""
        parts = (self.database, self.keyspace, self.kind, self.object, self.expected, self.actual)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

    @property
    def since_at(self) -> datetime | None:
        """`since` as an instant."""
        return datetime.fromisoformat(self.since) if self.since else None

    @property
    def last_ok_at(self) -> datetime | None:
        """`last_ok` as an instant."""
        return datetime.fromisoformat(self.last_ok) if self.last_ok else None

    @property
    def open(self) -> bool:
        """Neither accepted nor ignored."""
        return self.accepted is None and self.ignored is None

    def json(self) -> dict[str, Any]:
        """Every field, the id first."""
        return {"id": self.id, **asdict(self)}


def counted(findings: Iterable[Finding]) -> Drift:
    """Open findings by severity."""
    found = [finding.severity for finding in findings if finding.open]
    return Drift(**{severity: found.count(severity) for severity in SEVERITIES})


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """By severity, then object; accepted and ignored ones last."""
    return sorted(
        findings,
        key=lambda one: (not one.open, SEVERITIES.index(one.severity), one.keyspace, one.object),
    )


def caused(finding: Finding, cause: str) -> Finding:
    """The finding with a probable cause."""
    return replace(finding, cause=cause)


def by_cause(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """Findings that one thing explains, together; in their order, new tool versions last."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.cause, []).append(finding)
    return sorted(groups.items(), key=lambda group: group[0].startswith(TOOL_VERSION))
