"""The demo's local accounts: every user of the demo, one password for all."""

from __future__ import annotations

from functools import cache

from openinsure.accounts.models import Account
from openinsure.accounts.people import create_accounts, hashed
from openinsure.accounts.snapshot import Snapshot
from openinsure.demo.book import Book
from openinsure.demo.clock import at

PASSWORD = "openinsure-demo"  # noqa: S105 - printed by `make run`; refused in production


@cache
def _hash() -> str:
    return hashed(PASSWORD)


def create_sign_ins(book: Book) -> int:
    """An account for each user in the book; replaces those of an earlier load. Returns how many."""
    Account.objects.filter(org_id=book.spec.id).delete()
    people = [
        Snapshot(
            user_id=user["id"],
            org_id=book.spec.id,
            email=user["email"],
            full_name=user["full_name"],
            role=role,
            org_name=book.spec.display_name,
        )
        for role, users in book.users.items()
        for user in users
    ]
    return create_accounts(people, password_hash=_hash(), now=at(book.today))
