"""Personal data behind a policy: compared unseen, or read once its audit row stands."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from openinsure.keyspaces.sealing import CannotOpen, unseal
from openinsure.policies.models import Insured, PolicyDriver
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope

# What a caller may be asked for: field -> its word.
ASKED = {
    "phone": "Phone on file",
    "email": "E-mail on file",
    "fein_last4": "FEIN, last four",
    "postal_code": "Postal code",
}
COLUMNS = {
    "phone": "phone_digits",
    "email": "email",
    "fein_last4": "fein_last4",
    "postal_code": "postal_code",
}
UNREADABLE = "cannot be opened with our keys"


@dataclass(frozen=True, slots=True)
class PersonalFact:
    """One revealed value."""

    what: str
    value: str


def matches(scope: Scope, insured_id: str, *, field: str, said: str) -> bool:
    """Whether what a caller says is what is on file; an empty file never matches."""
    column = COLUMNS[field]
    rows = Insured.objects.within(scope).filter(id=insured_id).values_list(column, flat=True)
    for stored in rows:
        kept, heard = _plain(field, stored or ""), _plain(field, said)
        return bool(kept) and hmac.compare_digest(kept.encode(), heard.encode())
    raise NotFound("insured")


def contact_facts(scope: Scope, insured_id: str) -> list[PersonalFact]:
    """Contact of one insured. Audit first, then call this. One statement on oi_policies."""
    columns = ("phone", "email", "address_line1", "address_line2", "city", "state", "postal_code")
    row = Insured.objects.within(scope).filter(id=insured_id).values(*columns).first()
    if row is None:
        raise NotFound("insured")
    street = [row["address_line1"], row["address_line2"], row["city"], row["state"]]
    return [
        PersonalFact("Phone", row["phone"] or ""),
        PersonalFact("E-mail", row["email"] or ""),
        PersonalFact("Address", ", ".join(p for p in [*street, row["postal_code"]] if p)),
    ]


def personal_facts(scope: Scope, policy_id: str, insured_id: str) -> list[PersonalFact]:
    """Contact of the insured, birth date and licence of each driver. Audit first, then call this.

    Two statements on oi_policies.
    """
    facts = contact_facts(scope, insured_id)
    drivers = PolicyDriver.objects.within(scope).filter(policy_id=policy_id).order_by("full_name")
    for name, born, licence in drivers.values_list("full_name", "dob_enc", "license_number_enc"):
        facts.append(PersonalFact(f"{name}, born", _open(scope, "policy_drivers.dob", born)))
        facts.append(
            PersonalFact(f"{name}, license", _open(scope, "policy_drivers.license_number", licence))
        )
    return facts


def _plain(field: str, text: str) -> str:
    if field == "phone":
        digits = "".join(c for c in text if c.isdigit())
        return digits[-10:] if len(digits) >= 10 else ""
    return text.strip().casefold().replace(" ", "")


def _open(scope: Scope, field: str, sealed: bytes | None) -> str:
    if not sealed:
        return ""
    try:
        return unseal(scope.org_id, field, bytes(sealed))
    except CannotOpen:
        return UNREADABLE
