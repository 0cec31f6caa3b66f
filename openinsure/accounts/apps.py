"""Django's entry for accounts."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who is signed in."""

    name = "openinsure.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Check the token rules and connect the port's hooks. Raises ConfigurationError."""
        from openinsure.accounts import operations, snapshot, trail
        from openinsure.accounts.configuration import token_rules
        from openinsure.authz.decorators import register_denial_recorder

        token_rules()
        register_denial_recorder(trail.denied)
        snapshot.on_change_of_rights(operations.lose_rights)
