"""What was paid on a claim: payments, the disbursements that carried them, who approved."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from openinsure.demo.book import Book
from openinsure.demo.clock import days

if TYPE_CHECKING:
    from openinsure.demo.claim_rows import ClaimFile

Row = dict[str, Any]
STALE_DAYS, CLEARS_DAYS = 180, 9
SECOND_ABOVE_CENTS = 1_000_000
ASKING = 0.12  # of reserved claims: a payment that waits for approval


class Payments:
    """The payments of one claim."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def pay(self, file: ClaimFile, exposure: Row, cost_type: str) -> list[tuple[datetime, int]]:
        """One or two issued payments that sum to what was paid; when, and how much."""
        total = exposure[f"paid_{cost_type}_cents"]
        if total == 0:
            return []
        parts = [total]
        if cost_type == "indemnity" and total > 200_000 and self.book.rng.random() < 0.3:
            parts = [total // 2, total - total // 2]
        made = []
        for number, cents in enumerate(parts):
            when = file.moment(0.45 + 0.25 * number)
            status = self._status(when)
            self.row(file, exposure, cost_type, cents, when, status)
            made.append((when, cents))
        return made

    def ask(self, file: ClaimFile) -> None:
        """Sometimes a payment waits for approval; it moves nothing yet."""
        exposure = file.exposures[0]
        held = exposure["outstanding_indemnity_cents"]
        spare = exposure["limit_cents"] - exposure["paid_indemnity_cents"]
        amount = min(held, spare) // 3
        asks = file.claim["status"] == "reserved" and self.book.rng.random() < ASKING
        if asks and amount > 0:
            self.row(file, exposure, "indemnity", amount, file.end, "pending_approval")

    def _status(self, when: datetime) -> str:
        age = (self.book.today - when.date()).days
        if age > STALE_DAYS and not self.book.counters.get("stale_check"):
            self.book.next("stale_check")  # the planted story: never presented
            return "stale"
        return "cleared" if age > CLEARS_DAYS else "issued"

    def row(
        self,
        file: ClaimFile,
        exposure: Row,
        cost_type: str,
        cents: int,
        when: datetime,
        status: str,
    ) -> None:
        """The payment, its disbursement and the steps of its approval."""
        book, claim = self.book, file.claim
        claimant = next(c for c in file.claimants if c["id"] == exposure["claimant_id"])
        issued = status != "pending_approval"
        number = f"DSB-{book.spec.prefix}-{book.next('disbursement'):06d}"
        disbursement_id, payment_id = book.id(when), book.id(when)
        finance = [user["id"] for user in book.users["finance_analyst"]]
        steps = 2 if cents > SECOND_ABOVE_CENTS else 1
        check = status == "stale" or book.rng.random() < 0.7
        stamps = {"approved_at": when, "issued_at": when} if issued else {}
        if status == "cleared":
            stamps["cleared_at"] = when + days(CLEARS_DAYS)
        approvers = finance[:steps] if issued else []
        row = file.add(
            "disbursements",
            when,
            id=disbursement_id,
            disbursement_number=number,
            source_type="claim_payments",
            source_id=payment_id,
            policy_id=claim["policy_id"],
            payee_name=claimant["full_name"],
            payee_name_norm=claimant["name_norm"],
            method="check" if check else "ach",
            check_number=f"{100_000 + book.next('check')}" if check and issued else None,
            amount_cents=cents,
            currency="USD",
            status=status,
            requested_by_user_id=file.adjuster_user,
            first_approver_user_id=approvers[0] if approvers else None,
            second_approver_user_id=approvers[1] if len(approvers) > 1 else None,
            idempotency_key=disbursement_id,
            **stamps,
        )
        self._payment(file, exposure, cost_type, row)
        self._approvals(row, steps, approvers, when)
        kind = "disbursement.issued" if issued else "disbursement.requested"
        file.moments.append((when, kind, row))

    def _payment(self, file: ClaimFile, exposure: Row, cost_type: str, carried: Row) -> None:
        """The payment that a disbursement carries; it erodes the reserve once it is issued."""
        when, issued = carried["created_at"], carried["status"] != "pending_approval"
        file.add(
            "claim_payments",
            when,
            id=carried["source_id"],
            exposure_id=exposure["id"],
            claimant_id=exposure["claimant_id"],
            payment_number=f"{carried['disbursement_number']}-1",
            payment_type="final" if cost_type == "indemnity" else "expense",
            cost_type=cost_type,
            amount_cents=carried["amount_cents"],
            currency="USD",
            reserve_takedown_cents=carried["amount_cents"] if issued else 0,
            erodes_reserve=1,
            payee_name=carried["payee_name"],
            payee_type="claimant",
            status="issued" if issued else carried["status"],
            requested_by_user_id=carried["requested_by_user_id"],
            requested_at=when,
            approved_by_user_id=(
                carried["second_approver_user_id"] or carried["first_approver_user_id"]
            ),
            approved_at=when if issued else None,
            disbursement_id=carried["id"],
        )

    def _approvals(self, row: Row, steps: int, approvers: list[str], when: datetime) -> None:
        for step in range(steps):
            given = step < len(approvers)
            self.book.basket.add(
                "disbursement_approvals",
                id=self.book.id(when),
                disbursement_id=row["id"],
                step_no=step + 1,
                required_role="finance_analyst",
                approver_user_id=approvers[step] if given else None,
                decision="approved" if given else None,
                decided_at=when if given else None,
                created_at=when,
                updated_at=when,
            )
