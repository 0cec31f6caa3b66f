"""`openinsure authz check|schema|sync`: SpiceDB's schema and relationships."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from openinsure import environment
from openinsure.accounts import acting, people, sessions
from openinsure.accounts.identity import Identity
from openinsure.arguments import Parser
from openinsure.audit.around import recorded
from openinsure.audit.grants import Origin
from openinsure.audit.record import AuditEvent
from openinsure.authz import schema, standing
from openinsure.authz.client import Client, client
from openinsure.authz.permissions import Role
from openinsure.authz.port import AuthorizationAway, Place, authorizer
from openinsure.authz.relationships import Tuple
from openinsure.jobs import relating, relations
from openinsure.jobs.relations import Difference
from openinsure.problems import Forbidden
from openinsure.tenancy.scope import Scope

OK, FAILURE, UNREACHABLE, FINDINGS = 0, 1, 5, 6
MAY_SYNC = {Role.SUPERADMIN, Role.SYSTEM}
TOLD_MAX = 50  # relationships that an audit row names; their number is always there
EXAMPLES = """\
examples:
  openinsure authz schema                 what differs from schema.zed (exit 6)
  openinsure authz schema --apply         write schema.zed
  openinsure authz sync --dry-run         relationships that differ from the tables (exit 6)
  openinsure authz sync                   make them equal (outside local: with --token)
  openinsure authz check finance@acme.test journal.post
"""


def main(argv: list[str]) -> int:
    """0 equal or done, 1 no, 5 SpiceDB away, 6 differences."""
    asked = _parser().parse_args(argv[1:])
    try:
        code: int = asked.run(asked)
    except AuthorizationAway as away:
        print(f"openinsure authz: SpiceDB does not answer ({away})", file=sys.stderr)
        return UNREACHABLE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        "openinsure authz",
        description="The authorization schema and relationships in SpiceDB.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    of_schema = verbs.add_parser("schema", help="compare the live schema with schema.zed")
    of_schema.add_argument("--apply", action="store_true", help="write it")
    of_schema.set_defaults(run=_schema)
    of_sync = verbs.add_parser("sync", help="make the relationships equal to the tables")
    of_sync.add_argument("--dry-run", action="store_true", help="only report the difference")
    of_sync.add_argument("--org", default=None, type=acting.canonical_id, metavar="UUID")
    acting.add_arguments(of_sync)
    of_sync.set_defaults(run=_sync)
    of_check = verbs.add_parser("check", help="may this person do that in the own organization")
    of_check.add_argument("email")
    of_check.add_argument("permission")
    of_check.set_defaults(run=_check)
    for one in (of_schema, of_sync, of_check):
        one.add_argument("--json", action="store_true")
    return parser


def _schema(asked: argparse.Namespace) -> int:
    if asked.apply:
        schema.apply(client())
    found = schema.differences(client())
    standing.keep_schema(found, now=timezone.now())
    if asked.json:
        print(json.dumps({"differences": found}))
    else:
        print("\n".join(found) if found else "The live schema equals schema.zed")
    return FINDINGS if found else OK


def _sync(asked: argparse.Namespace) -> int:
    now = timezone.now()
    work = relations.difference if asked.dry_run else _audited(asked, now)
    found = relating.compare_all(client(), work, now=now, org_id=asked.org or "")
    if asked.json:
        print(json.dumps({org: _told(one) for org, one in found.items()}))
    else:
        print(_in_words(found, "differ" if asked.dry_run else "were made equal"))
    return FINDINGS if found and asked.dry_run else OK


def _audited(asked: argparse.Namespace, now: datetime) -> Callable[..., Difference]:
    """`relations.sync` between two audit rows of each organisation that differs.

    Raises NeedsSignIn, Forbidden.
    """
    origin = acting.command_origin()
    who = _acting(asked, now, origin)

    def work(
        client: Client, scope: Scope, *, now: datetime, objects: Iterable[Tuple] | None = None
    ) -> Difference:
        found = relations.difference(client, scope, now=now, objects=objects)
        if found:
            with recorded(_event(who, origin, scope, found, now)):
                relations.sync(client, scope, now=now, objects=objects)
        return found

    return work


def _acting(asked: argparse.Namespace, now: datetime, origin: Origin) -> Identity | None:
    """Who makes them equal; None for the set-up of this machine, which has no account yet.

    Their role is read from what proves them and not asked of SpiceDB, which may hold nothing.
    """
    named = asked.token or asked.as_email or environment.optional("OPENINSURE_TOKEN")
    if not named and environment.name() == "local":
        return None
    who = acting.acting(token=asked.token, as_email=asked.as_email, now=now, origin=origin)
    if not MAY_SYNC & who.roles:
        raise Forbidden("This needs the role superadmin.", code="permission_required")
    return who


def _event(
    who: Identity | None, origin: Origin, scope: Scope, found: Difference, now: datetime
) -> AuditEvent:
    after: dict[str, Any] = {"missing": len(found.missing), "surplus": len(found.surplus)}
    told = [f"{verb} {one}" for verb, one in found.named()]
    return AuditEvent(
        org_id=scope.org_id,
        action="authz.synced",
        actor_user_id=who.actor_id if who else None,
        actor_role=who.role if who else str(Role.SYSTEM),
        request_id=origin.request_id,
        user_agent=origin.user_agent,
        occurred_at=now,
        entity_table="relationships",
        object="relationships",
        after={**after, "relationships": told[:TOLD_MAX]},
        cross_org=who is not None and who.org_id != scope.org_id,
    )


def _told(found: Difference) -> dict[str, list[str]]:
    return {
        "missing": [str(one) for one in found.missing],
        "surplus": [str(one) for one in found.surplus],
    }


def _in_words(found: dict[str, Difference], verb: str) -> str:
    if not found:
        return "0 relationships differ"
    lines = [
        f"{org}: {len(one.missing)} missing and {len(one.surplus)} surplus relationships {verb}"
        for org, one in found.items()
    ]
    return "\n".join(lines)


def _check(asked: argparse.Namespace) -> int:
    account = people.account_by_email(asked.email)
    who = sessions.identity_of(account, via="bearer")
    rights = authorizer().rights(who.subject, Place(who.org_id), latest=True)
    yes = asked.permission in rights
    if asked.json:
        print(json.dumps({"email": account.email, "permission": asked.permission, "may": yes}))
    else:
        print(f"{account.email} {'may' if yes else 'may not'} {asked.permission}")
    return OK if yes else FAILURE
