"""Reference data of oi_global. States come from ISO 3166-2 (pycountry), NAICS sectors from the
2022 NAICS manual of the US Census Bureau, tax and notice rows only where a source is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pycountry

from openinsure.demo.ids import row_id

LOADED = datetime(2023, 6, 1, 12, tzinfo=UTC)
Row = tuple[str, dict[str, Any]]

# State -> zone of its capital; the ones not named are in the Eastern zone.
ZONES = {
    "America/Chicago": "AL AR IL IA KS LA MN MS MO NE ND OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Phoenix": "AZ",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
}
NAICS = (
    ("11", "Agriculture, Forestry, Fishing and Hunting"),
    ("21", "Mining, Quarrying, and Oil and Gas Extraction"),
    ("22", "Utilities"),
    ("23", "Construction"),
    ("31-33", "Manufacturing"),
    ("42", "Wholesale Trade"),
    ("44-45", "Retail Trade"),
    ("48-49", "Transportation and Warehousing"),
    ("51", "Information"),
    ("52", "Finance and Insurance"),
    ("53", "Real Estate and Rental and Leasing"),
    ("54", "Professional, Scientific, and Technical Services"),
    ("55", "Management of Companies and Enterprises"),
    ("56", "Administrative and Support and Waste Management and Remediation Services"),
    ("61", "Educational Services"),
    ("62", "Health Care and Social Assistance"),
    ("71", "Arts, Entertainment, and Recreation"),
    ("72", "Accommodation and Food Services"),
    ("81", "Other Services (except Public Administration)"),
    ("92", "Public Administration"),
    ("484110", "General Freight Trucking, Local"),
    ("484121", "General Freight Trucking, Long-Distance, Truckload"),
    ("484122", "General Freight Trucking, Long-Distance, Less Than Truckload"),
    ("484220", "Specialized Freight (except Used Goods) Trucking, Local"),
    ("488410", "Motor Vehicle Towing"),
    ("492110", "Couriers and Express Delivery Services"),
)
BODIES = (
    ("TRACTOR", "Truck tractor", "8", 33001, 80000),
    ("DUMP", "Dump truck", "8", 33001, 80000),
    ("STRAIGHT", "Straight truck", "6", 19501, 33000),
    ("TOW", "Tow truck", "4", 14001, 33000),
    ("TRAILER", "Trailer or semi-trailer", "T", 0, 80000),
)
COVERAGES = (
    ("AL", "Auto liability", "liability", "19.4"),
    ("UM", "Uninsured motorist", "liability", "19.4"),
    ("PIP", "Personal injury protection", "no_fault", "19.3"),
    ("PD", "Physical damage", "property", "21.2"),
    ("MTC", "Motor truck cargo", "property", "9"),
)
CAUSES = (
    ("REAR_END", "Rear-end collision", "collision"),
    ("LANE", "Lane change", "collision"),
    ("BACKING", "Backing", "collision"),
    ("INTERSECT", "Intersection", "collision"),
    ("DEBRIS", "Road debris", "liability"),
    ("HAIL", "Hail", "weather"),
    ("THEFT", "Theft of unit", "crime"),
    ("SPOIL", "Spoilage of cargo", "cargo"),
)
FSLSO = "https://www.fslso.com"
TAXES = (
    ("FL", "SURPLUS_LINES", "0.049400", "Florida Department of Financial Services"),
    ("FL", "SERVICE_OFFICE", "0.000600", "Florida Surplus Lines Service Office"),
)
NOTICES = (
    ("FL", "commercial_auto", "cancellation", "NONPAY", 10, "Fla. Stat. 627.7281"),
    ("FL", "commercial_auto", "cancellation", "OTHER", 45, "Fla. Stat. 627.7281"),
    ("FL", "commercial_auto", "premium_finance_intent", "NONPAY", 10, "Fla. Stat. 627.848"),
)


def rows(seed: int, today: date) -> Iterator[Row]:
    """Every reference row as (table, values), repeatable for a seed."""
    rng = Random(f"{seed}:reference")
    stamp = {"created_at": LOADED, "updated_at": LOADED}
    for table, values in _values(today):
        yield table, {"id": row_id(rng, LOADED), **values, **stamp}


def _values(today: date) -> Iterator[Row]:
    zones = {state: zone for zone, states in ZONES.items() for state in states.split()}
    subdivisions: Any = pycountry.subdivisions
    for part in sorted(subdivisions.get(country_code="US"), key=lambda p: p.code):
        state = part.code[3:]
        if part.type in ("State", "District"):
            zone = zones.get(state, "America/New_York")
            facts = {"timezone": zone, "country": "US", "surplus_lines": 1}
            yield "ref_states", {"state": state, "name": part.name, **facts}
    for code, words in NAICS:
        parent = {"parent_code": "48-49"} if len(code) == 6 else {}
        yield "ref_naics_codes", {"naics_code": code, "description": words, **parent}
    for code, words, weight_class, low, high in BODIES:
        facts = {"vehicle_class": weight_class, "min_gvw_lbs": low, "max_gvw_lbs": high}
        yield "ref_vehicle_body_types", {"body_code": code, "description": words, **facts}
    for code, words, kind, line in COVERAGES:
        facts = {"kind": kind, "statutory_line": line, "mandatory_states": []}
        yield "ref_coverage_codes", {"coverage_code": code, "name": words, **facts}
    for code, words, kind in CAUSES:
        yield "ref_cause_of_loss", {"cause_code": code, "description": words, "kind": kind}
    yield from _legal(today)


def _legal(today: date) -> Iterator[Row]:
    since = date(2023, 1, 1)
    for state, code, rate, payee in TAXES:
        facts = {"currency": "USD", "includes_fees": 1, "source_url": FSLSO}
        yield "ref_tax_rates", {
            "state": state, "tax_code": code, "rate": rate, "payee": payee,
            "effective_date": since, **facts,
        }  # fmt: skip
    for state, line, kind, reason, notice_days, citation in NOTICES:
        yield "ref_notice_rules", {
            "state": state, "line_of_business": line, "notice_kind": kind, "reason_code": reason,
            "notice_days": notice_days, "proof_required": 1, "citation": citation,
            "effective_date": since,
        }  # fmt: skip
    for year in range(today.year - 1, today.year + 2):
        for day, name in federal_holidays(year):
            facts = {"region": "US", "name": name, "banking": 1}
            yield "ref_holidays", {"holiday_date": day, **facts}


def federal_holidays(year: int) -> list[tuple[date, str]]:
    """The eleven holidays of 5 U.S.C. 6103(a) on their statutory dates."""
    return [
        (date(year, 1, 1), "New Year's Day"),
        (_nth(year, 1, 0, 3), "Birthday of Martin Luther King, Jr."),
        (_nth(year, 2, 0, 3), "Washington's Birthday"),
        (_nth(year, 6, 0, 1) - timedelta(days=7), "Memorial Day"),
        (date(year, 6, 19), "Juneteenth National Independence Day"),
        (date(year, 7, 4), "Independence Day"),
        (_nth(year, 9, 0, 1), "Labor Day"),
        (_nth(year, 10, 0, 2), "Columbus Day"),
        (date(year, 11, 11), "Veterans Day"),
        (_nth(year, 11, 3, 4), "Thanksgiving Day"),
        (date(year, 12, 25), "Christmas Day"),
    ]


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth weekday (Monday 0) of a month; the last of May is the first of June less 7 days."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
