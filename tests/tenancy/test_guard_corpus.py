"""The corpus: what passes answers on MariaDB as if the other organisation did not exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from openinsure.tenancy import scope as scopes
from openinsure.tenancy.scope import NoTenantContext, Scope, TenantLeak
from tests.tenancy.corpus import Case, cases
from tests.tenancy.world import OURS, World, judged, made_world

CASES = list(cases())
SCOPES: dict[str, type[Scope]] = {
    "own": scopes.OrgScope,
    "cross_read": scopes.GrantScope,
    "system": scopes.SystemScope,
    "directory": scopes.DirectoryScope,
    "administer": scopes.AdministerScope,
    "audit_append": scopes.AuditAppendScope,
}
TRIED = (
    "SELECT id",
    "SELECT *",
    "SELECT p",
    "SELECT e",
    "UPDATE",
    "DELETE",
    "INSERT",
    "REPLACE",
    "WITH",
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with made_world("guard_corpus") as made:
        yield made


def accepted(case: Case) -> bool:
    """Whether the guard lets it through in its mode."""
    scope = SCOPES[case.mode](OURS, "service:corpus") if case.mode != "none" else None
    try:
        judged(scope, case.alias, case.sql, case.params)
    except (TenantLeak, NoTenantContext):
        return False
    return True


def _named(verdict: str) -> list[object]:
    return [pytest.param(case, id=case.place) for case in CASES if case.verdict == verdict]


@pytest.mark.parametrize("case", _named("+"))
def test_it_passes_and_answers_as_if_alone(case: Case, world: World) -> None:
    assert accepted(case), f"refused: {case.sql}"
    answer = world.ask(world.both, case.sql, case.params)
    assert answer.error == 0 or "SAVEPOINT" in case.sql, answer
    assert not answer.leaks, answer
    if "LIMIT" not in case.sql:
        alone = world.ask(world.alone, case.sql, case.params)
        assert Counter(answer.rows) == Counter(alone.rows)


@pytest.mark.parametrize("case", _named("-"))
def test_it_refuses(case: Case) -> None:
    assert not accepted(case), f"accepted: {case.sql}"


@pytest.mark.parametrize("case", _named("~"))
def test_it_refuses_these_safe_forms_too(case: Case) -> None:
    """Known price, none made by the ORM. A form that starts to pass moves to `+`."""
    assert not accepted(case)


def test_it_has_a_corpus_that_bites(world: World) -> None:
    """At least 300 statements, and without the guard dozens of the refused ones leak."""
    assert len(CASES) >= 300
    refused = [case for case in CASES if case.verdict == "-" and case.alias == "oi_policies"]
    tried = [case for case in refused if case.sql.startswith(TRIED) and "INTO" not in case.sql[:12]]
    leaking = [case for case in tried if world.ask(world.both, case.sql, case.params).leaks]
    print(f"\ncorpus: {len(CASES)} statements, {len(leaking)} of the refused leak unguarded")
    assert len(leaking) >= 60
