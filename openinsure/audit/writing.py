"""How a row gets to the end of its chain: lock the head, number, hash, insert."""

from __future__ import annotations

from openinsure.audit.record import AuditEvent
from openinsure.problems import Unavailable


def append_row(event: AuditEvent) -> str:
    """The id of the chained row. Raises Unavailable (audit_unavailable)."""
    raise Unavailable(
        "The audit log cannot be written, so nothing is done.", code="audit_unavailable"
    )
