"""`openinsure db status`: every database read live, side by side, worst first. Stores nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from dbops import inventory
from dbops.cli import printing
from dbops.inventory import Database, Target
from dbops.probes import apart
from dbops.readings import (
    DEADLINE_S,
    SILENT,
    UNCOMPARED,
    Deadline,
    Reading,
    State,
    as_json,
    exit_code,
    iso,
    silent,
    worst_first,
)
from openinsure.plurals import many
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
    from openinsure.arguments import Parser

    parser = Parser(
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
    slugs = ", ".join(sorted(known))
    return NotFound("database", message=f"No database {slug} in the inventory; it has {slugs}.")


def main(words: Sequence[str]) -> int:
    """Prints the readings; 0, 5 or 6 (3 for a slug that the inventory lacks)."""
    asked = asked_for(words)
    # OpenSSL's hashes take 3 ms to load; Python's own sha256 gives the same and is there.
    _without("_hashlib")
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
    """One reading a target. Drivers are loaded after the fork: in both processes at once."""
    from dbops.probes import board

    far = _apart(targets)
    child = apart.started(_those(far, deadline)) if far else None
    here = [target for target in targets if target not in far]
    read = board.read_all(here, deadline, _compared(deadline, child))
    found = {target.slug: reading for target, reading in zip(here, read, strict=True)}
    if child:
        found |= _answered(child, far, deadline)
    return [found[target.slug] for target in targets]


def _apart(targets: Sequence[Target]) -> list[Target]:
    """What a process of its own reads."""
    return [target for target in targets if target.database.engine in APART]


def _without(module: str) -> None:
    """Have an import of the module fail, for those that do without it."""
    sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # the documented way


def _those(targets: Sequence[Target], deadline: Deadline) -> Callable[[apart.Heard], object]:
    def look(heard: apart.Heard) -> list[dict[str, Any]]:
        # psycopg2 loads ssl (10 ms) only to share locks with an OpenSSL older than 1.1; its own
        # library speaks TLS. Nothing else in this process needs it.
        _without("ssl")
        from dbops import packing
        from dbops.catalog import stored
        from dbops.probes import board

        def compared() -> Mapping[str, Stored]:
            return stored.read(stored.unpacked(heard()))

        return [packing.whole(one) for one in board.read_all(targets, deadline, compared)]

    return look


def _compared(deadline: Deadline, child: apart.Child | None) -> Callable[[], Mapping[str, Stored]]:
    def ask() -> Mapping[str, Stored]:
        from dbops.catalog import stored

        told = stored.asked(deadline)
        if child:
            child.tell(stored.packed(told))
        return stored.read(told)

    return ask


def _answered(
    child: apart.Child, targets: Sequence[Target], deadline: Deadline
) -> dict[str, Reading]:
    from dbops import packing
    from dbops.probes.board import GRACE_S, silent_at

    try:
        read = [packing.of_whole(said) for said in child.answer(deadline.left_s + 2 * GRACE_S)]
    except TimeoutError:
        read = [silent_at(deadline)] * len(targets)
    except EOFError:
        died = silent(deadline, State.UNKNOWN, "the probe ended without an answer")
        read = [died] * len(targets)
    return {target.slug: reading for target, reading in zip(targets, read, strict=True)}


def status_json(
    rows: Sequence[tuple[Database, Reading]], now: datetime, elapsed_ms: int
) -> dict[str, object]:
    """The documented object, databases in the order of the inventory."""
    databases = [as_json(database, reading, now) for database, reading in rows]
    return {"checked_at": iso(now), "elapsed_ms": elapsed_ms, "databases": databases}


def word(reading: Reading, tool: str) -> str:
    """The state as a person reads it."""
    if not reading.counted:
        return f"{reading.state} ({reading.detail})"
    if reading.state is State.UNVERIFIED and tool == "none":
        return UNCOMPARED
    return WORDS.get(reading.state, str(reading.state))


def _cells(database: Database, reading: Reading) -> list[str]:
    counts = "-"
    if reading.available is not None:
        counts = f"{reading.applied}/{reading.available}"
    pending = f"{len(reading.pending)} pending" if reading.pending else ""
    owner = OWNERS[database.owner] + (", legacy" if not database.counts else "")
    return [word(reading, database.tool), database.slug, owner, counts, pending, reading.detail]


def _print(rows: Sequence[tuple[Database, Reading]], elapsed_ms: int, coloured: bool) -> None:
    ordered = worst_first(rows)
    tones = [TONES.get(reading.state, "warn") for _, reading in ordered]
    if ordered:
        print(printing.table([_cells(*row) for row in ordered], tones, coloured))
    counted = [reading for database, reading in rows if database.counts and reading.counted]
    silent = sum(reading.state in SILENT for reading in counted)
    apart = f", {silent} did not answer" if silent else ""
    printing.note(f"{many(len(rows), 'database')} read live in {elapsed_ms} ms{apart}")
