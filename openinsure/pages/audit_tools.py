"""/audit/samples and /audit/evidence: forms that start jobs, and the viewer's own results."""

from __future__ import annotations

import re
import secrets
from datetime import date, timedelta
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openinsure.audit.anchors import chain_state
from openinsure.authz.decorators import allow
from openinsure.console import crossing, exports_csv, links, undo
from openinsure.console.exports_capture import Viewer, read_list
from openinsure.console.filters import read_day
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest, wants_json
from openinsure.pages import exports_jobs as jobs
from openinsure.pages.audit_tools_evidence import chain_broken
from openinsure.pages.audit_tools_sample import SIZE_MAX
from openinsure.pages.audit_tools_trace import trace
from openinsure.pages.exports import render_exports, start
from openinsure.pages.exports_jobs import Wish
from openinsure.problems import BadFilter, BadForm
from openinsure.tenancy.scope import CANONICAL_UUID, entered

SEED = re.compile(r"[A-Za-z0-9-]{1,64}")
SIZE = re.compile(r"[0-9]{1,4}")
DAYS_MAX = 366
SAMPLES_MAX = 20
# Lists that are sampled, where they are built and the viewer may see them.
SAMPLED = (
    ("policies.list", "Policies"),
    ("submissions.list", "Submissions"),
    ("claims.list", "Claims"),
    ("claims.disbursements", "Disbursements"),
    ("billing.invoices", "Invoices"),
    ("billing.payments", "Payments"),
    ("audit.list", "Audit log"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("audit.view")
def samples(bare: HttpRequest) -> HttpResponse:
    """A random sample of a list, drawn by a seed that is kept."""
    request = cast(ConsoleRequest, bare)
    if request.method != "POST":
        return _samples(request, {}, {"size": "25", "seed": secrets.token_hex(4)})
    try:
        return _started(request, _sample_wish(request), "audit.samples")
    except (BadForm, BadFilter) as refusal:
        if wants_json(request):
            raise
        errors = refusal.errors if isinstance(refusal, BadForm) else {"query": refusal.message}
        return _samples(request, errors, request.POST.dict())


@require_http_methods(["GET", "HEAD", "POST"])
@allow("audit.view")
def evidence(bare: HttpRequest) -> HttpResponse:
    """A bundle of audit rows, chain verification, reads and samples, with hashes."""
    request = cast(ConsoleRequest, bare)
    if request.method != "POST":
        today = timezone.now().date()
        month = {"from": (today - timedelta(days=30)).isoformat(), "to": today.isoformat()}
        return _evidence(request, {}, month)
    try:
        return _started(request, _evidence_wish(request), "audit.evidence")
    except BadForm as refusal:
        if wants_json(request):
            raise
        return _evidence(request, refusal.errors, request.POST.dict())


def _started(request: ConsoleRequest, wish: Wish, page: str) -> HttpResponse:
    line = start(request, wish)
    if wants_json(request):
        return render_page(request, "", data={"row": fields_json(line)}, status=202)
    return undo.back(request, links.url(page), "Queued; it is listed here.")


def _samples(request: ConsoleRequest, errors: dict[str, str], form: dict[str, Any]) -> HttpResponse:
    offered = [(name, label) for name, label in SAMPLED if links.resolves(name)]
    shown = {"list": "", "query": "", "size": "", "seed": ""} | form
    return _page(request, "samples", "sample", errors, shown, lists=offered, size_max=SIZE_MAX)


def _evidence(
    request: ConsoleRequest, errors: dict[str, str], form: dict[str, Any]
) -> HttpResponse:
    home = crossing.own_scope(request)
    with entered(home):
        drawn = jobs.newest_exports(home, home.subject, "sample")
    ready = [s for s in drawn if s.status == jobs.READY and s.data_org_id == request.scope.org_id]
    chain = chain_state(request.scope)
    shown = {"from": "", "to": ""} | form
    return _page(
        request, "evidence", "evidence", errors, shown, samples=ready[:SAMPLES_MAX], chain=chain
    )


def _page(
    request: ConsoleRequest,
    page: str,
    kind: str,
    errors: dict[str, str],
    form: dict[str, Any],
    **context: Any,
) -> HttpResponse:
    answer = render_exports(
        request,
        f"audit/{page}.html",
        "audit/_jobs.html",
        kind,
        errors=errors,
        form=form,
        may_export=exports_csv.PERMISSION in request.rights,
        **context,
    )
    if errors:
        answer.status_code = 422
    return answer


def _sample_wish(request: ConsoleRequest) -> Wish:
    form, errors = request.POST, {}
    size, seed = form.get("size", ""), form.get("seed", "")
    if not SIZE.fullmatch(size) or not 1 <= int(size) <= SIZE_MAX:
        errors["size"] = f"must be a whole number from 1 to {SIZE_MAX:,}"
    if not SEED.fullmatch(seed):
        errors["seed"] = "must be 1 to 64 letters, digits or dashes"
    name = form.get("list", "")
    if name not in dict(SAMPLED):
        errors["list"] = "must be one of the offered lists"
    if errors:
        raise BadForm(errors)
    assert request.who is not None
    viewer = Viewer(
        who=request.who, scope=request.scope, grant=request.grant, request_id=request.request_id
    )
    found = read_list(viewer, name, form.get("query", ""))
    return Wish(
        kind="sample",
        title=f"Sample of {int(size):,} {found.ask.page.nouns}",
        file_format="csv",
        list_name=name,
        query=found.query,
        asked={"seed": seed, "size": int(size)},
    )


def _evidence_wish(request: ConsoleRequest) -> Wish:
    state = chain_state(request.scope)
    if state.fault is not None:
        raise chain_broken(state.fault.seq, state.fault.kind)
    form, errors = request.POST, {}
    days: dict[str, date] = {}
    for name in ("from", "to"):
        try:
            days[name] = read_day(name, form.get(name, ""))
        except BadFilter as refusal:
            errors[name] = refusal.rule
    if not errors and not 0 <= (days["to"] - days["from"]).days <= DAYS_MAX:
        errors["to"] = f"must be at most {DAYS_MAX} days after the first day, and not before it"
    ids = form.getlist("sample")
    if len(ids) > SAMPLES_MAX or not all(CANONICAL_UUID.fullmatch(one) for one in ids):
        errors["sample"] = f"must be ids of samples, at most {SAMPLES_MAX}"
    if errors:
        raise BadForm(errors)
    return Wish(
        kind="evidence",
        title="Audit evidence",
        file_format="zip",
        query=f"from={days['from']}&to={days['to']}",
        asked={
            "from": days["from"].isoformat(),
            "to": days["to"].isoformat(),
            "reads": form.get("reads") == "on",
            "samples": ids,
        },
    )


urlpatterns = [
    path("audit/samples", samples, name="audit.samples"),
    path("audit/evidence", evidence, name="audit.evidence"),
    path("audit/trace", trace, name="audit.trace"),
]
