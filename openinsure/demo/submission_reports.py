"""What is on file about an applicant: motor carrier, FMCSA record, driver records, loss runs."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from openinsure.demo.clock import days
from openinsure.demo.names import normalised, person
from openinsure.keyspaces.sealing import keyed_hash
from openinsure.money.plans import add_months

if TYPE_CHECKING:
    from openinsure.demo.submission_rows import Desk

# BASIC category and the threshold of general carriers in percent (FMCSA SMS methodology).
BASICS = (("unsafe_driving", 65), ("hours_of_service", 65), ("vehicle_maintenance", 80))
VIOLATIONS = (
    ("SPD15", "Speeding 11 to 15 over", 3, "minor"),
    ("LANE", "Improper lane change", 2, "minor"),
    ("FTSTP", "Failure to stop", 3, "major"),
)
PRIOR = ("Old Harbor Mutual", "Northgate Indemnity", "Prairie Casualty")


def carrier_file(
    desk: Desk, name: str, usdot: str, mc: str | None, fleet: int, state: str, when: datetime
) -> str:
    """The motor carrier's id; its file, snapshot and record are made the first time."""
    known = desk.carriers.get(usdot)
    if known:
        return known
    rng = desk.rng
    checked = when + days(rng.randint(0, 2)) if when.date() < desk.book.today - days(3) else when
    row = desk.add(
        "motor_carriers",
        when,
        legal_name=name,
        name_norm=normalised(name),
        usdot_number=usdot,
        mc_number=mc,
        primary_state=state,
        carrier_type="for_hire",
        operating_authority="common",
        authority_status="active",
        total_power_units=fleet,
        total_drivers=fleet + rng.randint(0, 3),
        safety_rating=rng.choice((None, "satisfactory", "satisfactory", "conditional")),
        name_mismatch=int(rng.random() < 0.03),
        chameleon_flag=int(rng.random() < 0.01),
        last_checked_at=checked,
        updated_at=checked,
    )
    shot = desk.add(
        "fmcsa_snapshots",
        checked,
        motor_carrier_id=row["id"],
        usdot_number=usdot,
        fetched_at=checked,
        payload={
            "mcs150_mileage": fleet * rng.randint(40_000, 110_000),
            "operation": "interstate",
            "insurance_on_file_usd": 750_000,
        },
        payload_sha256=f"{rng.getrandbits(256):064x}",
        authority_status="active",
        power_units=fleet,
    )
    row["latest_snapshot_id"] = shot["id"]
    safety(desk, row["id"], shot["id"], state, checked)
    desk.carriers[usdot] = row["id"]
    return str(row["id"])


def safety(desk: Desk, carrier: str, shot: str, state: str, when: datetime) -> None:
    """BASIC scores, now and then an inspection or a crash."""
    rng, stamp = desk.rng, {"motor_carrier_id": carrier, "updated_at": when}
    for category, threshold in BASICS:
        percentile = rng.randint(0, 980)
        desk.add(
            "fmcsa_basic_scores",
            when,
            snapshot_id=shot,
            category=category,
            percentile=f"{percentile / 10:.1f}",
            threshold=f"{threshold}.0",
            alert=int(percentile >= threshold * 10),
            measured_on=when.date() - days(rng.randint(3, 28)),
            **stamp,
        )
    if rng.random() < 0.5:
        desk.add(
            "fmcsa_inspections",
            when,
            inspection_number=f"{state}{rng.randint(10**8, 10**9)}",
            inspected_on=when.date() - days(rng.randint(20, 700)),
            state=state,
            level=rng.choice((1, 2, 3)),
            violations=rng.choice((0, 0, 1, 2)),
            oos_count=int(rng.random() < 0.15),
            **stamp,
        )
    if rng.random() < 0.12:
        desk.add(
            "fmcsa_crashes",
            when,
            report_number=f"{state}{rng.randint(10**7, 10**8)}",
            crash_date=when.date() - days(rng.randint(20, 700)),
            state=state,
            injuries=rng.choice((0, 0, 1)),
            tow_away=1,
            preventable=rng.choice(("undecided", "not_preventable")),
            **stamp,
        )


def reports(desk: Desk, row: dict[str, Any], when: datetime) -> None:
    """What a review orders: a driver record, two years of loss runs."""
    driver_record(desk, row, when)
    carrier = desk.rng.choice(PRIOR)
    for back in (1, 2):
        loss_run(desk, row, desk.book.named(carrier), add_months(when.date(), -12 * back), when)


def driver_record(desk: Desk, row: dict[str, Any], when: datetime) -> None:
    """One driver, mostly clean."""
    rng = desk.rng
    licence = keyed_hash(desk.book.spec.id, f"{row['state']}{rng.randint(10**7, 10**8)}")
    common = {"license_hash": licence, "license_state": row["state"], "updated_at": when}
    order = desk.add(
        "mvr_orders",
        when,
        submission_id=row["id"],
        driver_name=desk.book.named(person(rng)),
        vendor="mvr_bureau",
        status="completed",
        ordered_at=when,
        returned_at=when,
        cost_cents=1_250,
        currency="USD",
        **common,
    )
    found = rng.choice(VIOLATIONS) if rng.random() < 0.3 else None
    report = desk.add(
        "mvr_reports",
        when,
        mvr_order_id=order["id"],
        report_date=when.date(),
        license_status="valid",
        points=found[2] if found else 0,
        valid_until=when.date() + days(90),
        **common,
    )
    if found:
        on = when.date() - days(rng.randint(60, 900))
        facts = {"code": found[0], "description": found[1], "points": found[2]}
        desk.add(
            "mvr_violations", when, mvr_report_id=report["id"], violation_date=on,
            severity=found[3], updated_at=when, **facts,
        )  # fmt: skip


def loss_run(desk: Desk, row: dict[str, Any], carrier: str, start: date, when: datetime) -> None:
    """One year; its total is what its claims add up to."""
    rng = desk.rng
    losses = [
        (rng.randint(500, 40_000) * 100, rng.choice((0, 0, 0, 5_000_00)))
        for _ in range(rng.choice((0, 0, 0, 1)))
    ]
    run = desk.add(
        "loss_runs",
        when,
        submission_id=row["id"],
        prior_carrier=carrier,
        policy_period_start=start,
        policy_period_end=add_months(start, 12),
        valued_date=when.date() - days(rng.randint(1, 60)),
        total_incurred_cents=sum(paid + reserved for paid, reserved in losses),
        claim_count=len(losses),
        currency="USD",
        updated_at=when,
    )
    for paid, reserved in losses:
        desk.add(
            "loss_run_claims",
            when,
            loss_run_id=run["id"],
            date_of_loss=start + days(rng.randint(5, 350)),
            claim_ref=f"PC-{rng.randint(10_000, 99_999)}",
            description=desk.book.named("Rear-end collision"),
            paid_cents=paid,
            reserved_cents=reserved,
            currency="USD",
            status="open" if reserved else "closed",
            updated_at=when,
        )
