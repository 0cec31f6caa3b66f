"""Load the demo data: the platform's rows, then each organisation under its own scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from random import Random
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from openinsure.demo import authority_rows, fmcsa_answers, ledger, organisations, reference, stories
from openinsure.demo.accounting import Accounting
from openinsure.demo.book import Book
from openinsure.demo.clock import at
from openinsure.demo.generate import bare_policies, claims, policies
from openinsure.demo.ids import row_id
from openinsure.demo.models import DemoLoad
from openinsure.demo.orgs_data import ACME, BOREALIS, CARRIERS, PLATFORM_ID, TENANTS, OrgSpec, Size
from openinsure.demo.scribe import Scribe
from openinsure.demo.sign_ins import create_sign_ins
from openinsure.demo.standing import standing
from openinsure.demo.submission_rows import Desk
from openinsure.demo.writer import alias_of, write
from openinsure.keyspaces.inventory import TABLES
from openinsure.pages import ageing_rollup, figures, find_words
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import SystemScope, entered

MEDIUM_POLICIES = 100_000
LARGE_ORGS, LARGE_POLICIES, LARGE_BIGGEST = 200, 1_000_000, 300_000
# Append-only or a record of runs: a reload never rewrites what was done.
KEPT = {"audit_log", "audit_access_log", "cron_runs"}
ROLL_UPS = {
    "policy_standing",
    "search_tokens",
    "search_marks",
    "billing_ageing",
    "billing_ageing_totals",
    "org_figures",
}
SUBJECT = "service:demo"
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Load:
    """What a load did."""

    size: Size
    rows: int
    skipped: bool


def load(
    *, size: Size, seed: int, today: date, report: Report, again: bool = False,
    scribe: Scribe | None = None,
) -> Load:  # fmt: skip
    """Load once; a finished load of the same size is left alone unless `again`.

    scribe: who writes; by default at once, in this thread.
    """
    if not again and DemoLoad.objects.filter(size=size).exists():
        return Load(size, 0, skipped=True)
    specs, scribe = sized(size), scribe or Scribe()
    with entered(SystemScope(PLATFORM_ID, SUBJECT)):
        report("Clearing what an earlier load left")
        scribe.do(partial(clear, PLATFORM_ID))
        carriers = platform_rows(seed, today, scribe)
    twin: tuple[str, str] | None = None
    for spec in specs:
        report(f"Loading {spec.display_name}: {spec.policies:,} policies")
        with entered(SystemScope(spec.id, SUBJECT)) as scope:
            scribe.do(partial(clear, spec.id))
            book = Book.opened(spec, seed, today)
            parts(book, carriers, size, twin, scribe)
            scribe.do(partial(find_words.take_up, scope))
            twin = twin or shared_keys(book)
    scribe.finish()
    DemoLoad.objects.all().delete()
    DemoLoad.objects.create(
        size=size, seed=seed, today=today, rows_written=scribe.rows, loaded_at=timezone.now()
    )
    return Load(size, scribe.rows, skipped=False)


def sized(size: Size) -> list[OrgSpec]:
    """The organisations of a size with their numbers of policies and claims."""
    if size == "small":
        return list(TENANTS)
    if size == "medium":
        whole = sum(spec.policies for spec in TENANTS)
        factor = MEDIUM_POLICIES / whole
        return [
            replace(s, policies=round(s.policies * factor), claims=round(s.claims * factor))
            for s in TENANTS
        ]
    rest = (LARGE_POLICIES - LARGE_BIGGEST) // (LARGE_ORGS - 1)
    others = [
        replace(
            BOREALIS,
            id=f"0190a000-0000-7000-8000-0000000{k + 0x100:05x}",
            slug=f"org{k:03d}",
            prefix=f"O{k:03d}",
            display_name=f"Organization {k:03d}",
            policies=rest,
        )
        for k in range(LARGE_ORGS - len(TENANTS))
    ]
    tenants = [replace(s, policies=rest, claims=0) for s in TENANTS[1:]]
    return [replace(ACME, policies=LARGE_BIGGEST, claims=0), *tenants, *others]


def platform_rows(seed: int, today: date, scribe: Scribe) -> list[str]:
    """Organisation, people, carriers and reference data of the platform. Returns carrier ids."""
    rng = Random(f"{seed}:carriers")
    stamp = {"created_at": reference.LOADED, "updated_at": reference.LOADED}
    carriers = [
        {"id": row_id(rng, reference.LOADED), "legal_name": name, "naic_code": naic,
         "am_best_rating": rating, "admitted_states": [], "status": "active",
         "remit_basis": "collected", "remit_day": 15, "default_currency": "USD", **stamp}
        for name, naic, rating in CARRIERS
    ]  # fmt: skip
    tables: dict[str, list[dict[str, Any]]] = {"platform_carriers": carriers}
    for table, row in reference.rows(seed, today):
        tables.setdefault(table, []).append(row)
    spec = organisations.PLATFORM
    book = Book.opened(spec, seed, today)
    for local, role in organisations.PLATFORM_SIGN_INS:
        organisations.user_row(book, f"{local}@openinsure.test", role, local.title())
    tables["organizations"] = [organisations.organisation(spec, 1)]
    scribe.do(partial(written, tables))
    flush(book, scribe)
    scribe.do(partial(create_sign_ins, book))
    return [str(row["id"]) for row in carriers]


def ledger_number(spec: OrgSpec) -> int:
    """A ledger number of its own: platform 1, tenants 2 to 4, the large size from 100."""
    for number, tenant in enumerate(TENANTS, 2):
        if tenant.id == spec.id:
            return number
    return 100 + int(spec.slug.removeprefix("org"))


def parts(
    book: Book, carriers: list[str], size: Size, twin: tuple[str, str] | None, scribe: Scribe
) -> None:
    """Make one organisation and have it written in short transactions."""
    organisations.people(book)
    organisations.producers(book)
    organisations.programs(book, carriers)
    authority_rows.authority(book)
    desk = Desk(book)
    owner = organisations.organisation(book.spec, ledger_number(book.spec))
    ledger.forget(owner["tb_ledger_id"])
    accounting = Accounting(book, owner["tb_ledger_id"])
    scribe.do(partial(written, {"organizations": [owner]}))
    flush(book, scribe)
    scribe.do(partial(create_sign_ins, book))
    if size == "large":
        for _ in bare_policies(book, book.spec.policies):
            flush(book, scribe)
        return
    golden = stories.golden(book) if book.spec.slug == "acme" else []
    wanted, left = book.spec.policies - len(golden), book.spec.claims
    for k, chunk in enumerate(policies(book, wanted)):
        share = min(left, round(book.spec.claims * len(chunk) / wanted))
        filed = claims(book, chunk, share)
        left -= len(filed)
        if k == 0 and twin and book.spec.slug == "borealis":
            stories.twins(book, *twin)
        standing(book, [*golden, *chunk], filed)
        desk.file([*golden, *chunk])
        accounting.take_up()
        golden = []
        flush(book, scribe)
    scope = SystemScope(book.spec.id, SUBJECT)
    accounting.close(scope, scribe, now=timezone.now())
    organisations.numbering(book)
    fmcsa_answers.write_answers(desk.open)
    flush(book, scribe)
    refresh = partial(ageing_rollup.refresh_org, today=book.today, at=at(book.today, 0))
    scribe.do(partial(refresh, scope))
    scribe.do(partial(counted, scope, book.today))


def counted(scope: SystemScope, today: date) -> int:
    """The figures of the home page, counted as the job will count them again."""
    figures.count_org(scope, on=today, at=timezone.now())
    return len(figures.COUNTERS)


def flush(book: Book, scribe: Scribe) -> None:
    """Empty the basket and have its rows written. Nothing changes them afterwards."""
    tables = dict(book.basket.tables)
    book.seen.update({name: rows[0] for name, rows in tables.items() if rows})
    book.basket.tables.clear()
    scribe.do(partial(written, tables))


def written(tables: dict[str, list[dict[str, Any]]]) -> int:
    """Rows written in one short transaction per keyspace."""
    with atomic():
        return write(tables)


def shared_keys(book: Book) -> tuple[str, str] | None:
    """A policy number and a VIN of a finished book, for the twins of the next one."""
    policy, unit = book.seen.get("policies"), book.seen.get("policy_vehicles")
    return (policy["policy_number"], unit["vin"]) if policy and unit else None


@contextmanager
def atomic() -> Iterator[None]:
    """One transaction on each alias; committed one after another (demo data only)."""
    with ExitStack() as stack:
        for alias in ("default", *KEYSPACES):
            stack.enter_context(transaction.atomic(using=alias))
        yield


def clear(org_id: str) -> int:
    """Delete an earlier load's rows of the organisation entered; none is written.

    Refused in production.
    """
    if settings.ENVIRONMENT == "production":
        raise PermissionError("demo data is never loaded in production")
    for name, table in TABLES.items():
        ours = table.keyspace in KEYSPACES or name in ROLL_UPS
        if name in KEPT or table.kind == "system" or not ours:
            continue
        with connections[alias_of(name)].cursor() as cursor:
            if table.kind == "global" and org_id == PLATFORM_ID:
                cursor.execute(f"DELETE FROM `{name}`")
            elif table.org_column:
                cursor.execute(f"DELETE FROM `{name}` WHERE `{table.org_column}` = %s", [org_id])
    return 0
