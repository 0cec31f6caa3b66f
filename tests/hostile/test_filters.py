"""Every page's address against hostile input: refused by field and rule, or harmless."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from openinsure.tenancy.scope import Scope
from tests import people
from tests.hostile.inputs import some
from tests.hostile.places import ROLES
from tests.hostile.test_forms import ALL, found, quiet, read, standing_acme
from tests.routes import ROUTES

__all__ = ["found", "quiet", "standing_acme"]
NAMES = [name for name, route in ROUTES.items() if route.verb == "get"]
COMMON = ("sort", "after", "before", "size", "columns", "view", "q", "peek", "tab", "as_of", "id")
TRIES = 36


@pytest.mark.django_db(databases=ALL)
@pytest.mark.parametrize("name", NAMES)
def test_it_answers_hostile_addresses(name: str, found: tuple[Scope, dict[str, str]]) -> None:
    acme, numbers = found
    path = ROUTES[name].path.format_map(numbers)
    role = ROLES.get(name, "org_admin")
    browser, script = people.browser(acme.org_id, role), people.bearer(acme.org_id, role)
    first: Any = browser.get(path)
    shown = first.status_code == 200 and "html" in first.headers["content-type"]
    own = [f for form in read(first).forms if form.method == "get" for f in form.values]
    fields = list(dict.fromkeys([*(own if shown else []), *COMMON]))
    for number, value in enumerate(some(NAMES.index(name), TRIES)):
        field = fields[number % len(fields)]
        client = script if number % 2 else browser
        answer: Any = client.get(f"{path}?{urlencode({field: value})}")
        assert answer.status_code < 500, (field, value)
        if "json" in answer.headers.get("content-type", "") and answer.status_code == 400:
            told = answer.json()
            assert told["field"], (field, value)
            assert told["rule"], (field, value)
        elif "html" in answer.headers.get("content-type", ""):
            read(answer)
