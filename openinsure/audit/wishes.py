"""What a person states before crossing into another organisation."""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.audit import reasons
from openinsure.audit.writing import printable
from openinsure.problems import BadForm
from openinsure.tenancy.grants import TICKET_LENGTH_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the form asks for. Raises BadForm naming each field that cannot be accepted."""

    org_id: str
    org_name: str
    reason: str
    ticket: str = ""

    def checked(self) -> Wish:
        """The same wish with its texts as they will be stored."""
        reason, ticket = printable(self.reason), printable(self.ticket)
        errors = reasons.broken(reason)
        if len(ticket) > TICKET_LENGTH_MAX:
            errors["ticket"] = f"must be at most {TICKET_LENGTH_MAX} characters"
        if errors:
            raise BadForm(errors)
        return Wish(org_id=self.org_id, org_name=self.org_name, reason=reason, ticket=ticket)
