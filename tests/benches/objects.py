"""One object of each noun of the loaded demo, and its people's browsers. Needs Django set up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.test import Client

from openinsure.accounts.models import Account
from openinsure.demo.organisations import PLATFORM_SIGN_INS, SIGN_INS
from openinsure.tenancy.scope import OrgScope, Scope, entered
from tests import people
from tests.routes import ROUTES

# Noun -> table and column of the number that stands in its page's address.
NOUNS = {
    "policy": ("policies", "policy_number"),
    "insured": ("insureds", "id"),
    "account": ("billing_accounts", "account_number"),
    "invoice": ("invoices", "invoice_number"),
    "payment": ("payments", "payment_number"),
    "entry": ("gl_journal_entries", "entry_number"),
    "transfer": ("ledger_transfers", "tb_transfer_id"),
    "period": ("gl_periods", "period_code"),
    "submission": ("submissions", "submission_number"),
    "message": ("inbound_messages", "id"),
    "producer": ("producers", "code"),
    "program": ("programs", "code"),
    "claim": ("claims", "claim_number"),
    "disbursement": ("disbursements", "disbursement_number"),
    "bordereau": ("bordereaux", "bordereau_number"),
    "settlement": ("carrier_settlements", "settlement_number"),
    "remittance": ("tax_remittances", "id"),
    "statement": ("commission_statements", "id"),
    "user": ("users", "id"),
    "notice": ("policy_notices", "id"),
    "suspense": ("suspense_items", "id"),
}


def scope_of(org_id: str) -> Scope:
    """The organisation as its own people see it."""
    return OrgScope(org_id, "service:bench")


def numbers_of(org_id: str) -> dict[str, str]:
    """The last object of each noun that the demo has."""
    models = {model._meta.db_table: model for model in apps.get_models()}
    scope, found = scope_of(org_id), dict[str, str]()
    with entered(scope):
        for noun, (table, column) in NOUNS.items():
            model: Any = models.get(table)
            row = model and model.objects.within(scope).order_by("-id").values(column).first()
            if row:
                found[noun] = str(row[column])
            else:
                print(f"no {noun} in {table}: its pages are left out")
        sent: Any = models["policy_notices"]
        notices = sent.objects.within(scope).filter(id=found.get("notice"))
        found["notified"] = notices.values_list("policy__policy_number", flat=True).first() or ""
    return found


def path_of(name: str, numbers: Mapping[str, str]) -> str:
    """The address of a route's object: a notice stands below its own policy. Raises KeyError."""
    path = ROUTES[name].path
    own = {"policy": numbers["notified"]} if "{notice}" in path else {}
    return path.format_map({**numbers, **own})


def roles_of(org_id: str) -> Iterator[tuple[str, Client]]:
    """Each role with the browser of one of its people."""
    slug = {"a": "acme", "b": "borealis", "c": "cascade"}[org_id[-1]]
    named = [(f"{local}@{slug}.test", role) for local, role in SIGN_INS if local != "finance2"]
    named += [(f"{local}@openinsure.test", role) for local, role in PLATFORM_SIGN_INS]
    for email, role in named:
        yield role, people.browser_of(Account.objects.get(email=email))
