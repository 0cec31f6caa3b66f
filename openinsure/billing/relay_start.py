"""Starting the relay once an entry with transfers is committed: a port, because jobs lie above.

A start that fails is no loss: the sweeper starts every organisation's relay each minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import transaction

from openinsure.tenancy.scope import Scope

Starter = Callable[[Scope], None]
KEYSPACE = "oi_billing"
_starters: list[Starter] = []
log = logging.getLogger(__name__)


def register(starter: Starter) -> None:
    """The one function that hands an organisation's outbox to a worker."""
    _starters[:] = [starter]


def after_commit(scope: Scope) -> None:
    """Start the relay when the transaction under way is committed; never fails the writer."""
    transaction.on_commit(lambda: _start(scope), using=KEYSPACE, robust=True)


def _start(scope: Scope) -> None:
    for starter in _starters:
        try:
            starter(scope)
        except Exception as error:
            log.warning("the relay was not started, the sweeper will: %s", type(error).__name__)
