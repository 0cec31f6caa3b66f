"""The look-up's housekeeping, one organisation at a time: tokens, old stored searches."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.utils import InterfaceError, OperationalError

from openinsure.audit.directory import directory
from openinsure.pages import find_stored, find_words
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

SUBJECT = "service:search"

log = logging.getLogger(__name__)


def take_up_all(*, request_id: str = "") -> int:
    """Tokens of every insured that changed; how many. An organisation that fails stops no other."""
    return _each(find_words.take_up, request_id)


def forget_all(*, at: datetime, request_id: str = "") -> int:
    """Delete every organisation's stored searches older than 30 days; how many."""
    return _each(lambda scope: find_stored.forget(scope, now=at), request_id)


def _each(work: Callable[[Scope], int], request_id: str) -> int:
    done = 0
    for org_id in directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id)):
        scope = SystemScope(org_id, SUBJECT, request_id)
        try:
            with entered(scope):
                done += work(scope)
        except (OperationalError, InterfaceError) as error:
            log.warning("search housekeeping waits: %s", type(error).__name__)
    return done
