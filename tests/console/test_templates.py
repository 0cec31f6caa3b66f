"""The environment is strict, the macros say what they must, no template evades the policy."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.template import engines
from django.test import RequestFactory
from jinja2 import UndefinedError

from openinsure.tenancy.scope import GrantScope, OrgScope, entered
from tests.console.test_styles import STATIC

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ORG = "0190a000-0000-7000-8000-00000000000b"
SUMMARIES = re.compile(r"error_summary\([^{}]*({[^}]*})")
LABELLED = re.compile(r'\b(?:input|select|textarea|checkbox)\("(\w+)", "([^"]+)"')
AT = datetime(2026, 11, 18, 14, 2, 11, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    """Render a source with the project's environment."""
    return engines["jinja2"].from_string(source).render(context)


def cell(call: str, **context: object) -> str:
    """One macro of ui/cells.html."""
    name = call.partition("(")[0]
    return render(f'{{% from "ui/cells.html" import {name} %}}{{{{ {call} }}}}', **context)


def test_it_raises_for_names_that_were_not_passed() -> None:
    with pytest.raises(UndefinedError):
        render("{{ forgotten }}")


def test_it_escapes() -> None:
    assert render("{{ name }}", name="<script>") == "&lt;script&gt;"


def test_it_writes_money() -> None:
    assert cell("money(-123456)") == '<data class="money" value="-123456">-$1,234.56</data>'


def test_it_never_shows_unknown_money_as_zero() -> None:
    html = cell("money(none)")
    assert "not available" in html
    assert "0.00" not in html


def test_it_writes_badges_with_a_dot_and_a_word() -> None:
    expected = '<span class="badge" data-tone="ok"><i aria-hidden="true"></i>Active</span>'
    assert cell("badge('active')") == expected


def test_it_marks_the_unknown_status() -> None:
    assert "data-unknown" in cell("badge('unknown')")


def test_it_writes_instants_with_the_exact_time() -> None:
    html = cell("time(at, both=true)", at=AT)
    assert 'datetime="2026-11-18T14:02:11Z"' in html
    assert 'title="18 Nov 2026, 14:02:11 UTC"' in html
    assert "18 Nov 2026, 14:02 UTC</time>" in html


@pytest.mark.parametrize("state", ["ok", "empty", "unavailable", "stale", "loading"])
def test_it_marks_the_state_of_a_panel(state: str) -> None:
    html = render(
        '{% from "ui/panels.html" import panel %}'
        '{% call panel("claims", "Claims", state, note="Away.") %}rows{% endcall %}',
        state=state,
    )
    assert f'data-panel="claims" data-panel-state="{state}"' in html
    assert ("rows" in html) == (state in ("ok", "empty", "stale"))
    assert ('aria-busy="true"' in html) == (state == "loading")


def test_it_ties_a_field_to_its_error() -> None:
    html = render(
        '{% from "ui/forms.html" import input %}{{ input("reason", "Reason", errors=errors) }}',
        errors={"reason": "needs at least 10 characters"},
    )
    assert 'aria-invalid="true" aria-describedby="reason-error"' in html
    assert 'id="reason-error"' in html


def test_it_carries_the_organization_on_every_link_of_a_visit() -> None:
    with entered(GrantScope(org_id=ORG, subject="auditor")):
        assert render("{{ url('health.version') }}") == "/version"
        assert render("{{ url('settings.appearance') }}") == "/settings/appearance"
        assert f"orgId={ORG}" in render("{{ url('home') }}")
    with entered(OrgScope(org_id=ORG, subject="support")):
        assert "orgId" not in render("{{ url('home') }}")


def test_it_changes_one_parameter_of_an_address() -> None:
    request = RequestFactory().get("/policies?status=active&status=bound&after=x")
    assert render("{{ query(request, after=none, sort='-number') }}", request=request) == (
        "/policies?status=active&amp;status=bound&amp;sort=-number"
    )


def sources() -> list[Path]:
    """Every template."""
    return sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_it_has_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\son\w+=|\sstyle=|\|\s*safe\b|autoescape|hx-on|<style", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_it_draws_only_icons_of_the_sprite(path: Path) -> None:
    symbols = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons/sprite.svg").read_text()))
    assert set(re.findall(r'icon\("([\w-]+)"', path.read_text())) <= symbols


def test_it_compiles_every_template() -> None:
    environment = engines["jinja2"].env
    for path in sources():
        environment.get_template(str(path.relative_to(TEMPLATES)))


def test_the_summary_of_errors_calls_a_field_as_its_label_does() -> None:
    source = """{% from "ui/forms.html" import error_summary %}
    {{ error_summary({"day": "must be a date", "size": "x"}, {"size": "Rows"}, inputs) }}"""
    html = render(source, inputs=[SimpleNamespace(name="day", label="Due on")])
    assert re.findall(r'<a href="#(\w+)">([^<]+)</a>', html) == [
        ("day", "Due on"),
        ("size", "Rows"),
    ]


@pytest.mark.parametrize(
    "path",
    [one for one in sorted(TEMPLATES.rglob("*.html")) if "error_summary(" in one.read_text()],
    ids=lambda path: str(path.relative_to(TEMPLATES)),
)
def test_it_names_each_field_in_the_summary_as_on_the_page(path: Path) -> None:
    text = path.read_text()
    told = dict(re.findall(r'"(\w+)": "([^"]+)"', " ".join(SUMMARIES.findall(text))))
    for name, label in LABELLED.findall(text):
        spoken = told.get(name, name.replace("_", " ").capitalize())
        assert spoken == label, f"the summary says {spoken!r} of the field {label!r}"
