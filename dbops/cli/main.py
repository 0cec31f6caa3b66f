"""The `openinsure` script: finds the verb, imports only it, turns refusals into exit codes.

A verb is a dotted path `module:function`; the function takes the words after `openinsure`, the
verb included (`["token", "--email", ...]`), and returns an exit code. A verb whose module does
not exist is absent from the help. Only verbs marked `django` get `django.setup()` first.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple, NoReturn

from dbops.cli.exits import FAILURE, INTERRUPTED, OK, USAGE, of_problem
from openinsure.environment import ConfigurationError
from openinsure.problems import Problem


class Verb(NamedTuple):
    """Where a verb lives, what it does in one line, and whether it needs Django."""

    path: str
    does: str
    django: bool = True

    def built(self) -> bool:
        """True when the module exists; nothing but its parent package is imported."""
        try:
            return find_spec(self.path.partition(":")[0]) is not None
        except ModuleNotFoundError:
            return False


VERBS = {
    "db": Verb("dbops.cli.db.verbs:main", "state and migrations of the six databases", False),
    "fleet": Verb("dbops.cli.fleet.verbs:main", "the two fleets", False),
    "jobs": Verb("openinsure.jobs.cli:main", "scheduled jobs and their runs"),
    "ledger": Verb("openinsure.jobs.ledger_cli:main", "health, balances and replay of the ledger"),
    "authz": Verb("openinsure.jobs.authz_cli:main", "the authorization schema and relations"),
    "audit": Verb("openinsure.audit.cli:main", "verify the audit chain"),
    "accounts": Verb("openinsure.accounts.cli:main", "local accounts"),
    "token": Verb("openinsure.accounts.cli:main", "print a bearer token of a demo user"),
    "demo": Verb("openinsure.demo.cli:main", "load the demo data"),
}

EXAMPLES = """\
examples:
  openinsure db status                    all databases, worst first
  openinsure db status ai --json          one of them, for a script
  openinsure db migrate --ps --local --dry-run
"""
EXIT_CODES = (
    "exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 permission, "
    "5 unreachable or partial, 6 findings, 130 interrupted"
)


def help_text() -> str:
    """Examples first, then the verbs that exist."""
    built = [f"  {name:<10}{verb.does}" for name, verb in VERBS.items() if verb.built()]
    verbs = "\n".join(built)
    return f"usage: openinsure VERB ...\n\n{EXAMPLES}\nverbs:\n{verbs}\n\n{EXIT_CODES}\n"


def _chosen(words: Sequence[str]) -> Verb:
    verb = VERBS.get(words[0])
    if verb is not None and verb.built():
        return verb
    why = "is not built yet" if verb else "is no verb"
    raise Problem(f"{words[0]} {why}; see openinsure --help", code="usage")


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_text(), end="", file=sys.stdout if words else sys.stderr)
        return OK if words else USAGE
    verb = _chosen(words)
    if verb.django:
        setup_django()
    module, _, function = verb.path.partition(":")
    code: int = getattr(import_module(module), function)(words)
    sys.stdout.flush()
    return code


def setup_django() -> None:
    """Settings and apps; about 150 ms, so only verbs that need them pay it."""
    gc.enable()  # the entry switched it off
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
    import_module("django").setup()  # by name: the light half imports no Django
    import_module("openinsure.celery")  # or a task would go to a broker that Celery makes up


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one command line; refusals are one line on stderr, never a stack."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except Problem as problem:
        return _refused(words, problem.code, problem.message, of_problem(problem))
    except ConfigurationError as error:
        return _refused(words, "configuration", str(error), USAGE)
    except SystemExit as leaving:  # argparse: 0 after help, 2 after a wrong word
        if message := getattr(leaving, "message", ""):
            _told(words, "usage", message)
        return leaving.code if isinstance(leaving.code, int) else FAILURE
    except KeyboardInterrupt:
        print("openinsure: stopped by Ctrl-C", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader (head, less) went away: not our failure
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _refused(words: Sequence[str], code: str, message: str, exit_code: int) -> int:
    """One line on stderr; for a script that asked for JSON an object on stdout as well."""
    print(f"openinsure: {message}", file=sys.stderr)
    _told(words, code, message)
    return exit_code


def _told(words: Sequence[str], code: str, message: str) -> None:
    if "--json" in words:
        import json

        print(json.dumps({"error": code, "message": message}, ensure_ascii=False))


def script() -> NoReturn:
    """The `openinsure` program.

    A light verb leaves at once: everything is written, and taking the interpreter apart would
    add a tenth to its time. What Django loaded (clients, threads) is closed in the usual way.
    """
    code = main()
    if "django" in sys.modules:
        raise SystemExit(code)
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    script()
