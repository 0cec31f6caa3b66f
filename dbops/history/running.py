"""What the run log says about files, as Known: under way, revertable, or vouched for by hand.

A run counts as under way only while its runner's lease holds; one that died does not. A deploy
whose revert window nobody recorded is not called revertable: for a day its end is "not known".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from dbops.history.rules import NOTHING, Known

# Times are compared on the console's own server.
QUERY = """
SELECT r.slug, r.keyspace, r.tag,
  r.ended_at IS NULL AND l.`until` > UTC_TIMESTAMP(6) AND r.started_at >= l.taken_at,
  r.revertable_until > UTC_TIMESTAMP(6),
  r.by_hand AND r.outcome = 'applied',
  r.revertable_until,
  r.kind = 'deploy' AND r.outcome = 'applied' AND r.revertable_until IS NULL
    AND r.ended_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY
FROM dbops_migrationrun r LEFT JOIN dbops_migrationlease l ON l.slug = r.slug
WHERE r.ended_at IS NULL OR r.by_hand OR r.revertable_until > UTC_TIMESTAMP(6)
  OR (r.kind = 'deploy' AND r.outcome = 'applied' AND r.revertable_until IS NULL
    AND r.ended_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY)
"""


class Row(NamedTuple):
    """One row of QUERY; SQL's NULL counts as no."""

    slug: str
    schema: str
    tag: str
    running: bool
    revertable: bool
    by_hand: bool
    until: datetime | None = None  # UTC: end of the revert window
    undated: bool = False  # a deploy of the last day without such an end


def known(rows: Iterable[Row]) -> dict[str, dict[str, Known]]:
    """Slug -> schema -> Known."""
    found: dict[str, dict[str, Known]] = {}
    for row in rows:
        schemas = found.setdefault(row.slug, {})
        so_far, tag = schemas.get(row.schema, NOTHING), frozenset((row.tag,))
        schemas[row.schema] = so_far._replace(
            running=so_far.running | tag if row.running else so_far.running,
            reverting=so_far.reverting | tag if row.revertable else so_far.reverting,
            marked=so_far.marked | tag if row.by_hand else so_far.marked,
            undated=so_far.undated | tag if row.undated else so_far.undated,
            until={**so_far.until, row.tag: f"{row.until:%H:%M:%S} UTC"}
            if row.revertable and row.until
            else so_far.until,
        )
    return found
