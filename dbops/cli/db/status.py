"""`openinsure db status`: every database read live, side by side, worst first. Stores nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from dbops import inventory
from dbops.cli import printing
from dbops.inventory import Database, Target
from dbops.probes import apart
from dbops.readings import (
    DEADLINE_S,
    SILENT,
    Deadline,
    Reading,
    State,
    as_json,
    exit_code,
    iso,
    worst_first,
)
from openinsure.problems import NotFound

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Mapping

    from dbops.catalog.verdict import Stored

WORDS = {
    State.UNVERIFIED: "in sync (schema unverified)",
    State.IN_SYNC: "in sync",
    State.AT_HEAD: "at head",
    State.REVERT_WINDOW: "revert window",
}
TONES = {
    State.IN_SYNC: "ok",
    State.AT_HEAD: "ok",
    State.RUNNING: "ok",
    State.UNKNOWN: "neutral",
    **dict.fromkeys((State.UNREACHABLE, State.FAILED, State.PARTIAL), "bad"),
    **dict.fromkeys((State.MODIFIED, State.DRIFTED), "bad"),
}
OWNERS = {"we": "we manage", "self": "self-managed"}
MAX_TIMEOUT_S = 60.0
APART = ("postgres",)  # its driver takes longer to load than all others together


class Asked(NamedTuple):
    """What the command line asks for."""

    slug: Sequence[str] = ()
    json: bool = False
    plain: bool = False
    timeout: float = DEADLINE_S
    no_color: bool = False


def seconds(text: str) -> float:
    """A deadline from the command line, 0.05 to 60 s. Raises ArgumentTypeError with the rule."""
    from argparse import ArgumentTypeError

    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.05 <= value <= MAX_TIMEOUT_S:
        raise ArgumentTypeError(f"{text!r} must be seconds, 0.05 to {MAX_TIMEOUT_S:g}")
    return value


def _parser() -> ArgumentParser:
    from argparse import ArgumentParser

    parser = ArgumentParser(
        prog="openinsure db status",
        description="The databases of the inventory, read live, worst first.",
        epilog="exit codes: 0 in step, 5 one is unreachable or unknown, 6 one needs work",
    )
    parser.add_argument("slug", nargs="*", help="only these databases")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--plain", action="store_true", help="tab-separated")
    parser.add_argument("--timeout", type=seconds, default=DEADLINE_S, metavar="SECONDS")
    parser.add_argument("--no-color", action="store_true")
    return parser


def asked_for(words: Sequence[str]) -> Asked:
    """What the words ask for. Raises SystemExit (argparse) after help or a wrong word.

    `--json` and plain slugs, what scripts ask every minute, do not load argparse (8 ms).
    """
    slugs = [word for word in words if word != "--json"]
    if not any(slug.startswith("-") for slug in slugs):
        return Asked(slugs, json=len(slugs) < len(words))
    return Asked(**vars(_parser().parse_args(words)))


def chosen(slugs: Sequence[str], place: str = "") -> list[Target]:
    """The targets of these slugs (all when empty). Raises NotFound naming the unknown one."""
    targets = inventory.contacted(place)
    known = {target.slug for target in targets}
    for slug in slugs:
        if slug not in known:
            raise _unknown(slug, known)
    return [target for target in targets if not slugs or target.slug in slugs]


def _unknown(slug: str, known: set[str]) -> NotFound:
    problem = NotFound("database", slug)
    problem.message = f"No database {slug} in the inventory; it has {', '.join(sorted(known))}."
    return problem


def main(words: Sequence[str]) -> int:
    """Prints the readings; 0, 5 or 6 (3 for a slug that the inventory lacks)."""
    asked = asked_for(words)
    started, now = time.monotonic(), datetime.now(UTC)  # the entry point is where the clock is
    targets = chosen(asked.slug)
    readings = _read(targets, Deadline.after(asked.timeout, now))
    rows = [(target.database, found) for target, found in zip(targets, readings, strict=True)]
    elapsed_ms = round((time.monotonic() - started) * 1000)
    if asked.json:
        print(printing.json_text(status_json(rows, now, elapsed_ms)))
    elif asked.plain:
        print(printing.tabbed([_cells(*row) for row in worst_first(rows)]))
    else:
        _print(rows, elapsed_ms, printing.colours(not asked.no_color))
    return exit_code(rows)


def _read(targets: Sequence[Target], deadline: Deadline) -> list[Reading]:
    """One reading a target. What reads is loaded after the fork: in both processes at once."""
    beside = {
        target.slug: apart.started(_alone(target, deadline), deadline.left_s)
        for target in targets
        if target.database.engine in APART
    }
    from dbops.probes import board

    return board.read_all(targets, deadline, _stored(deadline), beside)


def _alone(target: Target, deadline: Deadline) -> Callable[[], Reading]:
    def look() -> Reading:
        # psycopg2 loads ssl (10 ms) only to share locks with an OpenSSL older than 1.1; its own
        # library speaks TLS. Nothing else in this process needs it.
        sys.modules.setdefault("ssl", None)  # type: ignore[arg-type]  # the documented way
        from dbops.probes import board

        return board.alone(target, deadline, _stored(deadline))

    return look


def _stored(deadline: Deadline) -> Callable[[], Mapping[str, Stored]]:
    def ask() -> Mapping[str, Stored]:
        from dbops.catalog import stored

        return stored.newest(deadline)

    return ask


def status_json(
    rows: Sequence[tuple[Database, Reading]], now: datetime, elapsed_ms: int
) -> dict[str, object]:
    """The documented object, databases in the order of the inventory."""
    databases = [as_json(database, reading, now) for database, reading in rows]
    return {"checked_at": iso(now), "elapsed_ms": elapsed_ms, "databases": databases}


def word(reading: Reading) -> str:
    """The state as a person reads it."""
    if not reading.counted:
        return f"{reading.state} ({reading.detail})"
    return WORDS.get(reading.state, str(reading.state))


def _cells(database: Database, reading: Reading) -> list[str]:
    counts = "-"
    if reading.available is not None:
        counts = f"{reading.applied}/{reading.available}"
    pending = f"{len(reading.pending)} pending" if reading.pending else ""
    owner = OWNERS[database.owner] + (", legacy" if not database.counts else "")
    return [word(reading), database.slug, owner, counts, pending, reading.detail]


def _print(rows: Sequence[tuple[Database, Reading]], elapsed_ms: int, coloured: bool) -> None:
    ordered = worst_first(rows)
    tones = [TONES.get(reading.state, "warn") for _, reading in ordered]
    if ordered:
        print(printing.table([_cells(*row) for row in ordered], tones, coloured))
    counted = [reading for database, reading in rows if database.counts and reading.counted]
    silent = sum(reading.state in SILENT for reading in counted)
    apart = f", {silent} did not answer" if silent else ""
    printing.note(f"{len(rows)} databases read live in {elapsed_ms} ms{apart}")
