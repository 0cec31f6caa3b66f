"""Who acts on the command line: a token, in local an e-mail, or the local set-up itself.

`make run` migrates before any account exists. In local, whoever holds the migrator address that
the stack wrote (a 0600 file) can change every table anyway, so without a name that holder acts as
`service:local-setup`. Anywhere else no identity means exit 4.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from dbops.cli.main import setup_django
from openinsure import environment
from openinsure.problems import Forbidden, NeedsSignIn

LOCAL_SETUP = "service:local-setup"
PERSONS = "dbops.persons"  # Django: by name, so that the light half does not import it


@dataclass(frozen=True, slots=True)
class Operator:
    """The acting person; `who` is None for the local set-up, which no audit row can name yet."""

    name: str
    who: Any = None

    def record(self, action: str, *, now: datetime, after: dict[str, Any], about: str) -> None:
        """An audit row of a person's act. Raises Unavailable: then the act must not go on."""
        if self.who is not None:
            persons = import_module(PERSONS)
            persons.record(self.who, action, now=now, after=after, about=about)


def add_arguments(parser: ArgumentParser) -> None:
    """The words by which a person names themselves."""
    parser.add_argument("--token", default="", help="bearer token (or OPENINSURE_TOKEN)")
    parser.add_argument("--as", dest="email", default="", metavar="EMAIL", help="local only")


def operator(asked: Namespace, permission: str, *, now: datetime, migrator: bool) -> Operator:
    """Who acts, allowed to. `migrator`: the local set-up may do this.

    Raises NeedsSignIn, Forbidden (exit 4).
    """
    token = asked.token or environment.optional("OPENINSURE_TOKEN")
    local = environment.name() == "local"
    if asked.email and not local:
        raise Forbidden("--as works in local only. Use a token.")
    if token or asked.email:
        setup_django()
        persons = import_module(PERSONS)
        who = persons.acting(token=token, email=asked.email, permission=permission, now=now)
        return Operator(who.email or who.user_id, who)
    if migrator and local and environment.optional("MIGRATOR_URL"):
        return Operator(LOCAL_SETUP)
    raise NeedsSignIn("No identity. Set OPENINSURE_TOKEN or give --token (in local also --as).")
