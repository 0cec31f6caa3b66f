"""Insureds as underwriting sees them: one applicant, and who shares its FEIN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from openinsure.policies.models import Insured
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, nothing, reading

MASK = "••••"
SAME_MAX = 50


@dataclass(frozen=True, slots=True)
class ApplicantRow:
    """The insured behind a submission; contact data is masked."""

    id: str
    legal_name: str
    dba_name: str | None
    entity_type: str
    fein: str
    phone: str
    email: str
    city: str | None
    state: str | None
    naics_code: str | None
    years_in_business: int | None
    status: str


def list_applicants(scope: Scope, insured_id: str | None) -> Reading[ApplicantRow]:
    """The insured, if the submission names one. One query."""
    if insured_id is None:
        return nothing()
    rows = Insured.objects.within(scope).filter(id=insured_id).values_list(
        "id", "legal_name", "dba_name", "entity_type", "fein_last4", "phone", "email", "city",
        "state", "naics_code", "years_in_business", "status",
    )  # fmt: skip
    return reading(rows, _applicant)


def _applicant(*row: Any) -> ApplicantRow:
    key, name, trade, kind, fein, phone, email, city, state, naics, years, status = row
    return ApplicantRow(
        id=key,
        legal_name=name,
        dba_name=trade,
        entity_type=kind,
        fein=f"{MASK} {fein}" if fein else "",
        phone=MASK if phone else "",
        email=MASK if email else "",
        city=city,
        state=state,
        naics_code=naics,
        years_in_business=years,
        status=status,
    )


def same_fein(scope: Scope, insured_id: str | None) -> Reading[tuple[str, str]]:
    """Id and normalised name of every insured with this one's FEIN, itself included.

    Nothing if there is no insured or its FEIN is not known. One query.
    """
    if insured_id is None:
        return nothing()
    insureds = Insured.objects.within(scope)
    known = insureds.filter(id=insured_id).exclude(fein_hash="").values("fein_hash")
    rows = insureds.filter(fein_hash=Subquery(known)).order_by("id").values_list("id", "name_norm")
    return reading(rows[:SAME_MAX], lambda key, name: (key, name))
