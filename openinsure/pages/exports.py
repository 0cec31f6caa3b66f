"""/exports: files of lists, made at once or by a job, and the way to them for 24 hours."""

from __future__ import annotations

import hashlib
from typing import Any, cast

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openinsure.accounts import stepup
from openinsure.authz.decorators import allow_signed_in, forbid
from openinsure.console import crossing, exports_csv, links, undo
from openinsure.console.exports_capture import ListRead, Viewer, read_list
from openinsure.console.exports_files import FORMATS, TYPES, FileFormat
from openinsure.console.models import ExportRow
from openinsure.console.newest import SIZE, asked_after, cut
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.pages import exports_jobs as jobs
from openinsure.pages.exports_jobs import ExportLine, Owner, Wish
from openinsure.pages.exports_run import record
from openinsure.pages.exports_tasks import enqueue_export
from openinsure.problems import BadForm, Conflict, Forbidden, NotFound
from openinsure.tenancy.scope import CANONICAL_UUID, entered

IDS_MAX = 200  # a page's rows
POLL_S = 3
MACHINE = "A machine reads lists page by page; files are made for people."
BROWSER = "Exports of another organization start in a browser, under a grant."
# What a file of another kind than a list needs besides export.create.
NEEDS = {"sample": "audit.view", "evidence": "audit.view"}


@require_http_methods(["GET", "HEAD", "POST"])
@allow_signed_in
def exports(bare: HttpRequest) -> HttpResponse:
    """The viewer's own exports; posted to, a list as a file, at once or by a job."""
    request = cast(ConsoleRequest, bare)
    if request.method == "POST":
        return _export(request)
    return render_exports(request, "exports/exports.html", "exports/_exports.html")


def render_exports(
    request: ConsoleRequest, template: str, part: str, *kinds: str, **context: Any
) -> HttpResponse:
    """A page of the viewer's jobs; 204 to a poll that already shows what there is."""
    home, after = crossing.own_scope(request), asked_after(request)
    with entered(home):
        found = jobs.newest_exports(home, home.subject, *kinds, after=after, limit=SIZE + 1)
    page = cut(request, found, after)
    lines = page.rows
    told = "".join(f"{line.id}{line.status}{line.rows}" for line in lines)
    version = hashlib.sha256(told.encode()).hexdigest()[:16]
    if request.GET.get("version") == version:
        return HttpResponse(status=204)
    return render_page(
        request,
        template,
        part,
        data=lambda: {"rows": [fields_json(line) for line in lines], "next": page.next_href},
        exports=lines,
        pages=page,
        version=version,
        poll_s=POLL_S if any(line.under_way for line in lines) else 0,
        **context,
    )


@require_POST
@allow_signed_in
def restart(bare: HttpRequest, export_id: str) -> HttpResponse:
    """Go on with an export that waited for its owner to enter the organisation again."""
    request = cast(ConsoleRequest, bare)
    row = _own(request, export_id)
    _require(request, row)
    home = crossing.own_scope(request)
    with entered(home):
        jobs.restart_export(home, row, owner_of(request))
        enqueue_export(home, row.id)
    return undo.back(request, links.url("exports.list"), "Export goes on.")


@require_safe
@allow_signed_in
def file(bare: HttpRequest, export_id: str) -> HttpResponseBase:
    """The file of a job that is ready, to its owner, if they still may; audited."""
    return _fetch(cast(ConsoleRequest, bare), export_id, "")


@require_safe
@allow_signed_in
def manifest(bare: HttpRequest, export_id: str) -> HttpResponseBase:
    """What was exported, when, by which filter, and the hash of each file."""
    return _fetch(cast(ConsoleRequest, bare), export_id, "manifest.json")


def start(request: ConsoleRequest, wish: Wish) -> ExportLine:
    """Queue a job for the viewer and hand it to a worker. Raises Forbidden, TooMany, Unavailable.

    A job takes more out than a page shows, so it asks for a proof of ten minutes ago at most.
    With the broker away the job waits; the sweeper starts it within a minute of its return.
    """
    exports_csv.require(request)
    assert request.who is not None
    if request.who.is_service:
        raise Forbidden(MACHINE, code="people_only")
    if request.grant is not None and request.who.via != "session":
        raise Forbidden(BROWSER, code="browser_only")
    home, now = crossing.own_scope(request), timezone.now()
    stepup.require(request.who, now=now)
    told = {"filter": wish.query, "list": wish.list_name}
    with transaction.atomic():  # a job that was not recorded must not wait for the sweeper
        with entered(home):
            line = jobs.create_export(home, owner_of(request), wish, now=now)
            row = jobs.find_export(home, home.subject, line.id)
        record("export.requested", row, _viewer(request), told, now)
    with entered(home):
        enqueue_export(home, line.id)
    return line


