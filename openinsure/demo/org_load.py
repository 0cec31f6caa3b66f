"""One organisation of the demo: cleared, made and handed to a scribe, then its roll-ups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone

from openinsure.billing.books import counting, taking
from openinsure.demo import (
    authority_rows,
    fmcsa_answers,
    organisations,
    search,
    stories,
)
from openinsure.demo.accounting import Accounting
from openinsure.demo.book import Book
from openinsure.demo.clock import at
from openinsure.demo.filing_rows import Filings
from openinsure.demo.generate import bare_policies, claims, first_policy, policies
from openinsure.demo.mail_rows import Post
from openinsure.demo.orgs_data import ACME, PLATFORM_ID, TENANTS, OrgSpec, Size
from openinsure.demo.scribe import Scribe
from openinsure.demo.sign_ins import create_sign_ins
from openinsure.demo.standing import standing
from openinsure.demo.submission_rows import Desk
from openinsure.demo.writer import alias_of
from openinsure.jobs import reconciliation
from openinsure.keyspaces.inventory import TABLES
from openinsure.pages import ageing_rollup, figures
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import SystemScope, entered

# Append-only or a record of runs: a reload never rewrites what was done.
KEPT = {"audit_log", "audit_access_log", "cron_runs"}
ROLL_UPS = {
    "policy_standing",
    "search_tokens",
    "search_marks",
    "billing_ageing",
    "billing_ageing_totals",
    "org_figures",
    "books_marks",
    "journal_days",
    "carrier_days",
    "ledger_type_sums",
    "open_commission_sums",
}
SUBJECT = "service:demo"
CLEAR_ROWS = 10_000  # deleted by one statement
TOLD_POLICIES = 4_000  # between two lines of progress
Report = Callable[[str], None]
NewScribe = Callable[[], Scribe]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One organisation to be made. carriers: ids of the platform's."""

    spec: OrgSpec
    size: Size
    seed: int
    today: date
    carriers: tuple[str, ...]
    twin_of: OrgSpec | None = None  # whose policy number and VIN it has, too


def make(job: Job, new_scribe: NewScribe, report: Report) -> int:
    """Clear what an earlier load left, make the organisation's rows; how many."""
    spec = job.spec
    report(f"Making {spec.display_name}: {spec.policies:,} policies")
    with entered(SystemScope(spec.id, SUBJECT)):
        clear(spec.id)
        scribe = new_scribe()
        book, desk = opened(job)
        owner = organisations.organisation(spec, ledger_number(spec))
        scribe.write({"organizations": [owner]})
        create_sign_ins(book)
        flush(book, scribe)
        if job.size == "large":
            for _ in bare_policies(book, spec.policies):
                flush(book, scribe)
        else:
            fill(book, desk, owner["tb_ledger_id"], scribe, job, report)
        search.mark(book)
        flush(book, scribe)
    return scribe.rows


def opened(job: Job) -> tuple[Book, Desk]:
    """A book with what its policies refer to."""
    book = Book.opened(job.spec, job.seed, job.today)
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, list(job.carriers))
    authority_rows.authority(book)
    return book, Desk(book)


def fill(
    book: Book, desk: Desk, ledger_code: int, scribe: Scribe, job: Job, report: Report
) -> None:
    """The book with everything that hangs on its policies, chunk by chunk."""
    spec, scope = book.spec, SystemScope(book.spec.id, SUBJECT)
    accounting = Accounting(book, ledger_code)
    golden = stories.golden(book) if spec.slug == ACME.slug else []
    wanted, left, told = spec.policies - len(golden), spec.claims, 0
    filings, post = Filings(book), Post(book)
    for k, chunk in enumerate(policies(book, wanted)):
        share = min(left, round(spec.claims * len(chunk) / wanted))
        filed = claims(book, chunk, share)
        left -= len(filed)
        if k == 0 and job.twin_of:
            stories.twins(book, *shared_keys(job, job.twin_of))
        standing(book, [*golden, *chunk], filed)
        desk.file([*golden, *chunk])
        filings.take_up([*golden, *chunk])
        post.remember(book.basket.tables["submissions"], filed)
        accounting.take_up()
        golden = []
        flush(book, scribe)
        if desk.policies - told >= TOLD_POLICIES:
            told = desk.policies
            report(f"Making {spec.display_name}: {told * 100 // spec.policies} %")
    accounting.close(scope, scribe, now=timezone.now())
    filings.close()
    post.take_in()
    organisations.numbering(book)
    fmcsa_answers.write_answers(desk.open)


def shared_keys(job: Job, other: OrgSpec) -> tuple[str, str]:
    """The policy number and a VIN of the other's first policy, made here as it is made there."""
    book, _ = opened(Job(
        spec=other, size=job.size, seed=job.seed, today=job.today, carriers=job.carriers
    ))  # fmt: skip
    golden = stories.golden(book) if other.slug == ACME.slug else []
    policy = first_policy(book, other.policies - len(golden))
    vehicles = book.basket.tables["policy_vehicles"]
    return policy["policy_number"], next(
        row["vin"] for row in vehicles if row["policy_id"] == policy["id"]
    )


def ledger_number(spec: OrgSpec) -> int:
    """A ledger number of its own: platform 1, tenants 2 to 4, the large size from 100."""
    for number, tenant in enumerate(TENANTS, 2):
        if tenant.id == spec.id:
            return number
    return 100 + int(spec.slug.removeprefix("org"))


def flush(book: Book, scribe: Scribe) -> None:
    """Empty the basket and have its rows written. Nothing changes them afterwards."""
    search.tokens(book)
    scribe.write(book.basket.tables)
    book.basket.tables.clear()


def roll_up(job: Job) -> int:
    """Ageing, sums of the books, figures of the home page and the day's reconciliation, by the
    functions of the jobs that do it each day; how many rows of figures."""
    scope, today = SystemScope(job.spec.id, SUBJECT), job.today
    with entered(scope):
        if job.size == "large":
            return 0
        aged = ageing_rollup.refresh_org(scope, today=today, at=at(today, 0))
        taking.rebuild(scope, at=timezone.now())
        counting.count(scope, at=timezone.now())
        figures.count_org(scope, on=today, at=timezone.now())
        reconciliation.reconcile(scope, today, now=timezone.now())
    return aged + len(figures.COUNTERS)


def clear(org_id: str) -> None:
    """Delete an earlier load's rows of the organisation entered. Refused in production."""
    if settings.ENVIRONMENT == "production":
        raise PermissionError("demo data is never loaded in production")
    for name, table in TABLES.items():
        ours = table.keyspace in KEYSPACES or name in ROLL_UPS
        if name in KEPT or table.kind == "system" or not ours:
            continue
        if table.kind == "global" and org_id == PLATFORM_ID:
            _delete(name, f"DELETE FROM `{name}` LIMIT {CLEAR_ROWS}", [])
        elif table.org_column:
            where = f"`{table.org_column}` = %s LIMIT {CLEAR_ROWS}"
            _delete(name, f"DELETE FROM `{name}` WHERE {where}", [org_id])


def _delete(table: str, statement: str, parameters: list[Any]) -> None:
    """In short statements, until none is left."""
    with connections[alias_of(table)].cursor() as cursor:
        while cursor.execute(statement, parameters) == CLEAR_ROWS:
            pass
