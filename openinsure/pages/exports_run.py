"""Running one export job: claim, check again who may, write the file, tell the owner.

The job itself runs in its owner's organisation. The rows are read in the scope of that one, or of
the organisation entered by a live grant; without one the job waits until its owner enters again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db.utils import InterfaceError, OperationalError

from openinsure.audit.record import AuditEvent, append
from openinsure.console.dates import iso_instant
from openinsure.console.exports_capture import Viewer
from openinsure.console.models import ExportRow
from openinsure.orgs.operations.notices import Notice, post_notice
from openinsure.pages import exports_jobs as jobs
from openinsure.pages.exports_admission import EnterAgain, admit, still_visiting
from openinsure.plurals import many
from openinsure.problems import Problem
from openinsure.tenancy.scope import SystemScope, entered

log = logging.getLogger(__name__)

TOO_LONG = "It took longer than nine minutes. Narrow the filters, or export in parts."
BROKEN = "It failed and nothing was kept. Try again, and name the request id if it fails again."

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a maker wrote. files: names inside the folder, the first is the one to fetch."""

    files: tuple[str, ...]
    rows: int
    told: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a maker is given: the wish, for whom, a folder to write to, and whom to tell rows."""

    row: ExportRow
    home: SystemScope
    viewer: Viewer
    folder: Path
    clock: Clock
    as_of: datetime

    def progress(self, rows: int) -> None:
        """Say how far it is. Raises EnterAgain when the grant has ended meanwhile."""
        now = self.clock()
        if self.viewer.grant is not None:
            still_visiting(self.row, self.viewer.who, now=now)
        with entered(self.home):
            own = ExportRow.objects.within(self.home).filter(id=self.row.id)
            own.update(rows=rows, heartbeat_at=now)


Maker = Callable[[Work], Made]
MAKERS: dict[str, Maker] = {}


def run(home: SystemScope, export_id: str, *, clock: Clock) -> str:
    """Make the file of a queued job; the status it ends in, "" if another worker has it.

    Safe to repeat: only a queued job is claimed, and a half file is never seen.
    """
    row = _claim(home, export_id, clock())
    if row is None:
        return ""
    try:
        return _made(home, row, clock)
    except EnterAgain:
        return _end(home, row, jobs.ENTER_AGAIN, "", clock())
    except Problem as problem:
        return _end(home, row, jobs.FAILED, problem.message, clock())
    except SoftTimeLimitExceeded:
        return _end(home, row, jobs.FAILED, TOO_LONG, clock())
    except (OperationalError, InterfaceError) as error:
        log.warning("export broken off: %s", type(error).__name__)
        with entered(home):
            return jobs.put_back(home, row, "A database did not answer.", now=clock())
    except Exception:
        log.exception("export failed", extra={"export": row.id})
        return _end(home, row, jobs.FAILED, BROKEN, clock())


def _claim(home: SystemScope, export_id: str, now: datetime) -> ExportRow | None:
    with entered(home):
        rows = ExportRow.objects.within(home).filter(id=export_id)
        if not rows.filter(status=jobs.QUEUED).update(
            status=jobs.RUNNING, started_at=now, heartbeat_at=now, rows=0, error=""
        ):
            return None
        row: ExportRow = rows.get()
        return row


def _made(home: SystemScope, row: ExportRow, clock: Clock) -> str:
    now = clock()
    viewer = admit(home, row, now=now)
    folder = jobs.folder_of(row)
    draft = jobs.draft_of(row)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    try:
        work = Work(row=row, home=home, viewer=viewer, folder=draft, clock=clock, as_of=now)
        with entered(viewer.scope):
            made = MAKERS[row.kind](work)
        digests = {name: _digest(draft / name) for name in made.files}
        _write_manifest(row, made, digests, draft, now)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _ready(home, row, viewer, made, digests, clock())


def _ready(
    home: SystemScope,
    row: ExportRow,
    viewer: Viewer,
    made: Made,
    digests: dict[str, str],
    now: datetime,
) -> str:
    name = made.files[0]
    told = {"rows": made.rows, "sha256": digests[name], "filter": made.told.get("filter", "")}
    record("export.created", row, viewer, told, now)
    with entered(home):
        ExportRow.objects.within(home).filter(id=row.id, status=jobs.RUNNING).update(
            status=jobs.READY,
            rows=made.rows,
            bytes=(jobs.folder_of(row) / name).stat().st_size,
            sha256=digests[name],
            file_name=name,
            told=row.told | made.told,
            as_of=row.started_at,
            finished_at=now,
            expires_at=now + jobs.LIFE,
        )
    _tell(home, row, f"{row.title}: {many(made.rows, 'row')} ready", "info", now)
    return jobs.READY


def _end(home: SystemScope, row: ExportRow, status: str, error: str, now: datetime) -> str:
    with entered(home):
        own = ExportRow.objects.within(home).filter(id=row.id, status=jobs.RUNNING)
        finished = now if status == jobs.FAILED else None
        own.update(status=status, error=error[:255], finished_at=finished)
    if status == jobs.FAILED:
        jobs.drop_files(row)  # it may have been whole, but was not recorded
        _tell(home, row, f"{row.title}: the export failed", "bad", now)
    else:
        _tell(home, row, f"{row.title}: enter the organization again to go on", "warn", now)
    return status


def _tell(home: SystemScope, row: ExportRow, title: str, severity: str, now: datetime) -> None:
    """A notice; with oi_global away the page of exports says the same."""
    notice = Notice(
        user_id=row.owner_id,
        kind=f"export.{row.kind}",
        title=title,
        link="/exports",
        severity=severity,
    )
    try:
        with entered(home):
            post_notice(home, notice, now=now)
    except (OperationalError, InterfaceError):
        log.warning("no notice of an export: oi_global is away")


def record(
    action: str, row: ExportRow, viewer: Viewer, told: dict[str, Any], now: datetime
) -> None:
    """One row in the chain of the organisation whose rows the file holds. Raises Unavailable."""
    append(
        AuditEvent(
            org_id=row.data_org_id,
            action=action,
            actor_user_id=row.owner_id,
            actor_role=row.owner_role,
            request_id=viewer.request_id,
            occurred_at=now,
            entity_keyspace="oi_console",
            entity_table="exports",
            entity_id=row.id,
            object=f"{row.title} {row.file_format.upper()}",
            after=told,
            reason=viewer.grant.reason if viewer.grant else "",
            cross_org=row.data_org_id != row.org_id,
        )
    )


def _write_manifest(
    row: ExportRow, made: Made, digests: dict[str, str], folder: Path, as_of: datetime
) -> None:
    manifest = {
        "export": row.id,
        "organization": row.data_org_id,
        "title": row.title,
        "kind": row.kind,
        "list": row.list_name,
        "query": row.query,
        "as_of": iso_instant(as_of),
        "rows": made.rows,
        **made.told,
        "files": [
            {"name": name, "bytes": (folder / name).stat().st_size, "sha256": digest}
            for name, digest in digests.items()
        ],
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
