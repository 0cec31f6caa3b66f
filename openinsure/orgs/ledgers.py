"""The ledger number of an organisation (decisions 33: 1000 n + ISO 4217 number)."""

from __future__ import annotations

from openinsure.orgs.models import Organization
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope


def ledger_number(scope: Scope) -> int:
    """The number of the scope's organisation. One statement. Raises NotFound for none."""
    found = Organization.objects.within(scope).values_list("tb_ledger_id", flat=True).first()
    if found is None:
        raise NotFound("ledger of this organization")
    return int(found)
