"""Models and newest snapshot held against what the applied files make: "code drift".

For the keyspaces of this platform only: nobody else's models are here. While files are pending
the code is ahead on purpose, so nothing is compared then.
"""

from __future__ import annotations

import json
from typing import Any

from dbops.catalog import spec
from dbops.catalog.comparing import Compared, Comparison
from openinsure.keyspaces import journal, modelled, snapshot
from openinsure.keyspaces.inventory import KEYSPACES

FIELDS = ("kind", "object", "expected", "actual")


def of(comparison: Comparison, one: Compared) -> list[dict[str, str]]:
    """Differences of one schema by side (`models`, `snapshot`); [] when there are none."""
    look = next((look for look in comparison.looks if look.name == one.name), None)
    if look is None or one.name not in KEYSPACES or one.expected is None or look.history.pending:
        return []
    sides = {"models": modelled.tables_modelled(one.name), "snapshot": _snapshot(one.name)}
    return [
        {"side": side, **{field: getattr(finding, field) for field in FIELDS}}
        for side, specs in sides.items()
        for finding in spec.compare(comparison.slug, one.expected, specs)
    ]


def _snapshot(keyspace: str) -> dict[str, Any]:
    newest = max((journal.folder_of(keyspace) / "meta").glob("*_snapshot.json"))
    return snapshot.tables_in(json.loads(newest.read_text()))