def owner_of(request: ConsoleRequest) -> Owner:
    """The viewer as a job remembers them."""
    who, grant = request.who, request.grant
    assert who is not None
    return Owner(
        user_id=who.user_id,
        role=str(who.role),
        session_id=who.session_id,
        data_org_id=request.scope.org_id,
        data_org_name=grant.org_name if grant else who.org_name,
        grant_id=grant.id if grant else "",
        request_id=request.request_id,
    )


def _export(request: ConsoleRequest) -> HttpResponse:
    exports_csv.require(request)
    form = request.POST
    wanted = _format(form.get("format", ""))
    ids = form.getlist("id")
    if len(ids) > IDS_MAX or not all(CANONICAL_UUID.fullmatch(one) for one in ids):
        raise BadForm({"id": f"must be ids of rows, at most {IDS_MAX}"})
    name, query = form.get("list", ""), form.get("query", "")
    found = read_list(_viewer(request), name, query, keep_place=bool(ids))
    if ids:
        rows = exports_csv.picked(found.ask, found.source.read, set(ids))
        return exports_csv.answer(request, found.ask, rows, wanted, now=timezone.now())
    if not wants_json(request):
        try:
            rows = exports_csv.gather(found.ask, found.source.read)
        except Conflict:
            pass  # too many for one answer: a job
        else:
            return exports_csv.answer(request, found.ask, rows, wanted, now=timezone.now())
    line = start(request, _wish(found, wanted))
    if wants_json(request):
        return render_page(request, "", data={"row": fields_json(line)}, status=202)
    return undo.back(request, links.url("exports.list"), "Export queued; it is listed here.")


def _wish(found: ListRead, wanted: FileFormat) -> Wish:
    return Wish(
        kind="list",
        title=found.ask.page.title,
        file_format=wanted,
        list_name=found.name,
        query=found.query,
    )


def _format(text: str) -> FileFormat:
    for known in FORMATS:
        if text == known:
            return known
    raise BadForm({"format": "must be csv or xlsx"})


def _viewer(request: ConsoleRequest) -> Viewer:
    assert request.who is not None
    return Viewer(
        who=request.who, scope=request.scope, grant=request.grant, request_id=request.request_id
    )


def _own(request: ConsoleRequest, export_id: str) -> ExportRow:
    home = crossing.own_scope(request)
    with entered(home):
        return jobs.find_export(home, home.subject, export_id)


def _require(request: ConsoleRequest, row: ExportRow) -> None:
    """The organisation, `export.create` and what the rows themselves need, all as of now."""
    if row.data_org_id != request.scope.org_id:
        raise Forbidden(
            "This export was made in another organization. Enter it again to go on.",
            code="reason_required",
        )
    exports_csv.require(request)
    needed = NEEDS.get(row.kind)
    if needed and needed not in request.rights:
        raise forbid(request, needed)
    if row.list_name:
        # Running the list's view asks its own permission; nothing is read of it.
        read_list(_viewer(request), row.list_name, row.query)


def _fetch(request: ConsoleRequest, export_id: str, part: str) -> HttpResponseBase:
    row, now = _own(request, export_id), timezone.now()
    _require(request, row)
    if row.status == jobs.READY and row.expires_at is not None and now < row.expires_at:
        target = jobs.folder_of(row) / (part or row.file_name)
        if not target.is_file():
            raise NotFound("file of this export")
        told = {"rows": row.rows, "sha256": row.sha256, "filter": row.told.get("filter", "")}
        record("export.fetched", row, _viewer(request), told | {"file": target.name}, now)
        request.rows_returned = 0 if part else row.rows
        kind = "application/json" if part else TYPES[row.file_format]
        name = f"{row.file_name}.manifest.json" if part else row.file_name
        response = FileResponse(
            target.open("rb"), as_attachment=True, filename=name, content_type=kind
        )
        response["X-Export-Rows"] = str(row.rows)
        response["X-Export-SHA256"] = row.sha256
        return response
    if row.status in (jobs.READY, jobs.EXPIRED):
        raise Conflict("This file was kept for 24 hours. Export again.", code="export_expired")
    raise Conflict(
        "This export is not ready. Its progress is at /exports.", code="export_not_ready"
    )


urlpatterns = [
    path("exports", exports, name="exports.list"),
    path("exports/<str:export_id>/file", file, name="exports.file"),
    path("exports/<str:export_id>/manifest", manifest, name="exports.manifest"),
    path("exports/<str:export_id>/restarts", restart, name="exports.restart"),
]
