"""`openinsure token` and `openinsure accounts create|disable|reset-factor`."""

from __future__ import annotations

import json
import secrets
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from openinsure import environment
from openinsure.accounts import acting, factors, people, tokens
from openinsure.accounts.configuration import token_rules
from openinsure.accounts.identity import SYSTEM_USER_ID, Identity
from openinsure.accounts.models import Account
from openinsure.accounts.snapshot import Snapshot
from openinsure.arguments import Parser
from openinsure.audit.grants import Origin
from openinsure.audit.record import PLATFORM_ORG_ID
from openinsure.authz.asks import ORG_ROLES
from openinsure.authz.permissions import ROLES, Permission, Role
from openinsure.authz.port import Place, authorizer
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Forbidden

BEARER_EXAMPLES = """\
examples:
  openinsure token --email support@acme.test
  openinsure token --system --minutes 5 --json
"""
ACCOUNT_EXAMPLES = """\
examples:
  openinsure accounts create --email ann@acme.test --name "Ann Lee" --org UUID --role support
  openinsure accounts disable ann@acme.test --as admin@acme.test
  openinsure accounts reset-factor ann@acme.test --password-stdin < file
The first account needs no identity; later ones need --token (in local also --as).
"""
MINUTES_MAX = tokens.LIFE_S_MAX // 60


def main(argv: Sequence[str]) -> int:
    """0; refusals are Problems, which the `openinsure` script turns into exit codes."""
    parser = _token_parser() if argv[0] == "token" else _accounts_parser()
    asked = parser.parse_args(argv[1:])
    done: int = asked.run(asked, timezone.now())
    return done


