"""A list as a file at once: the whole filtered result, up to a limit, CSV or XLSX.

The rows are read page by page and held (at most 5,000), so that count and hash stand in the
headers, a database that fails midway leaves no half file, and nothing runs after the scope.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from openinsure.audit.record import AuditEvent, append
from openinsure.authz.decorators import forbid
from openinsure.console import exports_files
from openinsure.console.dates import iso_instant
from openinsure.console.exports_files import FileFormat, cells_of, chosen, filter_words
from openinsure.console.lists import Ask
from openinsure.console.request import ConsoleRequest
from openinsure.problems import Conflict
from openinsure.tenancy.listing import Page

ROWS_MAX = 5_000
PAGE_ROWS = 1_000
# Walked lists give up here: 100 stretches of 2,000 rows, about a second.
PAGES_MAX = 100
PERMISSION = "export.create"

Read = Callable[[Ask], Page[Any]]


def file_response(request: ConsoleRequest, ask: Ask, read: Read) -> HttpResponse:
    """The file that ask.format names. Needs export.create besides the page's permission.

    Raises Forbidden, or Conflict(export_job_required) above ROWS_MAX rows. The export is audited.
    """
    require(request)
    now = timezone.now()
    return answer(request, ask, gather(ask, read), ask.format or "csv", now=now)


def require(request: ConsoleRequest) -> None:
    """Raises Forbidden (recorded) without export.create."""
    if PERMISSION not in request.rights:
        raise forbid(request, PERMISSION)


def gather(ask: Ask, read: Read) -> list[Any]:
    """Every row from the first page on. Raises Conflict(export_job_required)."""
    rows: list[Any] = []
    at = None
    for _ in range(PAGES_MAX):
        page = read(replace(ask, at=at, size=PAGE_ROWS))
        rows += page.rows
        if len(rows) > ROWS_MAX:
            break
        if page.next is None:
            return rows
        at = page.next
    raise Conflict(
        f"More than {ROWS_MAX:,} rows match or must be searched. "
        "Narrow the filters, or start an export job.",
        code="export_job_required",
    )


def picked(ask: Ask, read: Read, ids: Collection[str]) -> list[Any]:
    """The rows of this very page whose id was ticked, in its order.

    Raises Conflict when one of them has left the page since: nothing is dropped silently.
    """
    rows = [row for row in read(ask).rows if row.id in ids]
    gone = len(set(ids)) - len(rows)
    if gone:
        noun = "row is" if gone == 1 else "rows are"
        raise Conflict(f"{gone} selected {noun} no longer on this page. Reload it and select anew.")
    return rows


def answer(
    request: ConsoleRequest, ask: Ask, rows: list[Any], wanted: FileFormat, *, now: datetime
) -> HttpResponse:
    """The rows as an attachment, audited, with count, filter, moment and hash in the headers."""
    request.rows_returned = len(rows)
    told = filter_words(ask)
    body = _body(ask, rows, wanted, told, now)
    digest = hashlib.sha256(body).hexdigest()
    _record(request, f"{ask.page.name} {wanted.upper()}", len(rows), digest, told)
    name = ask.page.name.replace(".", "-")
    response = HttpResponse(body, content_type=exports_files.TYPES[wanted])
    response["Content-Disposition"] = f'attachment; filename="{name}-{now:%Y-%m-%d}.{wanted}"'
    response["X-Export-Rows"] = str(len(rows))
    response["X-Export-As-Of"] = iso_instant(now)
    response["X-Export-Filter"] = told
    response["X-Export-SHA256"] = digest
    return response


def _body(ask: Ask, rows: list[Any], wanted: FileFormat, told: str, now: datetime) -> bytes:
    head, columns, with_id = chosen(ask)
    cells = cells_of(rows, columns, with_id=with_id)
    if wanted == "csv":
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(head)
        writer.writerows(cells)
        return text.getvalue().encode()
    target = io.BytesIO()
    with exports_files.open_sheet(target, wanted, head=head) as sheet:
        sheet.write(cells)
        sheet.tell(facts(ask, rows=len(rows), as_of=now, told=told))
    return target.getvalue()


def facts(ask: Ask, *, rows: int, as_of: datetime, told: str) -> list[tuple[str, object]]:
    """What the sheet About and the manifest say of a file."""
    way = "descending" if ask.descending else "ascending"
    return [
        ("list", ask.page.name),
        ("title", ask.page.title),
        ("rows", rows),
        ("filter", told or "none"),
        ("order", f"{ask.sort} {way}"),
        ("as of", iso_instant(as_of)),
        ("note", "Read page by page while the data may change; not a snapshot."),
    ]


def _record(request: ConsoleRequest, name: str, rows: int, digest: str, told: str) -> None:
    who = request.who
    append(
        AuditEvent(
            org_id=request.scope.org_id,
            action="export.created",
            actor_user_id=who.user_id if who and not who.is_service else None,
            actor_role=who.role if who else "",
            request_id=request.request_id,
            occurred_at=timezone.now(),
            entity_table="exports",
            object=name,
            after={"rows": rows, "sha256": digest, "filter": told},
            cross_org=request.scope.mode == "cross_read",
        )
    )
