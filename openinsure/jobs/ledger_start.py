"""What must hold of the ledger before a worker starts: enough clients, and the ledger that it was.

A client too many blocks for ever without an error. A ledger that lacks what was posted (another
back end or cluster, an emptied one) would take new transfers and miss all older ones.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import Error, connections

from openinsure.audit.directory import directory
from openinsure.billing.models import LedgerAccount
from openinsure.environment import ConfigurationError, integer
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.ledger.backends import adapter
from openinsure.ledger.port import JOB_DEADLINE_MS, LedgerAway
from openinsure.plurals import many
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, SystemScope, entered

SUBJECT = "service:ledger"
DEVELOPMENT_CLIENTS = 7  # of a server started with --development; else 32
COMMANDS = 1  # `openinsure ledger` beside the processes that stay
KNOWN = 20  # accounts of an organisation that are looked for; one found is enough
NAMED = 5  # organisations of a message

log = logging.getLogger(__name__)


def refusal(workers: int) -> str:
    """Why a worker of so many processes must not start, and what to do; "" if it may."""
    try:
        return _too_many(workers) or _another_ledger()
    except ConfigurationError as error:
        return str(error)


def _too_many(workers: int) -> str:
    """Each process that asks the server holds one client as long as it lives."""
    if settings.LEDGER_BACKEND != "tigerbeetle":
        return ""
    most = integer("TIGERBEETLE_CLIENTS_MAX", DEVELOPMENT_CLIENTS, 1, 64)
    web = integer("OPENINSURE_WEB_PROCESSES", 2, 0, 64)
    needed = workers + web + COMMANDS
    if needed <= most:
        return ""
    return (
        f"TIGERBEETLE_CLIENTS_MAX: is {most}, but {workers} worker processes, {web} web processes"
        f" and a command need {needed}. Start fewer (--concurrency), or raise it if the server"
        f" takes more ({DEVELOPMENT_CLIENTS} with --development, else 32): one client too many"
        " blocks for ever."
    )


def _another_ledger() -> str:
    """Organisations whose accounts were opened in a ledger that is not this one."""
    engine = adapter()
    try:
        strange = [one for one in _organizations() if _unknown(one)]
    except (LedgerAway, Error) as away:
        log.warning("not checked that this is the ledger that was posted to: %s", away)
        return ""
    finally:  # the processes of the pool are forked from this one: nothing open may go along
        if close := getattr(engine, "close", None):
            close()
        connections.close_all()
    if not strange:
        return ""
    more = f" and {len(strange) - NAMED} more" if len(strange) > NAMED else ""
    return (
        f"LEDGER_BACKEND: {engine.name} holds none of the accounts that were posted to for"
        f" {many(len(strange), 'organization')} ({', '.join(strange[:NAMED])}{more})."
        " Set it back to the ledger that holds them, or rebuild this one for each:"
        " openinsure ledger replay --org ID"
    )


def _organizations() -> tuple[str, ...]:
    return directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, new_id()))


def _unknown(org_id: str) -> bool:
    """Whether accounts were opened for the organisation, and the ledger knows none of them."""
    with entered(SystemScope(org_id, SUBJECT, new_id())) as scope:
        rows = LedgerAccount.objects.within(scope).exclude(last_synced_at=None).order_by("id")
        numbers = [ids.number(one) for one in rows.values_list("tb_account_id", flat=True)[:KNOWN]]
    return bool(numbers) and not adapter().lookup_accounts(numbers, deadline_ms=JOB_DEADLINE_MS)
