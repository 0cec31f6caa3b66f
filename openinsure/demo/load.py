"""Load the demo data: the platform's rows, then each organisation under its own scope.

Side by side where the servers take files: organisations are made by processes of their own into
text files, and the files are loaded a table at a time. Elsewhere everything is inserted at once.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from django.db import connections
from django.utils import timezone

from openinsure.demo import (
    ledger,
    mail_rows,
    org_load,
    organisations,
    process,
    reference,
    run_rows,
    spool,
)
from openinsure.demo.book import Book
from openinsure.demo.ids import row_id
from openinsure.demo.models import DemoLoad
from openinsure.demo.org_load import SUBJECT, Job, Report
from openinsure.demo.orgs_data import ACME, BOREALIS, CARRIERS, PLATFORM_ID, TENANTS, OrgSpec, Size
from openinsure.demo.scribe import Scribe
from openinsure.demo.sign_ins import create_sign_ins
from openinsure.tenancy.scope import SystemScope, entered

MEDIUM_POLICIES = 100_000
LARGE_ORGS, LARGE_POLICIES, LARGE_BIGGEST = 200, 1_000_000, 300_000
PROCESSES_MAX = 4
STARTED = "fork" if sys.platform == "linux" else "spawn"


@dataclass(frozen=True, slots=True)
class Load:
    """What a load did."""

    size: Size
    rows: int
    skipped: bool


def load(
    *, size: Size, seed: int, today: date, report: Report, again: bool = False,
    unless_any: bool = False, side_by_side: bool = False,
) -> Load:  # fmt: skip
    """Load once; a finished load of the same size is left alone unless `again`.

    unless_any: so is one of any other size.
    side_by_side: in processes and through files, where the servers take them; report must then be
    a function of a module.
    """
    finished = DemoLoad.objects.all() if unless_any else DemoLoad.objects.filter(size=size)
    if not again and finished.exists():
        return Load(size, 0, skipped=True)
    DemoLoad.objects.all().delete()
    report("Clearing what an earlier load left")
    rows, carriers = platform(seed, today)
    specs = sized(size)
    jobs = [
        Job(
            spec=spec,
            size=size,
            seed=seed,
            today=today,
            carriers=carriers,
            twin_of=specs[0] if spec.slug == BOREALIS.slug else None,
        )
        for spec in specs
    ]
    if size != "large":
        for job in jobs:  # one after the other: side by side their locks would meet
            ledger.forget(organisations.ledger_code(org_load.ledger_number(job.spec)))
    way = files if side_by_side and spool.takes_files() else alone
    rows += way(jobs, report)
    DemoLoad.objects.create(
        size=size, seed=seed, today=today, rows_written=rows, loaded_at=timezone.now()
    )
    return Load(size, rows, skipped=False)


def alone(jobs: list[Job], report: Report) -> int:
    """Make every organisation here, its rows inserted at once; how many."""
    return sum(org_load.make(job, Scribe, report) + org_load.roll_up(job) for job in jobs)


def files(jobs: list[Job], report: Report) -> int:
    """Make them side by side into files, load those, then count the roll-ups; how many rows."""
    connections.close_all()  # a forked process must not speak on ours
    workers = min(len(jobs), os.cpu_count() or 1, PROCESSES_MAX)
    with (
        tempfile.TemporaryDirectory(prefix="openinsure-demo-") as name,
        ProcessPoolExecutor(
            workers, multiprocessing.get_context(STARTED), initializer=process.ready
        ) as pool,
    ):
        scribe = partial(spool.Spool, Path(name))
        rows = sum(pool.map(partial(org_load.make, new_scribe=scribe, report=report), jobs))
        spool.load(Path(name), report=report)
    report("Counting the roll-ups")
    return rows + sum(map(org_load.roll_up, jobs))


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


def platform(seed: int, today: date) -> tuple[int, tuple[str, ...]]:
    """Organisation, people, carriers and reference data of the platform: rows, carrier ids."""
    scribe = Scribe()
    with entered(SystemScope(PLATFORM_ID, SUBJECT)):
        org_load.clear(PLATFORM_ID)
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
        mail_rows.Post(book).set_aside()
        tables["cron_runs"] = run_rows.replaced(seed, today, timezone.now())
        scribe.write(tables)
        org_load.flush(book, scribe)
        create_sign_ins(book)
    return scribe.rows, tuple(str(row["id"]) for row in carriers)
