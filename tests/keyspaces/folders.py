"""Migration folders written for one test."""

from __future__ import annotations

import json
from pathlib import Path

NOTES = (
    "CREATE TABLE IF NOT EXISTS `notes` (\n"
    "  `id` char(36) NOT NULL,\n"
    "  `body` text NULL,\n"
    "  PRIMARY KEY (`id`)\n"
    ") ENGINE=InnoDB;"
)
ADD_KIND = "ALTER TABLE `notes` ADD `kind` varchar(8) NOT NULL DEFAULT '';"
INDEX_KIND = "CREATE INDEX `notes_kind` ON `notes` (`kind`,`id`);"
BREAK = "\n--> statement-breakpoint\n"


def write_folder(parent: Path, keyspace: str, *files: tuple[str, int, list[str]]) -> Path:
    """`<parent>/<keyspace>` with files (tag, when, statements) and their journal."""
    folder = parent / keyspace
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    entries = []
    for position, (tag, when, statements) in enumerate(files):
        (folder / f"{tag}.sql").write_bytes((BREAK.join(statements) + "\n").encode())
        entry = {"idx": position, "version": "5", "when": when, "tag": tag, "breakpoints": True}
        entries.append(entry)
    written = {"version": "7", "dialect": "mysql", "entries": entries}
    (folder / "meta" / "_journal.json").write_text(json.dumps(written))
    return folder
