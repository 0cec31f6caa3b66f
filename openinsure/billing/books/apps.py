"""App of the sums of the books: its tables are in oi_console, not in the keyspace they sum."""

from __future__ import annotations

from django.apps import AppConfig


class BooksConfig(AppConfig):
    """Daily sums of the journal and of carriers, sums of ledger types and open commissions."""

    name = "openinsure.billing.books"
    label = "books"
