"""The house rules that a machine can hold: sizes, names, types, banned words (style.md 1, 6)."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("openinsure", "dbops", "engines")
FILE_LINES, FUNCTION_LINES, LINE_CHARS, TEMPLATE_LINES = 300, 50, 100, 120
TYPE_IGNORES = 5
BANNED_FILES = {"utils.py", "misc.py", "common.py", "helpers.py"}

# Word -> what to use instead. Exceptions with owner and reason: tests/raw_sql_allowed.txt holds
# those of the tenancy lint, BANNED_ALLOWED the rest.
BANNED = {
    r"datetime\.now\(": "django.utils.timezone.now() at the edge, a parameter below it",
    r"\bdate\.today\(": "timezone.now() at the edge, a parameter below it",
    r"from \S+ import \*": "name what you import",
    r"\bmark_safe\b|\bMarkup\(": "a template",
    r"\bprint\((?!.*file=sys)": "logging; only commands print",
    r"\bTODO\b|\bFIXME\b|\bXXX\b|NotImplementedError": "finish it",
}
BANNED_ALLOWED = {
    r"from \S+ import \*": ("openinsure/settings/",),
    r"datetime\.now\(": ("dbops/cli/", "dbops/estate/", "engines/"),
    r"\bprint\((?!.*file=sys)": ("cli", "engines/", "dbops/estate/local.py", "manage.py"),
}
TEMPLATE_BANNED = {
    r"\|\s*safe\b": "autoescape",
    r"\sstyle=": "a class",
    r"\son[a-z]+=": "a data- hook and a module",
    r"hx-on|hx-vals=.js:": "a data- hook: both need eval",
    r"autoescape false": "autoescape",
}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file())


def python_files(*tops: str) -> list[Path]:
    """Python files under the named folders."""
    return [p for p in tracked() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in tops]


def templates() -> list[Path]:
    """Every Jinja2 template."""
    return [p for p in tracked() if p.suffix == ".html" and "templates" in p.parts]


def name(path: Path) -> str:
    """The path as the reader knows it."""
    return str(path.relative_to(ROOT))


def offenders(pattern: str, paths: list[Path], allowed: tuple[str, ...] = ()) -> list[str]:
    """`file:line` of every match outside the allowed places; comments do not count."""
    found = []
    for path in paths:
        if any(part in name(path) for part in allowed):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(pattern, line.split("  # ")[0]) and not line.lstrip().startswith("#"):
                found.append(f"{name(path)}:{number}")
    return found


def test_it_keeps_files_and_lines_short() -> None:
    long = []
    for path in python_files(*SOURCES, "tests"):
        lines = path.read_text().splitlines()
        if len(lines) > FILE_LINES:
            long.append(f"{name(path)} has {len(lines)} lines, at most {FILE_LINES}")
        if "migrations" not in path.parts:  # written by makemigrations
            long += [
                f"{name(path)}:{n}" for n, line in enumerate(lines, 1) if len(line) > LINE_CHARS
            ]
    assert not long, "\n".join(long)


def test_it_keeps_functions_short() -> None:
    long = []
    for path in python_files(*SOURCES, "tests"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{name(path)}:{node.lineno} {node.name} has {lines} lines")
    assert not long, "\n".join(long)


def test_it_keeps_templates_short() -> None:
    long = [name(p) for p in templates() if len(p.read_text().splitlines()) > TEMPLATE_LINES]
    assert not long, long


def test_it_opens_every_module_with_its_job() -> None:
    silent = [
        name(path)
        for path in python_files(*SOURCES, "tests")
        if path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
        and "/migrations/" not in str(path)
        and path.name != "__init__.py"
    ]
    assert not silent, silent


def test_it_documents_every_public_function() -> None:
    silent = []
    for path in python_files(*SOURCES):
        for node in ast.parse(path.read_text()).body:
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
                and "/migrations/" not in str(path)
            ):
                silent.append(f"{name(path)}:{node.lineno} {node.name}")
    assert not silent, "\n".join(silent)


def test_it_has_no_drawer_for_leftovers() -> None:
    assert not [name(p) for p in tracked() if p.name in BANNED_FILES]


@pytest.mark.parametrize("pattern", BANNED)
def test_it_uses_no_banned_word(pattern: str) -> None:
    found = offenders(pattern, python_files(*SOURCES), BANNED_ALLOWED.get(pattern, ()))
    assert not found, f"use {BANNED[pattern]}: {found}"


@pytest.mark.parametrize("pattern", TEMPLATE_BANNED)
def test_it_uses_no_banned_markup(pattern: str) -> None:
    found = offenders(pattern, templates())
    assert not found, f"use {TEMPLATE_BANNED[pattern]}: {found}"


def test_it_ignores_few_types() -> None:
    found = [
        f"{name(path)}:{number}"
        for path in python_files(*SOURCES)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "type: ignore" in line
    ]
    assert len(found) <= TYPE_IGNORES, found


def test_it_keeps_floats_out_of_money() -> None:
    paths = [p for p in python_files("openinsure") if {"money", "ledger"} & set(p.parts)]
    assert paths
    found = [
        f"{name(path)}:{node.lineno}"
        for path in paths
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]
    assert not found, found


def test_it_keeps_http_out_of_queries_and_operations() -> None:
    pure = [
        p
        for p in python_files("openinsure", "dbops")
        if p.stem in {"queries", "operations"} or {"queries", "operations"} & set(p.parts)
    ]
    assert pure
    assert not offenders(r"django\.(http|shortcuts|views)", pure)


def test_it_names_no_place_of_one_machine() -> None:
    bad = re.compile("/" + "work/|/" + "home/|/" + "root/")
    texts = [p for p in tracked() if p.suffix in {".py", ".md", ".toml", ".html", ".js", ".yml"}]
    assert not [name(p) for p in texts if bad.search(p.read_text())]