def _minutes(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MINUTES_MAX:
        raise ValueError(text)
    return int(text)


def _token_parser() -> ArgumentParser:
    parser = Parser(
        "openinsure token",
        description="Print a bearer token; not in production.",
        epilog=BEARER_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--email", help="of a local account")
    whose.add_argument("--system", action="store_true", help="of service:system")
    parser.add_argument("--minutes", type=_minutes, default=60, help=f"1 to {MINUTES_MAX}")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_token)
    return parser


def _token(asked: Namespace, now: datetime) -> int:
    rules = token_rules()
    if environment.name() == "production" or not rules.secret:
        raise Forbidden("Tokens are signed by the identity service here.", code="local_only")
    if asked.system:
        sub, org, role, email = SYSTEM_USER_ID, PLATFORM_ORG_ID, str(Role.SYSTEM), "system@console"
    else:
        account = people.account_by_email(asked.email)
        sub, org, role, email = account.user_id, account.org_id, account.role, account.email
    life = timedelta(minutes=asked.minutes)
    token = tokens.issue(
        rules=rules, sub=sub, org=org, role=role, email=email, jti=new_id(), now=now, life=life
    )
    if asked.json:
        told = {"token": token, "expires_at": (now + life).isoformat(timespec="seconds")}
        print(json.dumps(told))
    else:
        print(token)
    return 0


def _accounts_parser() -> ArgumentParser:
    parser = Parser(
        "openinsure accounts",
        description="Local accounts; every change is audited.",
        epilog=ACCOUNT_EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="a new account")
    create.add_argument("--email", required=True)
    create.add_argument("--name", required=True)
    create.add_argument("--org", required=True, type=acting.canonical_id, metavar="UUID")
    create.add_argument("--org-name", default="")
    create.add_argument("--role", required=True, choices=[r for r in ROLES if r != Role.SYSTEM])
    create.add_argument("--user-id", type=acting.canonical_id, default=None, metavar="UUID")
    create.add_argument("--no-password", action="store_true", help="identity service only")
    create.set_defaults(run=_create)
    disable = verbs.add_parser("disable", help="shut an account, end its sessions")
    disable.set_defaults(run=_disable)
    reset = verbs.add_parser("reset-factor", help="a new password, ends its sessions")
    reset.set_defaults(run=_reset)
    for one in (disable, reset):
        one.add_argument("email")
    for one in (create, reset):
        one.add_argument("--password-stdin", action="store_true", help="read it, else make one")
        one.add_argument("--totp", action="store_true", help="a second factor too, printed once")
    for one in (create, disable, reset):
        one.add_argument("--json", action="store_true")
        acting.add_arguments(one)
    return parser


def _create(asked: Namespace, now: datetime) -> int:
    origin = acting.command_origin()
    by = _authorised(asked, asked.org, now, origin) if Account.objects.exists() else None
    _refuse_misplaced(asked.role, asked.org, by)
    password, made = ("", "") if asked.no_password else _password(asked)
    person = Snapshot(
        user_id=asked.user_id or new_id(),
        org_id=asked.org,
        email=asked.email,
        full_name=asked.name,
        role=asked.role,
        org_name=asked.org_name,
    )
    account = people.create_account(
        person,
        password_hash=people.hashed(password) if password else None,
        now=now,
        origin=origin,
        by=by,
    )
    return _report(asked, account, "created", made)


def _disable(asked: Namespace, now: datetime) -> int:
    origin = acting.command_origin()
    by = _authorised(asked, people.account_by_email(asked.email).org_id, now, origin)
    account = people.disable_account(asked.email, now=now, origin=origin, by=by)
    return _report(asked, account, "disabled")


def _reset(asked: Namespace, now: datetime) -> int:
    origin = acting.command_origin()
    by = _authorised(asked, people.account_by_email(asked.email).org_id, now, origin)
    password, made = _password(asked)
    account = people.reset_factor(
        asked.email, password_hash=people.hashed(password), now=now, origin=origin, by=by
    )
    return _report(asked, account, "reset", made)


def _authorised(asked: Namespace, org_id: str, now: datetime, origin: Origin) -> Identity:
    """user.manage in that organisation, or a superadmin. Raises Forbidden (exit 4)."""
    who = acting.acting(token=asked.token, as_email=asked.as_email, now=now, origin=origin)
    rights = authorizer().rights(who.subject, Place(org_id))
    if Permission.USER_MANAGE not in rights and Role.SUPERADMIN not in who.roles:
        raise Forbidden("This needs the permission Manage users.", code="permission_required")
    return who


def _refuse_misplaced(role: str, org_id: str, by: Identity | None) -> None:
    """The platform's roles are for its own people, made by a superadmin or as the first account.

    Raises BadForm, Forbidden.
    """
    if role in ORG_ROLES:
        return
    if org_id != PLATFORM_ORG_ID:
        raise BadForm({"org": f"must be {PLATFORM_ORG_ID}, the platform's, for the role {role}"})
    if by is not None and Role.SUPERADMIN not in by.roles:
        raise Forbidden(f"Only a superadmin makes a {role}.", code="platform_role")


def _password(asked: Namespace) -> tuple[str, str]:
    """(password, the one made here to be printed once)."""
    if asked.password_stdin:
        return people.checked_password(sys.stdin.readline().rstrip("\n")), ""
    made = secrets.token_urlsafe(15)
    return made, made


def _report(asked: Namespace, account: Account, verb: str, made: str = "") -> int:
    shown_once: dict[str, object] = {"password": made} if made else {}
    if getattr(asked, "totp", False):
        offered, codes = factors.enrol(account, now=timezone.now())
        shown_once |= {"second_factor": offered.address, "recovery_codes": list(codes)}
    if asked.json:
        told = {
            "user_id": account.user_id,
            "email": account.email,
            "org_id": account.org_id,
            "role": account.role,
            "state": "disabled" if account.disabled_at else account.status,
        }
        print(json.dumps(told | shown_once))
        return 0
    print(f"{account.email}: {verb} ({account.role}, {account.user_id})")
    for name, value in shown_once.items():
        text = " ".join(value) if isinstance(value, list) else value
        print(f"{name.replace('_', ' ')}, shown once: {text}")
    return 0
