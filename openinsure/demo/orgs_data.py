"""The four organisations of the demo and the shape of each one's book (domain.md part 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Size = Literal["small", "medium", "large"]
PLATFORM_ID = "0190a000-0000-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class ProgramSpec:
    """One program: code, name, line, states, whether admitted, carrier index."""

    code: str
    name: str
    line: str
    states: tuple[str, ...]
    admitted: bool
    carrier: int


@dataclass(frozen=True, slots=True)
class OrgSpec:
    """One organisation with the number of rows a small load makes."""

    id: str
    slug: str
    prefix: str
    legal_name: str
    display_name: str
    kind: str
    state: str
    timezone: str
    canary: str
    users: int
    producers: int
    policies: int
    claims: int
    programs: tuple[ProgramSpec, ...]
    carriers: tuple[int, ...]  # indexes into CARRIERS


CARRIERS = (
    ("Lodestar Casualty Company", "99001", "A"),
    ("Meridian Surety & Indemnity", "99002", "A-"),
    ("Cascade Cell Re", "99003", "B++"),
)

ACME = OrgSpec(
    "0190a000-0000-7000-8000-00000000000a",
    "acme",
    "ACM",
    "Acme Specialty MGA, LLC",
    "Acme Specialty MGA",
    "mga",
    "FL",
    "America/New_York",
    "ZEPHYR",
    18,
    42,
    1200,
    640,
    (
        ProgramSpec("FLT-FL", "Florida Trucking", "commercial_auto", ("FL",), False, 0),
        ProgramSpec("FLT-SE", "Southeast Trucking", "commercial_auto", ("GA", "AL", "SC"), True, 1),
        ProgramSpec("MTC", "Motor Truck Cargo", "motor_truck_cargo", ("FL", "GA"), True, 1),
    ),
    (0, 1),
)
BOREALIS = OrgSpec(
    "0190a000-0000-7000-8000-00000000000b",
    "borealis",
    "BOR",
    "Borealis Underwriting, Inc.",
    "Borealis Underwriting",
    "mga",
    "IL",
    "America/Chicago",
    "QUARTZ",
    9,
    17,
    480,
    250,
    (
        ProgramSpec("MWT", "Midwest Trucking", "commercial_auto", ("IL", "IN", "WI"), True, 0),
        ProgramSpec("TOW", "Towing & Recovery", "commercial_auto", ("IL",), True, 0),
    ),
    (0,),
)
CASCADE = OrgSpec(
    "0190a000-0000-7000-8000-00000000000c",
    "cascade",
    "CAS",
    "Cascade Captive Insurance Company",
    "Cascade Captive",
    "captive",
    "AZ",
    "America/Phoenix",
    "MARLIN",
    7,
    8,
    160,
    85,
    (ProgramSpec("AZF", "Arizona Fleets", "commercial_auto", ("AZ",), True, 2),),
    (2,),
)
TENANTS = (ACME, BOREALIS, CASCADE)
