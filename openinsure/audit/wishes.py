"""What a person states before crossing into another organisation."""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.audit.writing import printable
from openinsure.problems import BadForm
from openinsure.tenancy.grants import (
    REASON_LENGTH_MAX,
    REASON_LENGTH_MIN,
    TICKET_LENGTH_MAX,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the form asks for. Raises BadForm naming each field that cannot be accepted."""

    org_id: str
    org_name: str
    reason: str
    ticket: str = ""

    def checked(self) -> Wish:
        """The same wish with its texts as they will be stored."""
        reason, ticket, errors = printable(self.reason), printable(self.ticket), {}
        if not REASON_LENGTH_MIN <= len(reason) <= REASON_LENGTH_MAX:
            errors["reason"] = (
                f"must be {REASON_LENGTH_MIN} to {REASON_LENGTH_MAX} characters, is {len(reason)}"
            )
        if len(ticket) > TICKET_LENGTH_MAX:
            errors["ticket"] = f"must be at most {TICKET_LENGTH_MAX} characters"
        if errors:
            raise BadForm(errors)
        return Wish(org_id=self.org_id, org_name=self.org_name, reason=reason, ticket=ticket)
