"""`openinsure demo load`: deterministic demo data, refused in production."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date

from django.conf import settings
from django.utils import timezone

from openinsure.arguments import Parser
from openinsure.authz.client import client
from openinsure.demo.load import load
from openinsure.jobs import relating, relations

OK, USAGE, REFUSED = 0, 2, 4


def main(argv: list[str]) -> int:
    """Run `demo <verb>` (argv as after `openinsure`). Exit codes of product.md part 5."""
    parser = Parser(
        prog="openinsure demo",
        description="Demo data. Example: openinsure demo load --size small --today 2026-11-20",
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("load", help="load it once; a finished load is left alone")
    verb.add_argument("--size", choices=("small", "medium", "large"), default="small")
    verb.add_argument("--seed", type=int, default=7)
    verb.add_argument("--today", type=_date, default=None, metavar="YYYY-MM-DD")
    verb.add_argument("--again", action="store_true", help="clear and load even when loaded")
    verb.add_argument("--unless-any", action="store_true", help="leave a load of any size alone")
    verb.add_argument("--json", action="store_true")
    wanted = parser.parse_args(argv[1:])
    if settings.ENVIRONMENT == "production":
        print("openinsure demo: refused in production", file=sys.stderr)
        return REFUSED
    done = load(
        size=wanted.size,
        seed=wanted.seed,
        today=wanted.today or timezone.now().date(),
        report=_tell,
        again=wanted.again,
        unless_any=wanted.unless_any,
        side_by_side=True,
    )
    if settings.AUTHZ_BACKEND == "spicedb" and not done.skipped:
        relating.compare_all(client(), relations.sync, now=timezone.now())
    if wanted.json:
        print(json.dumps({"size": done.size, "rows": done.rows, "skipped": done.skipped}))
    elif done.skipped:
        print(f"Demo data ({done.size}) is loaded already; --again loads it anew")
    else:
        print(f"Demo data ({done.size}): {done.rows:,} rows")
    return OK


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-11-20") from None
