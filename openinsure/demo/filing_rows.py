"""What Florida was told of the demo's policies: files of weekdays, their answers, one rejection,
one record past its day; and the notices that cancellations and non-renewals went out with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.dunning_rows import address, rule
from openinsure.keyspaces.ids import fixed_id
from openinsure.orgs.notice_rules import NONPAY, OTHER
from openinsure.policies.operations import notice_rows, state_reports

ANSWERED_AFTER_DAYS = 2
REJECTED = ("071", "Vehicle not matched to the policy")


class Filings:
    """The files of one organisation, filled chunk by chunk and written at the end."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.records: dict[date, list[dict[str, Any]]] = {}
        self.breach: dict[str, Any] | None = None

    def take_up(self, chunk: Iterable[dict[str, Any]]) -> None:
        """Records of a chunk's policies, while its vehicles are in the basket; its notices."""
        tables = self.book.basket.tables
        policies = {row["id"]: row for row in chunk}
        units: dict[str, list[dict[str, Any]]] = {}
        for unit in tables["policy_vehicles"]:
            units.setdefault(unit["policy_id"], []).append(unit)
        for row, code, effective, known in self._happened(policies):
            for unit in units.get(row["id"], ()):
                if unit["effective_date"] <= row["effective_date"]:
                    self._record(row, unit, code, effective, known)
        for row in tables["cancellations"]:
            if row["policy_id"] in policies and row["initiated_by"] == "company":
                kind = NONPAY if row["reason_code"] == NONPAY else ""
                self._notice(policies[row["policy_id"]], row, kind)
        for row in tables["nonrenewals"]:
            if row["policy_id"] in policies:
                self._notice(policies[row["policy_id"]], row, notice_rows.NONRENEWAL)

    def close(self) -> None:
        """The files, the newest unanswered; the planted rejection and the breach."""
        answered_until = self.book.today - days(ANSWERED_AFTER_DAYS)
        filed_on = sorted(self.records)
        stories = [day for day in filed_on if day <= answered_until - days(3)]
        for day in filed_on:
            answered = day <= answered_until
            rejected = 1 if stories and day == stories[-1] else 0
            rows = self.records[day]
            for place, row in enumerate(rows):
                row["status"] = "accepted" if answered else "sent"
                if rejected and place == 0:
                    row |= {"status": "rejected", "error_code": REJECTED[0],
                            "error_text": REJECTED[1]}  # fmt: skip
            self._file(day, rows, answered=answered, rejected=rejected)
        if self.breach is not None:
            self._breach(self.breach)

    def _breach(self, row: dict[str, Any]) -> None:
        """A record past its day in a file that the transport did not take yesterday."""
        day = self.book.today - days(1)
        report_id = fixed_id(self.book.spec.id, state_reports.KIND, "breach", "demo")
        row |= {"status": "due", "report_id": report_id}
        self.book.basket.add(
            "state_insurance_reports",
            id=report_id,
            state=state_reports.STATE,
            report_kind=state_reports.KIND,
            file_name=f"FL-{self.book.spec.id[-12:]}-{day:%Y%m%d}-{report_id[:8]}.xml",
            record_count=1,
            status=state_reports.READY,
            created_at=at(day, 18),
            updated_at=at(day, 18),
        )
        self.book.basket.tables["state_insurance_report_records"].append(row)

    def _happened(
        self, policies: dict[str, dict[str, Any]]
    ) -> Iterator[tuple[dict[str, Any], str, date, date]]:
        """Policy, code, day of effect and day known, of the days that a run looks back."""
        today = self.book.today
        since = today - days(state_reports.LOOK_BACK_DAYS)
        for row in policies.values():
            new = row["term_number"] == 1 and since < row["effective_date"] <= today
            if row["state"] == state_reports.STATE and new and row["bound_at"]:
                yield row, state_reports.NEW, row["effective_date"], row["bound_at"].date()
        for row in self.book.basket.tables["cancellations"]:
            policy = policies.get(row["policy_id"])
            ended = row["status"] == "effective" and since < row["effective_date"] <= today
            if policy and policy["state"] == state_reports.STATE and ended:
                on = row["effective_date"]
                yield policy, state_reports.CANCELLED, on, row["updated_at"].date()

    def _record(
        self, policy: dict[str, Any], unit: dict[str, Any], code: str, effective: date, known: date
    ) -> None:
        org_id = self.book.spec.id
        processed = max(known, effective)
        filed_on = processed
        while filed_on.isoweekday() > 5:
            filed_on += days(1)
        if filed_on >= self.book.today or (policy.get("metadata") or {}).get("golden"):
            return  # left for the job; golden policies are never reported
        row = {
            "org_id": org_id,
            "id": fixed_id(org_id, state_reports.KIND, policy["id"], unit["id"], code, effective),
            "policy_id": policy["id"],
            "vehicle_id": unit["id"],
            "transaction_code": code,
            "effective_date": effective,
            "due_date": processed + days(state_reports.DUE_DAYS),
            "vin": unit["vin"],
            "created_at": at(filed_on, 18),
            "updated_at": at(filed_on, 18),
        }
        row["report_id"] = self._report_id(filed_on)
        if self.breach is None and row["due_date"] < self.book.today:
            self.breach = row
            return
        self.records.setdefault(filed_on, []).append(row)

    def _report_id(self, day: date) -> str:
        return fixed_id(self.book.spec.id, state_reports.KIND, day, "demo")

    def _file(
        self, day: date, rows: list[dict[str, Any]], *, answered: bool, rejected: int
    ) -> None:
        report_id, sent = self._report_id(day), at(day, 18)
        name = f"FL-{self.book.spec.id[-12:]}-{day:%Y%m%d}-{report_id[:8]}.xml"
        returned: datetime | None = sent + timedelta(days=1, hours=-4) if answered else None
        self.book.basket.add(
            "state_insurance_reports",
            id=report_id,
            state=state_reports.STATE,
            report_kind=state_reports.KIND,
            file_name=name,
            record_count=len(rows),
            accepted_count=len(rows) - rejected if answered else 0,
            rejected_count=rejected,
            status="returned" if answered else "sent",
            sent_at=sent,
            return_file_name=name.replace(".xml", "-return.xml") if answered else None,
            returned_at=returned,
            sha256=sha256(name.encode()).hexdigest(),
            created_at=sent,
            updated_at=returned or sent,
        )
        self.book.basket.tables["state_insurance_report_records"] += rows

    def _notice(self, policy: dict[str, Any], row: dict[str, Any], kind: str) -> None:
        """The notice that a cancellation or a non-renewal went out with."""
        stored = {NONPAY: notice_rows.NONPAY, "": notice_rows.CANCELLATION}.get(kind, kind)
        mailed = row["notice_mailed_at"]
        since = mailed or row["created_at"]
        _, citation = rule(policy, since.date(), NONPAY if kind == NONPAY else OTHER)
        self.book.basket.add(
            "policy_notices",
            id=fixed_id(self.book.spec.id, stored, row["id"]),
            policy_id=policy["id"],
            notice_kind=stored,
            recipient_kind="insured",
            recipient_name=policy["insured_name"],
            mailed_at=mailed,
            method="mail",
            tracking_number=row.get("notice_tracking"),
            address_snapshot=None if mailed else address(self.book, policy),
            effective_date=row["effective_date"],
            status=notice_rows.MAILED if mailed else notice_rows.TO_MAIL,
            rule_days=row["notice_days"],
            citation=citation or None,
            proof_required=bool(citation),
            cause_id=row["id"],
            created_at=since,
            updated_at=since,
        )
