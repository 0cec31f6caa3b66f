"""The probable cause of a finding: which file touches its object, and in which state it is."""

from __future__ import annotations

from dbops.catalog.findings import Finding, caused
from dbops.catalog.looks import Look
from dbops.history.states import File, FileState
from dbops.sql import parser

# First match names the cause.
CAUSES = (
    (FileState.FAILED, "failed file"),
    (FileState.PARTIAL, "partial file"),
    (FileState.PENDING, "pending file applied by hand"),
    (FileState.SKIPPED, "pending file applied by hand"),
    (FileState.MODIFIED, "modified file"),
    (FileState.LIVE_UNRECORDED, "deploy in its revert window"),
)
OUT_OF_BAND = "out of band"


def tables_touched(file: File, look: Look) -> set[str]:
    """Tables that a file's statements name, lower case; {"*"} when one is not understood."""
    touched: set[str] = set()
    for text in look.split(file.text) if look.split else []:
        statement = parser.read(text, look.live.dialect)
        if not statement.understood:
            return {"*"}
        touched |= {act.table.lower() for act in statement.acts if act.table}
        touched |= {act.new.lower() for act in statement.acts if act.new}
    return touched


def unknown_tables(look: Look) -> set[str]:
    """Tables of edited files whose applied bytes nobody kept: their expected form is unknown."""
    found: set[str] = set()
    for migration in look.history.migrations:
        if migration.state != FileState.MODIFIED or migration.quiet:
            continue
        for file in look.history.files:
            if file.tag == migration.tag and migration.label not in look.seen:
                found |= tables_touched(file, look)
    return {table for table in look.live.tables if table.lower() in found or "*" in found}


def explained(finding: Finding, look: Look) -> Finding:
    """The finding with its probable cause."""
    table = finding.object.partition(".")[0].lower()
    for state, words in CAUSES:
        for file in look.history.files:
            if look.state_of(file.tag) == state and _names(file, table, look):
                return caused(finding, f"{words}: {file.tag}")
    return caused(finding, OUT_OF_BAND)


def _names(file: File, table: str, look: Look) -> bool:
    return table in tables_touched(file, look)
