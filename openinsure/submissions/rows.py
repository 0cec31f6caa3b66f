"""What leaves this app: frozen rows of submissions. No model, no lazy value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """One submission of a list. program, producer, underwriter are ids; money is cents."""

    id: str
    number: str
    status: str
    insured: str
    received_at: datetime
    program_id: str
    producer_id: str | None
    underwriter_id: str | None
    state: str
    priority: str
    requested_effective: date | None
    target_premium_cents: int
    currency: str
    vehicles: int
    updated: datetime
