"""Every internal address. Under a cross-org grant each carries `orgId`, so no link can lose it.

The organisation comes from the scope entered, not from an argument that a template may forget.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import NoReverseMatch, get_resolver, reverse

from openinsure.tenancy.scope import GrantScope, active_scope

# A grant never follows a person to these: they belong to the viewer, not to the organisation.
WITHOUT_ORG = (
    "/login",
    "/logout",
    "/static/",
    "/settings",
    "/notifications",
    "/healthz",
    "/readyz",
    "/version",
)


def url(name: str, *args: object, **query: object) -> str:
    """Path of a URL name, query values None dropped. Raises NoReverseMatch for unknown names."""
    wanted = {key: value for key, value in query.items() if value is not None}
    return with_org(reverse(name, args=args), wanted)


def with_org(path: str, wanted: dict[str, object] | None = None) -> str:
    """The path with the query given and, under a grant, its orgId."""
    scope = active_scope()
    query = dict(wanted or {})
    if isinstance(scope, GrantScope) and not path.startswith(WITHOUT_ORG):
        query.setdefault("orgId", scope.org_id)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def query(request: HttpRequest, **changes: object) -> str:
    """This address with changes: None removes a parameter, a list repeats it."""
    params: QueryDict = request.GET.copy()
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        elif isinstance(value, (list, tuple)):
            params.setlist(key, [str(item) for item in value])
        else:
            params[key] = str(value)
    return f"{request.path}?{params.urlencode()}" if params else request.path


def url_or_blank(name: str, *args: object) -> str:
    """As url, "" if no such page is built."""
    try:
        return url(name, *args)
    except NoReverseMatch:
        return ""


def resolves(name: str) -> bool:
    """True if a page of this name is in the URLconf (menus offer only what is built)."""
    return _resolves(name, id(get_resolver()))


@lru_cache(maxsize=256)
def _resolves(name: str, urlconf: int) -> bool:
    try:
        reverse(name)
    except NoReverseMatch:
        return False
    return True


def is_local(path: str) -> bool:
    """True for an absolute path of this site: what `next` may hold."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return False
    parts = urlsplit(path)
    printable = all(" " < character != "\\" for character in path)
    return printable and not parts.scheme and not parts.netloc
