"""Django's entry for pages: they lie above everything, so they connect what lies below."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Roll-ups in oi_console; hands the directory of organisations to the shell."""

    name = "openinsure.pages"
    label = "pages"

    def ready(self) -> None:
        """Register the ports that core folders declare."""
        from openinsure.accounts import snapshot
        from openinsure.audit.directory import Directory, register
        from openinsure.billing import ledger_number, relay_start
        from openinsure.jobs import tasks
        from openinsure.orgs import ledgers, queries
        from openinsure.pages import account_source

        register(Directory(find_name=queries.find_name, list_ids=queries.list_ids))
        snapshot.register_reader(account_source.read)
        ledger_number.register(ledgers.ledger_number)
        relay_start.register(tasks.start_relay)
