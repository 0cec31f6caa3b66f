"""`python3 -m engines <command>`: what the Makefile delegates to."""

from __future__ import annotations

import argparse
import os
import sys

from engines import accounts, fault, ports, run, suite, vitess
from engines.stack import Stack, Trouble, fail, say, state_dir

SUITE = ("test", "with")
STARTING = ("up", "engines")  # these choose ports; the others look for a stack that runs


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python3 -m engines", description=__doc__)
    verbs = root.add_subparsers(dest="verb", required=True)
    for verb, text in {
        "up": "install what is missing, start everything, return",
        "down": "stop what was started",
        "status": "which processes run",
        "engines": "start the engines and their schemas, no console",
        "prepare": "packages and Python environment only",
        "grants": "rights on tables that came since the start",
    }.items():
        verbs.add_parser(verb, help=text)
    for verb, text in (
        ("test", "run the suite on engines of its own; arguments are pytest's"),
        ("with", "run a program of .venv on the suite's engines"),
    ):
        verbs.add_parser(verb, help=text).add_argument("arguments", nargs="*")
    broken = verbs.add_parser("fault", help="make one engine fail")
    broken.add_argument("--name", default="")
    broken.add_argument("--mode", required=True)
    verbs.add_parser("hold", help="(holder process of `fault`)").add_argument("name")
    local = verbs.add_parser("vitess", help="the local Vitess, or what stands in for it")
    local.add_argument("action", choices=("up", "shell", "status", "reset"))
    local.add_argument("--keyspace", default="oi_global")
    return root


def stack_for(verb: str) -> Stack:
    """The stack that a command means. Raises Trouble for unusable ports."""
    testing = verb in SUITE or os.environ.get("OPENINSURE_TESTING") == "1"
    state = state_dir(testing=testing)
    if testing:
        return Stack(state, ports.for_tests(state), testing=True)
    kept = {} if verb in STARTING else ports.of_running(state)
    return Stack(state, ports.for_run(kept))


def dispatch(words: argparse.Namespace) -> int:
    """Run one command. Result: exit code."""
    stack = stack_for(words.verb)
    match words.verb:
        case "up":
            return run.up(stack)
        case "down":
            return run.down(stack)
        case "status":
            return run.status(stack)
        case "engines":
            return run.engines_only(stack)
        case "prepare":
            run.prepare(stack)
        case "grants":
            accounts.grant_tables(stack)
        case "test":
            return suite.pytest(stack, words.arguments)
        case "with":
            return suite.with_engines(stack, words.arguments)
        case "fault":
            return fault.inject(stack, words.name, words.mode)
        case "hold":
            return fault.hold(stack, words.name)
        case "vitess" if words.action == "shell":
            return vitess.shell(stack, words.keyspace)
        case "vitess":
            return {"up": vitess.up, "status": vitess.status, "reset": vitess.reset}[words.action](
                stack
            )
    return 0


def main() -> int:
    """Parse, run, and turn Trouble into one line."""
    arguments = sys.argv[1:]
    if arguments[:1] and arguments[0] in SUITE:  # what follows is another program's
        arguments = [arguments[0], "--", *arguments[1:]]
    try:
        return dispatch(parser().parse_args(arguments))
    except Trouble as trouble:
        return fail(trouble)
    except KeyboardInterrupt:
        say("stopped", "on request")
        return 130


if __name__ == "__main__":
    sys.exit(main())
