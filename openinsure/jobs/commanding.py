"""What the commands of jobs and of the ledger share: who acts, how long it may take, exit codes."""

from __future__ import annotations

import signal
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.db.utils import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from django.utils import timezone

from openinsure.accounts.acting import acting, command_origin
from openinsure.accounts.identity import Identity
from openinsure.audit.record import AuditEvent
from openinsure.authz.permissions import Permission
from openinsure.authz.port import Place, authorizer
from openinsure.console.errors import AWAY
from openinsure.problems import Forbidden, Problem
from openinsure.tenancy.scope import CANONICAL_UUID

OK, FAILURE, USAGE, NOT_FOUND, DENIED, UNREACHABLE, FINDINGS = range(7)
CODES = {401: DENIED, 403: DENIED, 404: NOT_FOUND, 422: USAGE, 503: UNREACHABLE}

DATABASE_ERRORS = (OperationalError, InterfaceError, ProgrammingError)
OTHER_SCHEMA = frozenset({1054, 1146})  # no such column, no such table


class TookTooLong(Exception):
    """The time that --timeout gave is over."""


def add_reading(parser: ArgumentParser) -> None:
    """The words of every reading command."""
    parser.add_argument("--json", action="store_true", help="JSON instead of lines")
    parser.add_argument("--timeout", type=seconds, metavar="SECONDS", help="give up after these")
    parser.add_argument("--no-color", action="store_true", help="plain text (always so here)")


def seconds(text: str) -> float:
    """argparse type: a positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 86_400:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def organization(text: str) -> str:
    """argparse type: the canonical id of an organization."""
    if not CANONICAL_UUID.fullmatch(text.lower()):
        raise ArgumentTypeError(f"{text!r} is not the canonical id of an organization")
    return text.lower()


@contextmanager
def within(limit: float | None) -> Iterator[None]:
    """Raises TookTooLong once the seconds are over; None waits on."""

    def over(_: int, __: FrameType | None) -> None:
        raise TookTooLong

    if limit is None:
        yield
        return
    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def permit(asked: Namespace, *wanted: Permission, org_id: str = "") -> Identity:
    """Who acts, with one of these permissions there.

    org_id: by default the person's own organization. Raises NeedsSignIn, Forbidden, NotFound.
    """
    now = timezone.now()
    who = acting(token=asked.token, as_email=asked.as_email, now=now, origin=command_origin())
    may = authorizer().rights(who.subject, Place(org_id or who.org_id)).intersection(wanted)
    if not may and Permission.JOBS_RUN in wanted:  # an operator has it at home, for every one
        may = authorizer().rights(who.subject, Place(who.org_id)) & {Permission.JOBS_RUN}
    if not may:
        raise Forbidden(f"This needs the permission {wanted[0]}.", code="permission_required")
    return who


def event_of(who: Identity, action: str, *, org_id: str, table: str, object: str) -> AuditEvent:
    """The audit row of what a person did by a command, in the chain of an organisation."""
    origin = command_origin()
    return AuditEvent(
        org_id=org_id,
        action=action,
        actor_user_id=who.actor_id,
        actor_role=who.role,
        request_id=origin.request_id,
        user_agent=origin.user_agent,
        occurred_at=timezone.now(),
        entity_keyspace="oi_global" if table == "cron_runs" else "oi_billing",
        entity_table=table,
        object=object,
        cross_org=who.org_id != org_id,
    )


def code_of(problem: Problem) -> int:
    """The exit code of a refusal."""
    return CODES.get(problem.status, FAILURE)


def why_of(error: DatabaseError | InterfaceError) -> tuple[str, int]:
    """What a database refused, in words for the operator, and the exit code.

    Raises the error itself where it is a bug of ours.
    """
    number, text = (*error.args, "", "")[:2]
    if number in OTHER_SCHEMA:
        told = f"{text}: a migration is pending, or the schema drifted; openinsure db status says"
        return told, FAILURE
    if isinstance(error, ProgrammingError):
        raise error
    if number in AWAY or type(number) is not int:
        return "the databases do not answer", UNREACHABLE
    return f"the database gave up ({number}: {text}); try again", UNREACHABLE
