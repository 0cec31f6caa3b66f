"""On whose behalf a command writes: a token, or in local an e-mail address."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from uuid import UUID

from openinsure import environment
from openinsure.accounts import bearer, people, sessions
from openinsure.accounts.identity import Identity
from openinsure.audit.grants import Origin
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Forbidden, NeedsSignIn


def add_arguments(parser: ArgumentParser) -> None:
    """--token and --as, the same on every command that writes."""
    parser.add_argument("--token", default="", help="bearer token (or OPENINSURE_TOKEN)")
    parser.add_argument("--as", dest="as_email", default="", metavar="EMAIL", help="local only")


def command_origin() -> Origin:
    """The origin of audit rows written by a command."""
    return Origin(request_id=new_id(), user_agent="openinsure command line")


def acting(*, token: str, as_email: str, now: datetime, origin: Origin) -> Identity:
    """The verified identity. Raises NeedsSignIn or Forbidden (both exit 4), NotFound (exit 3)."""
    if as_email:
        if environment.name() != "local":
            raise Forbidden("--as works in local only. Use a token.", code="local_only")
        account = people.account_by_email(as_email)
        if not sessions.may_sign_in(account):
            raise Forbidden("This account may not sign in.", code="user_disabled")
        return sessions.identity_of(account, via="bearer", stepped_up_at=now)
    token = token or environment.optional("OPENINSURE_TOKEN")
    if not token:
        raise NeedsSignIn(
            "No identity. Set OPENINSURE_TOKEN or give --token (in local also --as EMAIL)."
        )
    return bearer.believe(token, now=now, origin=origin).identity


def canonical_id(text: str) -> str:
    """argparse type: a UUID in canonical lower-case text."""
    try:
        return str(UUID(text))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a UUID") from None
