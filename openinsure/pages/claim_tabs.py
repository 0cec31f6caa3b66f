"""The tabs of a claim as data: regions and their columns."""

from __future__ import annotations

from collections.abc import Mapping

from openinsure.console.regions import Region, region

OVERVIEW, BOOKS = "overview", "books"


# fmt: off
TABS: Mapping[str, tuple[str, tuple[Region, ...]]] = {
    OVERVIEW: (
        "Overview",
        (
            region(
                "flags",
                "Reserve flags",
                "No reserve flag is raised",
                code="Flag|code",
                detail="Why",
                raised_at="Raised|instant",
            ),
        ),
    ),
    "exposures": (
        "Exposures",
        (
            region(
                "exposures",
                "Exposures",
                "No exposure is opened",
                number="No.|count",
                claimant="Claimant",
                coverage="Coverage|code",
                status="Status|badge",
                reserve_cents="Reserve|money",
                paid_cents="Paid|money",
                recovered_cents="Recovered|money",
                incurred_cents="Incurred|money",
                limit_cents="Limit|money",
            ),
        ),
    ),
    "claimants": (
        "Claimants",
        (
            region(
                "claimants",
                "Claimants",
                "No claimant is recorded",
                name="Claimant",
                role="Role",
                injury="Injury",
                represented="Represented|flag",
                phone="Phone",
                email="E-mail",
                address="Address",
                tax_number="Tax number|code",
                demand_cents="Demand|money",
                status="Status|badge",
            ),
            region(
                "parties",
                "Other parties",
                "No attorney, witness or shop is recorded",
                name="Name",
                role="Role",
                organization="Firm",
                phone="Phone",
                email="E-mail",
                active="Active|flag",
            ),
        ),
    ),
    "reserves": (
        "Reserves",
        (
            region(
                "reserves",
                "Outstanding reserves",
                "No reserve is set",
                exposure="Exposure|count",
                cost_type="Cost type",
                amount_cents="Outstanding|money",
                updated="Changed|instant",
            ),
            region(
                "reserve_steps",
                "Reserve history",
                "No step is recorded",
                seq="Step|count",
                exposure="Exposure|count",
                cost_type="Cost type",
                previous_cents="Before|money",
                delta_cents="Change|money",
                new_cents="After|money",
                reason="Reason",
                rationale="Rationale",
                by="By",
                at="When|instant",
            ),
        ),
    ),
    "disbursements": (
        "Disbursements",
        (
            region(
                "disbursements",
                "Disbursements",
                "Nothing has been paid",
                number="Disbursement|code",
                payee="Payee",
                method="Method",
                check_number="Check|code",
                amount_cents="Amount|money",
                status="Status|badge",
                requested="Requested|instant",
                issued="Issued|instant",
            ),
            region(
                "payments",
                "Payments by exposure",
                "Nothing has been paid",
                number="Payment|code",
                exposure="Exposure|count",
                cost_type="Cost type",
                payee="Payee",
                amount_cents="Amount|money",
                takedown_cents="Off the reserve|money",
                status="Status|badge",
                by="By",
            ),
        ),
    ),
    "settlement": (
        "Settlement",
        (
            region(
                "settlements",
                "Settlements",
                "Nothing is agreed",
                amount_cents="Amount|money",
                status="Status|badge",
                agreed="Agreed|instant",
            ),
            region(
                "offers",
                "Offers and demands",
                "Nothing has been offered",
                offered="When|instant",
                direction="From",
                amount_cents="Amount|money",
                status="Status|badge",
                expires="Expires|instant",
            ),
        ),
    ),
    "subrogation": (
        "Subrogation",
        (
            region(
                "subrogation",
                "Recovery actions",
                "Nobody else is pursued",
                adverse_party="Adverse party",
                adverse_carrier="Its carrier",
                liability="Liability",
                demand_cents="Demand|money",
                status="Status|badge",
                statute_date="Statute date|day",
            ),
            region(
                "demands",
                "Demands",
                "No demand was sent",
                number="No.|count",
                amount_cents="Demanded|money",
                offered_cents="Offered|money",
                sent="Sent|instant",
                due="Answer due|day",
                response="Answer",
            ),
            region(
                "recoveries",
                "Recoveries",
                "Nothing came back",
                type="Kind",
                payer="Payer",
                expected_cents="Expected|money",
                received_cents="Received|money",
                status="Status|badge",
                received="When|instant",
                reference="Reference|code",
                answers="Answers",
                act="Wrong?",
                links={"act": "href"},
            ),
        ),
    ),
    "litigation": (
        "Litigation",
        (
            region(
                "litigation",
                "Suits",
                "No suit is filed",
                docket="Docket|code",
                court="Court",
                status="Status|badge",
                filed="Filed|day",
                served="Served|day",
                answer_due="Answer due|day",
                trial="Trial|day",
            ),
        ),
    ),
    "documents": (
        "Documents",
        (
            region(
                "documents",
                "Documents",
                "No document is filed",
                title="Title",
                type="Kind",
                requested="Requested|instant",
                received="Received|instant",
            ),
        ),
    ),
    "diary": (
        "Diary",
        (
            region(
                "diary",
                "Diary",
                "Nothing is due",
                due="Due|instant",
                subject="What",
                by="Whose",
                done="Done|instant",
            ),
            region(
                "notes",
                "Notes",
                "No note is written",
                at="When|instant",
                category="Category",
                text="Note",
                privileged="Privileged|flag",
                by="By",
            ),
        ),
    ),
    "coverage": (
        "Coverage at loss",
        (
            region(
                "coverage",
                "Coverage on the day of the loss",
                "No coverage stood on that day",
                code="Coverage|code",
                description="Description",
                unit="Unit|count",
                per_occurrence_limit_cents="Limit|money",
                deductible_cents="Deductible|money",
                form_number="Form|code",
                status="Status|badge",
            ),
        ),
    ),
    BOOKS: ("Journal and ledger", ()),
    "timeline": ("Timeline", (region("timeline", "Timeline", "Nothing has happened yet"),)),
}
# fmt: on
