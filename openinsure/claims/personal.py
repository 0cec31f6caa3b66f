"""Personal data of a claim's people: read once its audit row stands, shown in one answer only."""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.claims.models import Claimant
from openinsure.keyspaces.sealing import CannotOpen, unseal
from openinsure.tenancy.scope import Scope

ROWS_MAX = 100
UNREADABLE = "cannot be opened with our keys"


@dataclass(frozen=True, slots=True)
class PersonalFact:
    """One revealed value."""

    what: str
    value: str


def claimant_facts(scope: Scope, claim_id: str) -> list[PersonalFact]:
    """Contact and tax number of each claimant. Audit first, then call this. One statement."""
    rows = Claimant.objects.within(scope).filter(claim_id=claim_id).order_by("name_norm", "id")
    columns = ("full_name", "phone", "email", "address_line1", "city", "state", "postal_code",
               "tin_enc")  # fmt: skip
    facts = []
    for name, phone, email, *place, tin in rows.values_list(*columns)[:ROWS_MAX]:
        address = ", ".join(part for part in place if part)
        told = (("phone", phone), ("e-mail", email), ("address", address))
        facts += [PersonalFact(f"{name}, {what}", value or "") for what, value in told]
        facts.append(PersonalFact(f"{name}, tax number", _open(scope, tin)))
    return facts


def _open(scope: Scope, sealed: bytes | None) -> str:
    if not sealed:
        return ""
    try:
        return unseal(scope.org_id, "claimants.tin", bytes(sealed))
    except CannotOpen:
        return UNREADABLE
