"""What leaves the orgs app: frozen rows, no models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """One organisation of the directory. kind: mga, carrier, captive, agency."""

    id: str
    name: str
    slug: str
    kind: str
    status: str
