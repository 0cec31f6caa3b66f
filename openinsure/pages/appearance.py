"""POST /settings/appearance: theme, density, time zone and single keys, signed in or not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST

from openinsure.authz.decorators import allow_anyone
from openinsure.console import links
from openinsure.console.preferences import FIELDS, remember
from openinsure.console.request import wants_fragment
from openinsure.problems import BadForm


@require_POST
@allow_anyone
def appearance(request: HttpRequest) -> HttpResponse:
    """POST /settings/appearance: any of theme, density, zone, keys; 303 to `next`, 204 to htmx."""
    wanted = {field: request.POST[field] for field in FIELDS if field in request.POST}
    if not wanted:
        raise BadForm({"theme": "or density, zone, keys must be given"})
    back = request.POST.get("next", "/")
    response = (
        HttpResponse(status=204)
        if wants_fragment(request)
        else HttpResponseRedirect(back if links.is_local(back) else "/", status=303)
    )
    for field, value in wanted.items():
        remember(response, field, value)
    return response


urlpatterns = [path("settings/appearance", appearance, name="settings.appearance")]
