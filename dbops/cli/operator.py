"""Who acts on the command line: a token, in local an e-mail, or the local set-up itself.

`make run` migrates before any account exists. In local, whoever holds the migrator address that
the stack wrote (a 0600 file) can change every table anyway, so without a name that holder acts as
`service:local-setup`. Anywhere else no identity means exit 4.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from openinsure import environment
from openinsure.problems import Forbidden, NeedsSignIn

if TYPE_CHECKING:
    from openinsure.accounts.identity import Identity

LOCAL_SETUP = "service:local-setup"


@dataclass(frozen=True, slots=True)
class Operator:
    """The acting person; `who` is None for the local set-up, which no audit row can name yet."""

    name: str
    who: Identity | None = None

    def record(self, action: str, *, now: datetime, after: dict[str, Any], target: str) -> None:
        """An audit row of a person's act. Raises Unavailable: then the act must not go on."""
        if self.who is None:
            return
        from openinsure.audit.record import AuditEvent, append

        append(
            AuditEvent(
                org_id=self.who.org_id,
                action=action,
                actor_user_id=self.who.actor_id,
                actor_role=self.who.role,
                request_id=f"cli-{now:%Y%m%dT%H%M%S}",
                occurred_at=now,
                entity_table="database",
                object=target,
                after=after,
            )
        )


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
        return _person(token, asked.email, permission, now)
    if migrator and local and environment.optional("MIGRATOR_URL"):
        return Operator(LOCAL_SETUP)
    raise NeedsSignIn("No identity. Set OPENINSURE_TOKEN or give --token (in local also --as).")


def _person(token: str, email: str, permission: str, now: datetime) -> Operator:
    from dbops.cli.main import setup_django

    setup_django()
    from openinsure.accounts import bearer, people, sessions
    from openinsure.audit.grants import Origin
    from openinsure.authz.port import Place, authorizer

    if token:
        origin = Origin(request_id=f"cli-{now:%Y%m%dT%H%M%S}", ip="127.0.0.1", user_agent="cli")
        who = bearer.believe(token, now=now, origin=origin).identity
    else:
        account = people.account_by_email(email)
        if not sessions.may_sign_in(account):
            raise Forbidden("This account cannot sign in.")
        who = sessions.identity_of(account, via="bearer")
    if permission not in authorizer().rights(who.subject, Place(who.org_id)):
        raise Forbidden(f"This needs the permission {permission}, which {who.role} lacks.")
    return Operator(who.email or who.user_id, who)
