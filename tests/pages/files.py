"""Export jobs in tests: asked for, run as the worker would, fetched."""

from __future__ import annotations

from typing import Any

from django.test import Client

from openinsure.celery import app
from openinsure.tenancy.jobs import HEADER, signed_header
from openinsure.tenancy.scope import SystemScope

JSON = {"accept": "application/json"}
ALIASES = ["default", "oi_global", "oi_policies", "oi_claims"]


def ask(client: Client, **form: Any) -> dict[str, Any]:
    """A job asked for; its row as the page tells it."""
    given = {"list": "policies.list", "format": "csv", "query": ""} | form
    response = client.post("/exports", given, headers=JSON)
    assert response.status_code == 202, response.content
    row: dict[str, Any] = response.json()["row"]
    return row


def work(org_id: str, export_id: str) -> str:
    """Run the job as a worker does, by its signed message; the status it ends in."""
    app.loader.import_default_modules()
    task = app.tasks["exports.run"]
    kwargs = {"export_id": export_id}
    scope = SystemScope(org_id, "service:test")
    signed = signed_header(scope, task.name, kwargs)
    return str(task.apply(kwargs=kwargs, headers={HEADER: signed}, throw=True).get())


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The viewer's jobs."""
    response = client.get(f"/exports{query}", headers=JSON)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["rows"]
    return rows


def body(response: Any) -> bytes:
    """A whole answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content
