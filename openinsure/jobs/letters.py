"""Sending what is queued: one letter, and the word for what became of it."""

from __future__ import annotations

import logging

from openinsure.console.mail import Letter, MailAway, Mailer, MailRefused, MailUnknown

SENT, BOUNCED, NOT_SENT, UNKNOWN, NO_ADDRESS = (
    "sent",
    "bounced",
    "not_sent",
    "unknown",
    "no_address",
)
QUEUED = "queued"

log = logging.getLogger(__name__)


def deliver(mailer: Mailer, letter: Letter) -> str:
    """sent, bounced (never again), not_sent (may be tried again), unknown (never by itself)."""
    if not letter.to:
        return NO_ADDRESS
    try:
        mailer.send(letter)
    except MailRefused:
        return BOUNCED
    except MailAway as away:
        log.warning("the mail server is away: %s", away)
        return NOT_SENT
    except MailUnknown as lost:
        log.warning("a letter may have gone: %s", lost)
        return UNKNOWN
    return SENT
