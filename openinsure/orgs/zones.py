"""The organisation's time zone: which instants a day of its lists holds."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from openinsure.orgs.models import Organization
from openinsure.tenancy.scope import Scope

WITHOUT_ZONE = "UTC"


def org_zone(scope: Scope) -> ZoneInfo:
    """The zone of the scope's organisation; UTC where none is recorded. One statement."""
    names = Organization.objects.within(scope).values_list("timezone", flat=True)
    return ZoneInfo(names.first() or WITHOUT_ZONE)
