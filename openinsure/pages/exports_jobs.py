"""Export jobs as records: asking for one, what a person sees of theirs, ending and expiring.

A job belongs to the person's own organisation, like a grant. Whose rows it holds (`data_org_id`)
may be another organisation that the person has entered; then it also needs a live grant there.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from openinsure.console.models import ExportRow
from openinsure.keyspaces.ids import new_id
from openinsure.problems import Conflict, NotFound, TooMany
from openinsure.tenancy.scope import CANONICAL_UUID, Scope

log = logging.getLogger(__name__)

LIFE = timedelta(hours=24)  # of a file, and of the link to it
KEPT = timedelta(days=30)  # the record without its file
PER_HOUR_MAX = 10  # jobs a person; multiplied by OPENINSURE_RATE_SCALE
SHOWN_MAX = 50
# A running job writes its progress every page; one that did not for so long was killed. Longer
# than the broker's visibility timeout, so a message put back comes first.
SILENT = timedelta(minutes=16)
WAITED = timedelta(minutes=1)  # a queued row whose message may have been lost
ATTEMPTS_MAX = 3
QUEUED, RUNNING, READY, FAILED = "queued", "running", "ready", "failed"
EXPIRED, ENTER_AGAIN = "expired", "enter_again"
UNDER_WAY = (QUEUED, RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a job is to make. kind: list, sample or evidence; asked: what else the kind needs."""

    kind: str
    title: str
    file_format: str
    list_name: str = ""
    query: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who asks, and where: the grant's organisation while visiting, else their own."""

    user_id: str
    role: str
    session_id: str
    data_org_id: str
    data_org_name: str = ""
    grant_id: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One job as its owner sees it. visiting: its rows are of an organisation entered by grant."""

    id: str
    kind: str
    title: str
    format: str
    status: str
    error: str
    list: str
    query: str
    filter: str
    rows: int
    bytes: int
    sha256: str
    file_name: str
    data_org_id: str
    data_org_name: str
    visiting: bool
    created_at: datetime
    as_of: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    told: dict[str, Any]

    @property
    def under_way(self) -> bool:
        """True while the page should ask again."""
        return self.status in UNDER_WAY


def create_export(scope: Scope, owner: Owner, wish: Wish, *, now: datetime) -> ExportLine:
    """A queued job of the scope's person. Raises TooMany above ten an hour."""
    recent = ExportRow.objects.within(scope).filter(
        owner_id=owner.user_id, created_at__gt=now - timedelta(hours=1)
    )
    limit = limit_an_hour()
    if recent.count() >= limit:
        text = f"At most {limit} exports an hour. Wait for one of them, or narrow the list."
        raise TooMany(text, retry_after_s=600)
    row = ExportRow.objects.within(scope).create(
        id=new_id(),
        owner_id=owner.user_id,
        owner_role=owner.role,
        session_id=owner.session_id,
        data_org_id=owner.data_org_id,
        data_org_name=owner.data_org_name,
        grant_id=owner.grant_id,
        request_id=owner.request_id,
        kind=wish.kind,
        title=wish.title,
        list_name=wish.list_name,
        query=wish.query,
        file_format=wish.file_format,
        wish=dict(wish.asked),
        status=QUEUED,
        created_at=now,
    )
    return line_of(row)


def limit_an_hour() -> int:
    """Jobs that one person may ask for within an hour."""
    return PER_HOUR_MAX * int(settings.RATE_SCALE)


def restart_export(scope: Scope, row: ExportRow, owner: Owner) -> None:
    """Queue a job again that waited for its owner to enter the organisation anew.

    Raises Conflict in any other state.
    """
    changed = ExportRow.objects.within(scope).filter(id=row.id, status=ENTER_AGAIN)
    if not changed.update(status=QUEUED, session_id=owner.session_id, grant_id=owner.grant_id):
        raise Conflict("Only an export that waits for you to enter again can be restarted.")


