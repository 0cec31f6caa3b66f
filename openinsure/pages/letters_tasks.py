"""Letters as tasks: sent for one organisation, and the sweeper that settings/cron.py starts."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from openinsure.audit.directory import directory
from openinsure.billing.operations import invoicing
from openinsure.console.letters import LetterRow, send_due, settle_stale
from openinsure.console.mail import mailer
from openinsure.policies.operations import papers
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.jobs import org_task, platform_task
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

log = logging.getLogger(__name__)
SUBJECT = "service:letters"
INVOICE, CERTIFICATE, DECLARATIONS = "invoice", "certificate", "declarations"


def happened(scope: Scope, letter: LetterRow) -> bool:
    """Whether the change that a letter tells of stands: its event has the letter's id."""
    if letter.kind == INVOICE:
        return invoicing.stands(scope, letter.id)
    return papers.stands(scope, letter.id)


def send_letters(scope: Scope) -> int:
    """Send what is due for the organisation entered; how many went."""
    now = timezone.now()
    settle_stale(scope, happened, now=now)
    sent = send_due(scope, mailer(), now=now)
    for letter in sent:
        if letter.kind == INVOICE:
            invoicing.mark_delivered(scope, letter.entity_id, now=now)
    return len(sent)


@org_task(name="letters.send")
def send(scope: SystemScope, **kwargs: Any) -> int:
    """Send the letters of one organisation."""
    return send_letters(scope)


@platform_task(name="letters.sweep")
def sweep(scope: Scope, **kwargs: Any) -> int:
    """Send what was left over anywhere, one organisation at a time; how many went."""
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, scope.request_id))
    sent = 0
    for org_id in ids:
        home = SystemScope(org_id, SUBJECT, scope.request_id)
        with entered(home):
            sent += send_letters(home)
    return sent


def enqueue(scope: Scope) -> bool:
    """Ask a worker to send now; False while the broker is away: the sweeper comes."""
    try:
        send.enqueue(scope)
    except BrokerAway:
        log.warning("the broker is away; a letter waits for the sweeper")
        return False
    return True
