"""`openinsure ledger VERB`: engine, accounts, comparison, daily sums, and what makes them anew."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from contextlib import nullcontext

from django.utils import timezone

from openinsure.accounts.acting import add_arguments
from openinsure.accounts.identity import Identity
from openinsure.arguments import Parser
from openinsure.audit.around import recorded
from openinsure.audit.directory import directory
from openinsure.audit.record import AuditEvent
from openinsure.authz.permissions import Permission
from openinsure.authz.port import AuthorizationAway
from openinsure.billing.books.checking import wrong_days
from openinsure.billing.books.taking import rebuild
from openinsure.billing.models import LedgerAccount
from openinsure.billing.operations import outbox
from openinsure.jobs.commanding import (
    DATABASE_ERRORS,
    FINDINGS,
    OK,
    UNREACHABLE,
    TookTooLong,
    add_reading,
    code_of,
    event_of,
    organization,
    permit,
    why_of,
    within,
)
from openinsure.jobs.reconciliation import reconcile
from openinsure.jobs.relay import relay
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.port import WEB_DEADLINE_MS, LedgerAway
from openinsure.plurals import many
from openinsure.problems import NotFound, Problem
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

WRITES = {
    "reconcile": Permission.LEDGER_RUN_CHECK,
    "replay": Permission.LEDGER_RESOLVE,
    "rebuild": Permission.LEDGER_RUN_CHECK,
}
DONE = {
    "reconcile": "ledger.reconciled",
    "replay": "ledger.replayed",
    "rebuild": "ledger.sums_rebuilt",
}
SUBJECT = "service:ledger"
EXAMPLES = """\
examples:
  openinsure ledger health --json
  openinsure ledger balances --org 0190a000-0000-7000-8000-00000000000a
  openinsure ledger reconcile --org 0190a000-0000-7000-8000-00000000000a --as finance@acme.test
  openinsure ledger replay --org 0190a000-0000-7000-8000-00000000000a --token TOKEN
  openinsure ledger sums --org 0190a000-0000-7000-8000-00000000000a
  openinsure ledger rebuild --org 0190a000-0000-7000-8000-00000000000a --as finance@acme.test
