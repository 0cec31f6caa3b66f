"""Rows that all tests of a module share: made once, in a transaction around them all.

Each test runs in savepoints inside it and is rolled back to them, as it would be to the beginning:
it meets the rows as they were made, and nothing of another test. The last one takes them away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest
from django.db import transaction

from openinsure.orgs import codes, contacts, staff
from openinsure.orgs.operations import sequences
from openinsure.settings.databases import KEYSPACES, LEDGER_ALIAS

ALIASES = ("default", *KEYSPACES, LEDGER_ALIAS)
Standing = Callable[[], AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[Standing]:
    """`with standing(): ...` lets a fixture of a module write rows that stand to its end."""
    around = ExitStack()
    with django_db_blocker.unblock():
        for alias in ALIASES:
            around.enter_context(taken_back(alias))
    yield django_db_blocker.unblock
    with django_db_blocker.unblock():
        around.close()


@contextmanager
def taken_back(alias: str) -> Iterator[None]:
    """A transaction that is rolled back at its end."""
    with transaction.atomic(using=alias):
        yield
        transaction.set_rollback(True, using=alias)


@pytest.fixture
def nothing_kept() -> None:
    """What the process keeps of an organisation is not that of a test before."""
    for kept in (staff._kept, codes._kept, contacts._kept, sequences._held):
        kept.clear()
