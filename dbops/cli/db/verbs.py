"""`openinsure db VERB`: finds the verb's module and runs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from dbops.cli.exits import OK, USAGE
from openinsure.problems import Problem

VERBS = {
    "status": "the databases in one table, worst first",
    "migrate": "run pending migrations of the databases we manage",
    "drift": "compare schemas",
    "history": "states over time, structures, two of them compared",
    "orphans": "rows that name a row which is not there, and the deletion order",
    "generate": "next migration file from the models",
    "lint": "the hard rules on migration files",
    "resume": "what is left of a half-applied migration",
    "backup": "backup age, recording one, its restore test",
    "deploy": "open a deploy request",
    "deploys": "deploy requests",
    "branches": "branches",
    "revert": "revert a deploy request",
    "skip-revert": "end the revert window",
}


def _module(verb: str) -> str:
    return f"dbops.cli.db.{verb.replace('-', '_')}"


def is_built(verb: str) -> bool:
    """Whether the verb's module exists."""
    return find_spec(_module(verb)) is not None


def built() -> list[str]:
    """The verbs whose module exists, in the order of the help."""
    return [verb for verb in VERBS if is_built(verb)]


def help_text() -> str:
    """The verbs that exist, one line each."""
    lines = "\n".join(f"  {verb:<10}{VERBS[verb]}" for verb in built())
    return f"usage: openinsure db VERB ...\n\n{lines}\n\nopeninsure db VERB --help says more.\n"


def main(words: Sequence[str]) -> int:
    """`words` begin with `db`. The verb's exit code; 2 for a verb that does not exist."""
    rest = list(words[1:])
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(help_text(), end="", file=sys.stdout if rest else sys.stderr)
        return OK if rest else USAGE
    if rest[0] not in VERBS or not is_built(rest[0]):
        why = "is not built yet" if rest[0] in VERBS else "is no verb"
        raise Problem(f"db {rest[0]} {why}; see openinsure db --help", code="usage")
    code: int = import_module(_module(rest[0])).main(rest[1:])
    return code