exit codes: 0 ok, 2 usage, 3 no such organization, 4 no identity or permission, 5 the ledger does
not answer, 6 findings: transfers need a person, cents are unexplained, daily sums are wrong
"""


def main(argv: Sequence[str]) -> int:
    """The exit code. argv starts with the verb itself."""
    parser = Parser(
        prog="openinsure ledger", epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["health", *WORK])
    parser.add_argument("--org", type=organization, help="the organization's id (all but health)")
    add_reading(parser)
    add_arguments(parser)
    asked = parser.parse_args(argv[1:])
    if asked.org is None and asked.action != "health":
        parser.error(f"{asked.action} needs --org, the organization's id")
    try:
        with within(asked.timeout):
            return _health(as_json=asked.json) if asked.action == "health" else _work(asked)
    except Problem as problem:
        return _ended(asked, problem.code, problem.message, code_of(problem))
    except LedgerAway as away:
        told = f"{away}: the journal goes on, transfers wait"
        return _ended(asked, "ledger_away", told, UNREACHABLE)
    except (AuthorizationAway, TookTooLong) as away:
        return _ended(asked, "no_answer", str(away) or "no answer in time", UNREACHABLE)
    except DATABASE_ERRORS as error:
        return _ended(asked, "database", *why_of(error))


def _ended(asked: Namespace, error: str, told: str, code: int) -> int:
    """The exit code of a refusal, told in one line; to a script as an object, too."""
    print(f"openinsure ledger: {told}", file=sys.stderr)
    if asked.json:
        state = {"state": "unreachable"} if asked.action == "health" else {}
        print(json.dumps({"error": error, "message": told} | state))
    return code


def _work(asked: Namespace) -> int:
    """What concerns one organisation; who writes names themselves."""
    wanted, who = WRITES.get(asked.action), None
    if wanted is not None:
        who = permit(asked, wanted, Permission.JOBS_RUN, org_id=asked.org)
    reader = DirectoryScope(PLATFORM_ORG_ID, SUBJECT, new_id())
    if directory().find_name(reader, asked.org) is None:
        raise NotFound("organization", message=f"There is no organization {asked.org}.")
    scope = SystemScope(asked.org, SUBJECT, reader.request_id)
    with entered(scope), recorded(_event(who, asked)) if who else nullcontext():
        return WORK[asked.action](scope, as_json=asked.json)


def _event(who: Identity, asked: Namespace) -> AuditEvent:
    action = DONE[asked.action]
    return event_of(who, action, org_id=asked.org, table="ledger_accounts", object="ledger")


def _health(*, as_json: bool) -> int:
    engine = adapter()
    begun = time.monotonic_ns()
    engine.lookup_accounts([1], deadline_ms=WEB_DEADLINE_MS)
    took = (time.monotonic_ns() - begun) // 1_000_000
    told = {"engine": engine.name, "state": "running", "answer_ms": took}
    print(json.dumps(told) if as_json else f"{engine.name}: running, answered in {took} ms")
    return OK


def _balances(scope: Scope, *, as_json: bool) -> int:
    """What the engine itself says, in cents, beside what the pages show."""
    rows = {ids.number(row.tb_account_id): row for row in LedgerAccount.objects.within(scope)}
    found = adapter().lookup_accounts(list(rows), deadline_ms=WEB_DEADLINE_MS)
    told = []
    for one in found:
        row, net = rows[one.id], one.debits_posted - one.credits_posted
        told.append(
            {
                "account": row.name,
                "sub_purpose": row.sub_purpose,
                "currency": row.currency,
                "balance_cents": net if row.normal_side == "D" else -net,
                "pending_debits_cents": one.debits_pending,
                "pending_credits_cents": one.credits_pending,
                "shown_cents": row.last_balance_cents,
            }
        )
    if as_json:
        print(json.dumps({"org": scope.org_id, "accounts": told}))
    for line in told if not as_json else ():
        print(f"{line['balance_cents']:>16}  {line['account']} {line['sub_purpose']}".rstrip())
    return OK


def _reconcile(scope: Scope, *, as_json: bool) -> int:
    """Compare journal and ledger now; stored as today's run, as the 07:00 job does."""
    now = timezone.now()
    found = reconcile(scope, now.date(), now=now)
    lines = [one for findings in found for one in findings.compared]
    told = [
        {
            "account_type": one.kind.account_type,
            "purpose": one.kind.purpose,
            "currency": one.kind.currency,
            "journal_cents": one.journal_cents,
            "ledger_cents": one.ledger_cents,
            "difference_cents": one.drift_cents,
            "explained_cents": one.explained_cents,
            "unexplained_cents": one.unexplained_cents,
            "causes": dict(one.causes),
        }
        for one in lines
    ]
    if as_json:
        print(json.dumps({"org": scope.org_id, "accounts": told}))
    for one in lines if not as_json else ():
        name = f"{one.kind.account_type} {one.kind.purpose}".rstrip()
        print(f"{name:<28}{one.journal_cents:>16}{one.ledger_cents:>16}{one.drift_cents:>14}"
              f"{one.unexplained_cents:>14}  {one.status}")  # fmt: skip
    if any(findings.away for findings in found):
        print("openinsure ledger: away; its last stored balances were compared", file=sys.stderr)
        return UNREACHABLE
    bad = any(one.unexplained_cents for one in lines) or any(one.faults for one in found)
    return FINDINGS if bad else OK


def _replay(scope: Scope, *, as_json: bool) -> int:
    """Build the organisation's ledger anew from its transfers; what stands already is kept."""
    now = timezone.now()
    again = outbox.start_over(scope, now=now)
    done = relay(scope, now=now)
    told = {"replayed": again, "posted": done.posted, "review": done.review, "away": done.away}
    words = (
        f"{many(again, 'transfer')} sent again, {done.posted} stand, {done.review} need a person"
    )
    print(json.dumps(told) if as_json else words)
    if done.away or done.busy:
        print("openinsure ledger: not all could be sent; the relay goes on", file=sys.stderr)
        return UNREACHABLE
    return FINDINGS if done.review or done.refused else OK


def _sums(scope: Scope, *, as_json: bool) -> int:
    """Hold the daily sums that pages read against the journal itself."""
    wrong = [f"{day:%Y-%m-%d}" for day in wrong_days(scope)]
    words = (
        f"wrong on {many(len(wrong), 'day')}, the first {wrong[0]}" if wrong else "as the journal"
    )
    print(json.dumps({"org": scope.org_id, "wrong_days": wrong}) if as_json else words)
    return FINDINGS if wrong else OK


def _rebuild(scope: Scope, *, as_json: bool) -> int:
    """Make the daily sums anew; pages sum the journal itself meanwhile."""
    taken = rebuild(scope, at=timezone.now())
    words = f"{taken} entries and premium streams taken up"
    print(json.dumps({"org": scope.org_id, "taken": taken}) if as_json else words)
    return OK


WORK = {
    "balances": _balances,
    "reconcile": _reconcile,
    "replay": _replay,
    "sums": _sums,
    "rebuild": _rebuild,
}
