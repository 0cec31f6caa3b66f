"""Every form of the console against hostile input: refused by name, nothing lost, nothing run."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve

from openinsure.keyspaces.inventory import KEYSPACES
from openinsure.tenancy.scope import Scope
from tests import people
from tests.conftest import fresh_scope
from tests.hostile.inputs import HOSTILE, some
from tests.hostile.markup import Form, Page
from tests.hostile.places import BLIND, PAGES, ROLES
from tests.route_numbers import numbers_of
from tests.routes import ROUTES
from tests.standing import Standing

ALL = ["default", *KEYSPACES]
TRIES = 40
TOKEN = "csrfmiddlewaretoken"
NAMES = list(ROUTES)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals need no log line each."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def standing_acme(standing: Standing) -> tuple[Scope, dict[str, str]]:
    """An organisation with one object of each noun and their numbers; made once a module."""
    acme = fresh_scope()
    with standing():
        return acme, numbers_of(acme, "ZEPHYRONLY")[0]


@pytest.fixture
def found(
    standing_acme: tuple[Scope, dict[str, str]], db: None, nothing_kept: None
) -> tuple[Scope, dict[str, str]]:
    """It, as it was made."""
    return standing_acme


def test_it_tries_two_hundred_different_inputs() -> None:
    assert len(set(HOSTILE)) >= 200
    tried = {value for place in range(len(NAMES)) for value in some(place, TRIES)}
    assert tried == set(HOSTILE)


def opened(browser: Client, name: str, path: str, numbers: dict[str, str]) -> Form | None:
    """The form of a route as its page shows it now; None when the page shows none."""
    answer: Any = browser.get(PAGES.get(name, path).format_map(numbers))
    if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
        return None
    for form in read(answer).forms:
        if form.method == "post" and (urlsplit(form.action).path or path) == path:
            return form
    return None


def read(answer: Any) -> Page:
    """The page of an answer, without anything that could run."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    page = Page(body.decode())
    assert page.dangers == []
    return page


def plain(text: str) -> str:
    """As a browser sends it back: line ends alike, no NUL, and edges do not count."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


def judge(answer: Any, path: str, field: str, value: str, form: Form) -> None:
    """No fault of ours, no script, and a refused form still holds what was typed."""
    assert answer.status_code < 500, (field, value)
    if "html" not in answer.headers.get("content-type", ""):
        return
    page = read(answer)
    if answer.status_code != 422 or field not in form.typed:
        return
    again = [f for f in page.forms if (urlsplit(f.action).path or path) == path]
    assert plain(value) in [plain(f.values.get(field, "")) for f in again], (field, value[:80])


def posted(browser: Client, path: str, data: dict[str, str]) -> Any:
    """The answer to one submit."""
    return browser.post(path, {k: v for k, v in data.items() if k != TOKEN})


@pytest.mark.django_db(databases=ALL)
@pytest.mark.parametrize("name", NAMES)
def test_it_refuses_hostile_input_and_keeps_it(
    name: str, found: tuple[Scope, dict[str, str]]
) -> None:
    acme, numbers = found
    path = ROUTES[name].path.format_map(numbers)
    browser = people.browser(acme.org_id, ROLES.get(name, "org_admin"))
    form = opened(browser, name, path, numbers)
    if form is None:
        assert ROUTES[name].verb == "get" or name in BLIND, "no page shows this form"
        form = Form(path, "post", dict.fromkeys(BLIND.get(name, ("id",)), ""))
    fields = [field for field in form.values if field != TOKEN] or ["id"]
    for number, value in enumerate(some(NAMES.index(name), TRIES)):
        field = fields[number % len(fields)]
        answer = posted(browser, path, form.values | {field: value})
        judge(answer, path, field, value, form)
        if answer.status_code in (302, 303):  # taken: the page has another form now, or none
            again = opened(browser, name, path, numbers)
            if again is None:
                break
            form = again


def test_it_resolves_every_form_to_a_route() -> None:
    for name, route in ROUTES.items():
        if "{" not in route.path:
            assert resolve(route.path).url_name == name
