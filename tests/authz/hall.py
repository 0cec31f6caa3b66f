"""The people of one organisation on either backend: what separation of duties is tested with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from openinsure.authz.client import Client
from openinsure.authz.permissions import Role
from openinsure.authz.relationships import touch, write
from openinsure.jobs import relations
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests.authz.conftest import enrol, on_spicedb, organization, spice
from tests.claims.desk import Desk, signed_in

__all__ = ["on_spicedb", "spice"]


class Hall:
    """The people of one organisation, on one backend."""

    def __init__(self, scope: Scope, client: Client | None) -> None:
        self.scope, self.client = scope, client
        if client is not None:
            write(client, touch(*organization(scope.org_id)))

    def person(self, role: str) -> tuple[Browser, str]:
        """A new person of the role, known to the backend."""
        script, user_id = signed_in(self.scope, role)
        if self.client is not None:
            enrol(self.client, Role(role), user_id, self.scope.org_id)
        return script, user_id

    def desk(self, **given: Any) -> Desk:
        """An adjuster with a claim."""
        desk = Desk(self.scope, **given)
        if self.client is not None:
            enrol(self.client, Role.ADJUSTER, desk.user_id, self.scope.org_id)
            with entered(SystemScope(self.scope.org_id, "service:authz")) as scope:
                missing = relations.difference(self.client, scope, now=timezone.now()).missing
                write(self.client, touch(*missing))
        return desk

    def differs(self) -> list[str]:
        """What SpiceDB holds of claims and money otherwise than the tables; [] without it."""
        if self.client is None:
            return []
        with entered(SystemScope(self.scope.org_id, "service:authz")) as scope:
            found = relations.difference(self.client, scope, now=timezone.now())
        told = [str(one) for one in (*found.missing, *found.surplus)]
        return [one for one in told if not one.startswith("organization:")]


@pytest.fixture(params=["roles", "spicedb"])
def hall(request: pytest.FixtureRequest, acme: Scope) -> Hall:
    """The same tests on both backends."""
    wanted = request.param == "spicedb"
    return Hall(acme, request.getfixturevalue("on_spicedb") if wanted else None)


def act(client: Browser, path: str, **fields: str) -> Any:
    """Open a form and send it; the form's own refusal where there is none."""
    form = client.get(path)
    if form.status_code != 200:
        sent = client.post(path, fields)
        assert sent.status_code == form.status_code, "no way round the form"
        return sent
    row = form.json()["row"]
    lock = {} if row.get("lock") is None else {"lock": str(row["lock"])}
    return client.post(path, {"form_id": row["form_id"], **lock, **fields})
