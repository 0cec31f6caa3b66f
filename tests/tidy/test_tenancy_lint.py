"""The project holds no way round the two locks but the listed ones; the lint sees each kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps

from openinsure.tenancy.models import ScopedModel
from tests.tidy import tenancy_lint as lint

ROOT = Path(__file__).resolve().parents[2]
LISTED = ROOT / "tests" / "raw_sql_allowed.txt"


def test_it_finds_no_unlisted_way_round() -> None:
    models = {model.__name__ for model in apps.get_models() if issubclass(model, ScopedModel)}
    assert len(models) > 150
    found: set[lint.Finding] = set()
    for top in ("openinsure", "dbops"):
        for file in (ROOT / top).rglob("*.py"):
            path = str(file.relative_to(ROOT))
            found |= lint.findings(path, file.read_text(), models)
    wrong = lint.verdict(found, lint.allowed(LISTED))
    assert not wrong, "\n".join(wrong)


BAD = {
    "raw()": "def f(m):\n    return m.raw('SELECT 1')",
    "extra()": "def f(m):\n    return m.extra(where=[])",
    "using()": "def f(m):\n    return m.using('default')",
    "cursor()": "def f(c):\n    return c.cursor()",
    "callproc()": "def f(c):\n    c.callproc('x')",
    "_raw_delete()": "def f(m):\n    m._raw_delete('x')",
    "RawSQL": "def f():\n    return RawSQL('1', [])",
    "_base_manager": "def f(m):\n    return m._base_manager",
    "execute_wrappers": "def f(c):\n    c.execute_wrappers.clear()",
    "schema_changes": "def f():\n    guard.schema_changes()",
    "connection.connection": "def f(c):\n    return c.connection.connection",
    "connections[]": "def f():\n    return connections['default']",
    "update_conflicts": "def f(m):\n    m.bulk_create([], update_conflicts=True)",
    "objects without within()": "def f():\n    return Policy.objects.all()",
    "module queryset": "class Form:\n    rows = Anything.objects.all()",
}


@pytest.mark.parametrize("construct", BAD)
def test_it_sees_it(construct: str) -> None:
    found = lint.findings("openinsure/x.py", BAD[construct], ["Policy"])
    assert construct in {one.construct for one in found}


GOOD = (
    "def f(scope, page):\n"
    "    page.cursor('next')\n"
    "    Policy.objects.create(id='x')\n"
    "    return Policy.objects.within(scope).filter(id='x')\n"
)


def test_it_leaves_the_scoped_road_alone() -> None:
    assert lint.findings("openinsure/x.py", GOOD, ["Policy"]) == set()


def test_it_reports_unused_and_too_many_entries() -> None:
    assert lint.verdict([], {"a.py": frozenset({"raw()"})}) == ["a.py: no raw() any more"]
    many = {f"{k}.py": frozenset[str]() for k in range(lint.ALLOWED_FILES_MAX + 1)}
    assert lint.verdict([], many) == ["16 exceptions, at most 15"]