def find_export(scope: Scope, owner_id: str, export_id: str) -> ExportRow:
    """The person's own job. Raises NotFound, for somebody else's too."""
    row = None
    if CANONICAL_UUID.fullmatch(export_id):
        row = ExportRow.objects.within(scope).filter(id=export_id, owner_id=owner_id).first()
    if row is None:
        raise NotFound("export")
    found: ExportRow = row
    return found


def newest_exports(
    scope: Scope, owner_id: str, *kinds: str, after: str = "", limit: int = SHOWN_MAX
) -> tuple[ExportLine, ...]:
    """The person's newest jobs, of these kinds if any are named, older ones after an id."""
    rows = ExportRow.objects.within(scope).filter(owner_id=owner_id)
    if after:
        rows = rows.filter(id__lt=after)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return tuple(line_of(row) for row in rows.order_by("-id")[:limit])


def line_of(row: ExportRow) -> ExportLine:
    """What a row says to its owner."""
    return ExportLine(
        id=row.id,
        kind=row.kind,
        title=row.title,
        format=row.file_format,
        status=row.status,
        error=row.error,
        list=row.list_name,
        query=row.query,
        filter=str(row.told.get("filter", "")),
        rows=row.rows,
        bytes=row.bytes,
        sha256=row.sha256,
        file_name=row.file_name,
        data_org_id=row.data_org_id,
        data_org_name=row.data_org_name,
        visiting=row.data_org_id != row.org_id,
        created_at=row.created_at,
        as_of=row.as_of,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        told=dict(row.told),
    )


def folder_of(row: ExportRow) -> Path:
    """Where the files of a job lie: below the organisation whose rows they hold."""
    for part in (row.data_org_id, row.id):
        if not CANONICAL_UUID.fullmatch(part):
            raise ValueError("an export lies below canonical ids")
    files = Path(str(settings.FILES_DIR))
    return files / "exports" / str(row.data_org_id) / str(row.id)


def draft_of(row: ExportRow) -> Path:
    """Where the files lie while they are written; renamed to folder_of at the end."""
    return folder_of(row).with_suffix(".part")


def tidy(scope: Scope, *, now: datetime) -> tuple[str, ...]:
    """Expire files of the organisation's people, forget old records, find jobs to start again.

    The ids of queued jobs whose message was lost or never sent. Two statements when idle.
    """
    rows = ExportRow.objects.within(scope)
    for row in rows.filter(status=READY, expires_at__lte=now):
        if drop_files(row):
            rows.filter(id=row.id, status=READY).update(status=EXPIRED)
    for row in rows.filter(status=RUNNING, heartbeat_at__lte=now - SILENT):
        put_back(scope, row, "The job stopped without an answer.", now=now)
    rows.filter(created_at__lte=now - KEPT).exclude(status__in=(READY, *UNDER_WAY)).delete()
    waiting = rows.filter(status=QUEUED, created_at__lte=now - WAITED).order_by("id")
    return tuple(waiting.values_list("id", flat=True))


def put_back(scope: Scope, row: ExportRow, error: str, *, now: datetime) -> str:
    """Queue a broken-off job again, or fail it after three attempts; the new status."""
    attempts = int(row.told.get("attempts", 0)) + 1
    status = QUEUED if attempts < ATTEMPTS_MAX else FAILED
    finished = None if status == QUEUED else now
    told = row.told | {"attempts": attempts}
    changed = ExportRow.objects.within(scope).filter(id=row.id, status=RUNNING)
    changed.update(status=status, error=error, told=told, finished_at=finished)
    if status == FAILED:
        drop_files(row)
    return status


def drop_files(row: ExportRow) -> bool:
    """Remove what the job wrote, half a file too; True once nothing of it is left."""
    try:
        for folder in (folder_of(row), draft_of(row)):
            with suppress(FileNotFoundError):
                shutil.rmtree(folder)
    except OSError as error:
        log.error("files of an export could not be removed: %s", type(error).__name__)
        return False
    return True
