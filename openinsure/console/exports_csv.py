"""A list as a CSV file: the whole filtered result, up to a limit, safe to open in a spreadsheet.

The rows are read page by page and held (at most 5,000), so that count and hash stand in the
headers, a database that fails midway leaves no half file, and nothing runs after the scope.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from openinsure.audit.record import AuditEvent, append
from openinsure.authz.decorators import forbid
from openinsure.console.columns import plain
from openinsure.console.dates import iso_instant
from openinsure.console.lists import Ask
from openinsure.console.request import ConsoleRequest
from openinsure.problems import Conflict
from openinsure.tenancy.listing import Page

ROWS_MAX = 5_000
PAGE_ROWS = 1_000
# Walked lists give up here: 100 stretches of 2,000 rows, about a second.
PAGES_MAX = 100
PERMISSION = "export.create"
# What a spreadsheet may take for a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_response(
    request: ConsoleRequest, ask: Ask, read: Callable[[Ask], Page[Any]]
) -> HttpResponse:
    """The file. Needs export.create besides the page's permission; the export is audited.

    Raises Forbidden, or Conflict(export_job_required) above ROWS_MAX rows.
    """
    if PERMISSION not in request.rights:
        raise forbid(request, PERMISSION)
    now = timezone.now()
    rows = _gather(ask, read)
    request.rows_returned = len(rows)
    body = _text(ask, rows).encode()
    digest = hashlib.sha256(body).hexdigest()
    _record(request, ask, rows=len(rows), digest=digest)
    name = ask.page.name.replace(".", "-")
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{now:%Y-%m-%d}.csv"'
    response["X-Export-Rows"] = str(len(rows))
    response["X-Export-As-Of"] = iso_instant(now)
    response["X-Export-Filter"] = _filter_words(ask)
    response["X-Export-SHA256"] = digest
    return response


def defused(value: object) -> object:
    """A cell: text that a spreadsheet would run gets an apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _gather(ask: Ask, read: Callable[[Ask], Page[Any]]) -> list[Any]:
    """Every row from the first page on."""
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


def _text(ask: Ask, rows: list[Any]) -> str:
    chosen = "columns" in ask.given
    columns = ask.columns if chosen else ask.page.columns
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*([] if chosen else ["id"]), *(column.name for column in columns)])
    for row in rows:
        first = [] if chosen else [defused(plain(row.id))]
        writer.writerow([*first, *(defused(column.plain(row)) for column in columns)])
    return target.getvalue()


def _filter_words(ask: Ask) -> str:
    """The filters as an ASCII header: parameter=value, values after one another."""
    told = [f"{name}={value}" for name, values in sorted(ask.values.items()) for value in values]
    told += [f"view={ask.view}"] if ask.view else []
    return "&".join(told).encode("ascii", "backslashreplace").decode()


def _record(request: ConsoleRequest, ask: Ask, *, rows: int, digest: str) -> None:
    who = request.who
    append(
        AuditEvent(
            org_id=request.scope.org_id,
            action="export.created",
            actor_user_id=who.user_id if who else None,
            actor_role=who.role if who else "",
            request_id=request.request_id,
            occurred_at=timezone.now(),
            entity_table="exports",
            object=f"{ask.page.name} CSV",
            after={"rows": rows, "sha256": digest, "filter": _filter_words(ask)},
            cross_org=request.scope.mode == "cross_read",
        )
    )
