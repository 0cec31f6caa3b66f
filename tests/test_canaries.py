"""The sweep (security.md L7): each organisation's rows carry a word of their own, and that word is
found nowhere else: no rendering, file, cache, message, result or log line.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from openinsure.accounts import bearer, sessions
from openinsure.celery import app
from openinsure.console.logs import JsonFormatter
from openinsure.tenancy.jobs import HEADER, signed_header
from openinsure.tenancy.scope import SystemScope
from tests import people
from tests.pages import files
from tests.routes import ROUTES
from tests.test_routes import ALL, World, standing_world, world

__all__ = ["standing_world", "world"]
ROLES = ("org_admin", "finance_analyst", "support")
READS = [name for name, route in ROUTES.items() if route.verb == "get"]
FORMATS = ("", "?format=csv", "?format=xlsx")
pytestmark = pytest.mark.django_db(databases=ALL)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Every line that the program logs, as it is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def body(answer: Any) -> str:
    """The whole answer as text; the parts of a workbook one after another."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            raw = b"".join(book.read(part) for part in book.namelist())
    return str(raw.decode()) + str(dict(answer.headers))


def held_in_memory() -> str:
    """What the caches of this process hold."""
    return repr(sessions._cache) + repr(bearer._cache)


@pytest.mark.parametrize("name", READS)
def test_it_shows_no_foreign_word_in_any_rendering(
    world: World, name: str, logged: io.StringIO
) -> None:
    """HTML, JSON, CSV and XLSX of a page, as three roles, with our own numbers and with theirs."""
    org = world.acme.org_id
    for role in ROLES:
        clients: tuple[Client, ...] = (people.browser(org, role), people.bearer(org, role))
        for client in clients:
            for numbers in (world.acme_numbers, world.borealis_numbers):
                path = ROUTES[name].path.format_map(numbers)
                asked = set(numbers.values())
                for query in FORMATS:
                    shown = body(client.get(path + query))
                    told = [w for w in world.borealis_words if w not in asked and w in shown]
                    assert not told, (role, path, query)
    lines = logged.getvalue()
    assert "ZEPHYRONLY" not in lines
    assert "QUARTZONLY" not in lines
    assert "QUARTZONLY" not in held_in_memory()


def test_it_finds_our_own_word_where_it_belongs(world: World) -> None:
    """The sweep can see: the word of the own organisation is in each rendering."""
    finance = people.browser(world.acme.org_id, "finance_analyst")
    for query in FORMATS:
        assert "ZEPHYRONLY" in body(finance.get(f"/policies{query}"))
    script = people.bearer(world.acme.org_id, "finance_analyst")
    assert "ZEPHYRONLY" in body(script.get("/policies"))


def test_it_keeps_foreign_words_out_of_jobs(
    world: World, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO
) -> None:
    """The signed message, what the worker returns, the file and the notice of an export."""
    settings.FILES_DIR = str(tmp_path)
    sent: list[str] = []
    app.loader.import_default_modules()
    task: Any = app.tasks["exports.run"]
    monkeypatch.setattr(task, "enqueue", lambda scope, **kwargs: sent.append(repr(kwargs)))
    finance = people.browser(world.acme.org_id, "finance_analyst")
    row = files.ask(finance)
    signed = signed_header(
        SystemScope(world.acme.org_id, "service:test"), task.name, {"export_id": row["id"]}
    )
    result = task.apply(kwargs={"export_id": row["id"]}, headers={HEADER: signed}, throw=True)
    file = files.body(finance.get(f"/exports/{row['id']}/file")).decode()
    assert "ZEPHYRONLY" in file
    told = "".join((*sent, json.dumps(signed), repr(result.get()), logged.getvalue()))
    assert "ZEPHYRONLY" not in told  # a message and a result carry ids only
    notices = body(finance.get("/notifications"))
    for word in world.borealis_words:
        assert word not in file + told + notices
