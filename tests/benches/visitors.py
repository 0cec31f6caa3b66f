"""Who walks the pages: every sign-in of the demo at home, and the platform's people as visitors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from openinsure.accounts.models import Account
from openinsure.authz.decorators import ANYONE, SIGNED_IN
from openinsure.authz.permissions import CROSS_ORG_ROLES, Cell, Permission, Role, cell
from openinsure.console.crossing import ENTRANCES, TENANT_PAGES
from openinsure.demo.organisations import PLATFORM_SIGN_INS, SIGN_INS
from openinsure.demo.orgs_data import TENANTS, OrgSpec
from tests import people
from tests.benches.objects import numbers_of
from tests.test_routes import allowed, asked_of

REASON = "Walking every page with the benchmark"
PERSONAL = {"exports.file", "exports.manifest"}  # of what somebody did before, perhaps elsewhere
PEOPLES = {"settings"}  # of a person; a service has none
OK, GONE, FORBIDDEN = frozenset({200}), frozenset({302, 303}), frozenset({403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One person at home or visiting. query: what each address carries; deep: walks everything."""

    who: str
    role: str
    org: str
    client: Client
    numbers: Mapping[str, str]
    query: dict[str, str] = field(default_factory=dict)
    visiting: bool = False
    deep: bool = False
    scripted: bool = False

    def expected(self, name: str, form: str) -> frozenset[int]:
        """The statuses that the matrix foresees for a page."""
        asked = asked_of(name)
        if name in PERSONAL:  # made in a grant: entered again first
            return OK | (FORBIDDEN if form == "json" else GONE)
        if asked in (ANYONE, SIGNED_IN):
            return FORBIDDEN if self.scripted and name in PEOPLES else OK | GONE
        if form == "file":
            return self._of_file(asked)
        if self._on_the_object(asked):  # recusal and separation of duties decide
            return OK | FORBIDDEN
        if self._must_choose(asked):
            return FORBIDDEN if form == "json" else GONE | FORBIDDEN
        if self._may(name, asked):
            return OK | GONE if name in ENTRANCES else OK
        return FORBIDDEN

    def _may(self, name: str, asked: str) -> bool:
        if not self.visiting:
            return allowed(self.role, name)
        return cell(Role(self.role), Permission(asked)) in (Cell.GRANT, Cell.PLATFORM)

    def _on_the_object(self, asked: str) -> bool:
        return not self.visiting and cell(Role(self.role), Permission(asked)) is Cell.RELATION

    def _of_file(self, asked: str) -> frozenset[int]:
        """A long file is refused with 409: it becomes a job."""
        given = cell(Role(self.role), Permission.EXPORT_CREATE)
        return OK | {409} if given in (Cell.OWN, Cell.GRANT) else FORBIDDEN

    def _must_choose(self, asked: str) -> bool:
        return not self.visiting and self.role in CROSS_ORG_ROLES and asked in TENANT_PAGES


def visitors(slugs: list[str]) -> Iterator[Visitor]:
    """The people of these organisations (all without one), then the platform's."""
    chosen = [spec for spec in TENANTS if not slugs or spec.slug in slugs]
    held = {spec.slug: numbers_of(spec.id) for spec in chosen}
    for spec in chosen:
        for local, role in SIGN_INS:
            yield Visitor(
                who=f"{local}@{spec.slug}.test",
                role=role,
                org=spec.slug,
                client=_browser(f"{local}@{spec.slug}.test"),
                numbers=held[spec.slug],
                deep=local == "admin" and spec is chosen[0],
            )
    for local, role in PLATFORM_SIGN_INS:
        email = f"{local}@openinsure.test"
        client = _browser(email)
        yield Visitor(who=email, role=role, org="platform", client=client, numbers={}, deep=True)
        if Role(role) in CROSS_ORG_ROLES:
            yield from (_guest(email, role, spec, held[spec.slug]) for spec in chosen)
    for spec in chosen:
        token = people.bearer(spec.id, Role.SYSTEM)
        yield Visitor(
            who="system",
            role=Role.SYSTEM,
            org=spec.slug,
            client=token,
            numbers=held[spec.slug],
            query={"orgId": spec.id},
            visiting=True,
            scripted=True,
        )


def _guest(email: str, role: str, spec: OrgSpec, numbers: Mapping[str, str]) -> Visitor:
    """The same person in a grant that they asked for with a reason."""
    client = _browser(email)
    path = f"/orgs/enter?orgId={spec.id}"
    answer: Any = client.post(path, {"reason": REASON})
    assert answer.status_code == 303, (email, spec.slug, answer.status_code)
    query = {"orgId": spec.id}
    return Visitor(
        who=f"{email} in a grant",
        role=role,
        org=spec.slug,
        client=client,
        numbers=numbers,
        query=query,
        visiting=True,
    )


def _browser(email: str) -> Client:
    return people.browser_of(Account.objects.get(email=email))
