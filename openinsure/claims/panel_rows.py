"""What the tabs of a claim show: frozen rows, personal data already masked.

`by` holds a user id; the page replaces it by the person's name (another keyspace knows it).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """One claimant and coverage with its own figures, cents."""

    id: str
    number: int
    claimant: str | None
    coverage: str
    type: str
    status: str
    reserve_cents: int
    paid_cents: int
    recovered_cents: int
    incurred_cents: int
    limit_cents: int
    deductible_cents: int
    currency: str
    closed: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimantRow:
    """One claimant; telephone, mail, street and tax number masked."""

    id: str
    name: str
    role: str
    injury: str | None
    represented: bool
    phone: str | None
    email: str | None
    address: str | None
    tax_number: str | None
    demand_cents: int
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class PartyRow:
    """An attorney, witness, shop or expert; telephone and mail masked."""

    id: str
    name: str
    role: str
    organization: str | None
    phone: str | None
    email: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class ReserveRow:
    """What is outstanding on one exposure and cost type."""

    id: str
    exposure: int
    cost_type: str
    amount_cents: int
    currency: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class ReserveStepRow:
    """One step of a reserve; steps are only ever added."""

    id: str
    exposure: int
    cost_type: str
    seq: int
    previous_cents: int
    delta_cents: int
    new_cents: int
    currency: str
    reason: str
    rationale: str | None
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment against an exposure; payee masked."""

    id: str
    number: str
    exposure: int
    cost_type: str
    payee: str
    amount_cents: int
    takedown_cents: int
    currency: str
    status: str
    requested: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """An agreement."""

    id: str
    amount_cents: int
    currency: str
    status: str
    agreed: datetime | None


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One step of the negotiation."""

    id: str
    direction: str
    amount_cents: int
    currency: str
    status: str
    offered: datetime
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class SubrogationRow:
    """A recovery action. liability: share of the other side, text of a fraction of 1."""

    id: str
    adverse_party: str
    adverse_carrier: str | None
    liability: str | None
    demand_cents: int
    currency: str
    status: str
    opened: datetime
    statute_date: date | None


@dataclass(frozen=True, slots=True)
class DemandRow:
    """A demand to the other side and its answer."""

    id: str
    number: int
    amount_cents: int
    offered_cents: int
    currency: str
    sent: datetime | None
    due: date | None
    response: str | None


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """Money that came back, or is expected to.

    answers: which other row it takes back, or is taken back by. act, href: the step on it.
    """

    id: str
    type: str
    payer: str
    expected_cents: int
    received_cents: int
    currency: str
    status: str
    received: datetime | None
    reference: str | None
    answers: str | None = None
    act: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class LitigationRow:
    """A suit and its dates."""

    id: str
    court: str | None
    docket: str | None
    status: str
    filed: date | None
    served: date | None
    answer_due: date | None
    trial: date | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of the file."""

    id: str
    title: str
    type: str
    requested: datetime | None
    received: datetime | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A note; the text of a privileged one only for those who work the claim."""

    id: str
    at: datetime
    category: str
    text: str
    privileged: bool
    by: str | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in words, newest first. actor: the role that acted."""

    id: str
    seq: int
    at: datetime
    event: str
    title: str
    detail: str
    actor: str
    href: str = ""
