"""One insured across all its terms: facts with contact data masked, and its policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from openinsure.policies.models import Insured, Policy
from openinsure.problems import NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

MASK = "••••"
TERMS_MAX = 200


@dataclass(frozen=True, slots=True)
class InsuredRow:
    """One insured. phone, email and address are masked; pages reveal them with a reason."""

    id: str
    name: str
    trading_as: str | None
    entity_type: str
    status: str
    usdot_number: str | None
    mc_number: str | None
    fein: str
    phone: str
    email: str
    address: str
    city: str | None
    state: str | None
    years_in_business: int | None
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class InsuredTerm:
    """One policy term of an insured. bound: it was bound. cancelled: the day coverage ended."""

    id: str
    number: str
    term: int
    status: str
    state: str
    effective: date
    expires: date
    premium_cents: int
    currency: str
    producer_id: str
    cancelled: date | None

    def runs_on(self, day: date) -> bool:
        """Whether the term's dates cover the day; reinstatements are on the policy's own page."""
        end = min(self.expires, self.cancelled or self.expires)
        return self.effective <= day < end


def get_insured(scope: Scope, insured_id: str) -> InsuredRow:
    """One insured. Raises NotFound, for another organisation's id too. One statement."""
    values = None
    if CANONICAL_UUID.fullmatch(insured_id):
        columns = ("id", "legal_name", "dba_name", "entity_type", "status", "usdot_number",
                   "mc_number", "fein_last4", "phone_digits", "email", "address_line1", "city",
                   "state", "years_in_business", "merged_into_id")  # fmt: skip
        values = Insured.objects.within(scope).filter(id=insured_id).values_list(*columns).first()
    if values is None:
        raise NotFound("insured", insured_id[:40])
    *head, fein, phone, email, street, city, state, years, merged = values
    shown = (
        f"{MASK}{fein}" if fein else "",
        f"{MASK}{phone[-2:]}" if phone else "",
        f"{email[0]}{MASK}@{email.partition('@')[2]}" if email else "",
        MASK if street else "",
        city,
        state,
        years,
        merged,
    )
    return InsuredRow(*(*head, *shown))


def list_terms(scope: Scope, insured_id: str) -> list[InsuredTerm]:
    """Its policy terms, the latest first. One statement on oi_policies."""
    rows = (
        Policy.objects.within(scope)
        .filter(insured_id=insured_id)
        .order_by("-effective_date", "-term_number")
        .values_list("id", "policy_number", "term_number", "status", "state", "effective_date",
                     "expiration_date", "written_premium_cents", "currency", "producer_id",
                     "cancellation_effective_date")[:TERMS_MAX]
    )  # fmt: skip
    return [InsuredTerm(*values) for values in rows]
