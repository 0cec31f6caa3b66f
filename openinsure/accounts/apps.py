"""Django's entry for accounts."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who is signed in."""

    name = "openinsure.accounts"
    label = "accounts"
