"""Reads of oi_submissions: lists of submissions, one of them, and open ones like it."""

from __future__ import annotations

from collections.abc import Iterable

from openinsure.problems import NotFound
from openinsure.submissions.filters import SubmissionFilter
from openinsure.submissions.models import Submission
from openinsure.submissions.rows import SubmissionRow
from openinsure.tenancy.listing import (
    Count,
    ListSpec,
    Page,
    Position,
    Sort,
    count_rows,
    list_page,
    rows_by_key,
)
from openinsure.tenancy.scope import Scope

SUBMISSIONS = ListSpec(
    model=Submission,
    row=SubmissionRow,
    columns={
        "number": "submission_number",
        "insured": "insured_name",
        "underwriter_id": "assigned_underwriter_id",
        "requested_effective": "requested_effective_date",
        "vehicles": "vehicle_count",
        "updated": "updated_at",
    },
    sorts={
        "received_at": Sort(
            "received_at",
            "submissions_org_received_id",
            within={"status": "submissions_org_status_received_id"},
        ),
        "updated": Sort(
            "updated_at",
            "submissions_org_updated_id",
            within={
                "assigned_underwriter_id": "submissions_org_assigned_underwriter_updated_id",
                "status": "submissions_org_status_updated_id",
                "program_id": "submissions_org_program_updated_id",
                "producer_id": "submissions_org_producer_updated_id",
                "state": "submissions_org_state_updated_id",
            },
        ),
        "number": Sort("submission_number", "submissions_org_submission_number_id"),
        "insured": Sort("insured_name_norm", "submissions_org_insured_name_id"),
        "target_premium_cents": Sort("target_premium_cents", "submissions_org_target_premium_id"),
    },
)


def list_submissions(
    scope: Scope,
    wanted: SubmissionFilter,
    *,
    sort: str = "received_at",
    descending: bool = True,
    at: Position | None = None,
    size: int = 50,
) -> Page[SubmissionRow]:
    """At most `size` submissions. One statement on oi_submissions; a combination no index
    serves, two.
    """
    return list_page(
        scope, SUBMISSIONS, where=wanted.where, sort=sort, descending=descending, at=at, size=size
    )


def count_submissions(scope: Scope, wanted: SubmissionFilter, *, sort: str) -> Count:
    """How many submissions match, counted to 1,000. One statement."""
    return count_rows(scope, SUBMISSIONS, where=wanted.where, sort=sort)


def submissions_by_id(scope: Scope, ids: Iterable[str]) -> dict[str, SubmissionRow]:
    """Rows of these ids by id; what is not of the organisation is absent. One statement."""
    return rows_by_key(scope, SUBMISSIONS, ids)


def get_row(scope: Scope, submission_id: str) -> SubmissionRow:
    """One submission by id. Raises NotFound, for another organisation's id too."""
    row = submissions_by_id(scope, [submission_id]).get(submission_id)
    if row is None:
        raise NotFound("submission")
    return row
