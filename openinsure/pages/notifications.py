"""/notifications: what the console has to tell one person, and the bell that counts it."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast

from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from dbops import notices as databases
from openinsure.authz.decorators import allow_signed_in, ensure_rights
from openinsure.console import crossing, undo
from openinsure.console.lists import refuse_unknown
from openinsure.console.newest import AFTER, SIZE, asked_after, cut
from openinsure.console.panels import fields_json
from openinsure.console.rendering import render_page
from openinsure.console.request import ConsoleRequest
from openinsure.orgs import notices
from openinsure.orgs.operations.notices import read_notices
from openinsure.tenancy.scope import entered

OPS = "ops.view"  # who may look at databases hears of their state


@require_http_methods(["GET", "HEAD", "POST"])
@allow_signed_in
def notifications(bare: HttpRequest) -> HttpResponse:
    """The newest fifty, older ones by page; posted to, all of them count as read."""
    request = cast(ConsoleRequest, bare)
    home, now = crossing.own_scope(request), timezone.now()
    watches = OPS in ensure_rights(request)
    with entered(home):
        if request.method == "POST":
            read_notices(home, user_id=home.subject, now=now)
            if watches:
                databases.read(home.subject, now=now)
            return undo.back(request, reverse("notifications"), "All of them count as read.")
        refuse_unknown(request.GET, {AFTER: False, "orgId": False}, "notifications")
        after = asked_after(request)
        read = notices.newest_notices(home, user_id=home.subject, after=after, limit=SIZE + 1)
    page = cut(request, read, after)
    alerts = databases.newest(home.subject, now=now) if watches and not after else []
    return render_page(
        request,
        "exports/notifications.html",
        data=lambda: {
            "rows": [fields_json(row) for row in page.rows],
            "databases": [asdict(alert) for alert in alerts],
            "next": page.next_href,
        },
        notices=page.rows,
        pages=page,
        alerts=alerts,
        unread=any(row.read_at is None for row in page.rows) or any(not a.read_at for a in alerts),
    )


@require_safe
@allow_signed_in
def bell(bare: HttpRequest) -> HttpResponse:
    """The bell with its count; without one while oi_global is away."""
    request = cast(ConsoleRequest, bare)
    home, unread, alerts = crossing.own_scope(request), 0, 0
    if OPS in ensure_rights(request):
        alerts = databases.count_unread(home.subject, now=timezone.now())
    try:
        with entered(home):
            unread = notices.count_unread(home, user_id=home.subject)
    except (OperationalError, InterfaceError):
        unread = 0
    return render_page(
        request,
        "exports/_bell.html",
        data={"unread": unread + alerts},
        unread=unread + alerts,
        most=notices.COUNTED_MAX,
    )


urlpatterns = [
    path("notifications", notifications, name="notifications"),
    path("notifications/bell", bell, name="notifications.bell"),
]
