"""Where letters about a policy go: the insured's address on file, used and never shown."""

from __future__ import annotations

from openinsure.policies.models import Insured
from openinsure.tenancy.scope import Scope


def insured_email(scope: Scope, insured_id: str) -> str:
    """The e-mail address of an insured, "" if none is on file. One statement."""
    rows = Insured.objects.within(scope).filter(id=insured_id).values_list("email", flat=True)
    return rows.first() or ""
