"""Static half of tenancy: ways round the managers and the guard, found in the syntax tree.

A finding is (file, construct). tests/raw_sql_allowed.txt lists the exceptions, one file a line:
`path | constructs | owner | reason`; at most 15, and one that is no longer needed must go.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ALLOWED_FILES_MAX = 15
# Methods of querysets, cursors and managers that leave the scoped road.
METHODS = {"raw", "extra", "using", "callproc", "_raw_delete"}
NAMES = {"RawSQL", "_base_manager", "execute_wrappers", "schema_changes"}
# What may be asked of a tenant manager by name; the rest starts with within(scope).
TENANT_ENTRIES = {"within", "none", "listed", "create", "bulk_create", "get_queryset"}
# The guard itself, and the commands that may change the schema of `default`.
EXEMPT = ("openinsure/tenancy/guard", "openinsure/tenancy/management/")


@dataclass(frozen=True, order=True)
class Finding:
    """One construct in one file; `line` is the first place."""

    path: str
    construct: str
    line: int


def findings(path: str, source: str, tenant_models: Iterable[str]) -> set[Finding]:
    """Every banned construct of one file. tenant_models: class names of scoped models."""
    if path.startswith(EXEMPT):
        return set()
    tree = ast.parse(source)
    names = frozenset(tenant_models)
    found = {Finding(path, what, line) for what, line in _constructs(tree, path, names)}
    return found | {Finding(path, "module queryset", line) for line in _module_querysets(tree)}


def _constructs(
    tree: ast.AST, path: str, tenant_models: frozenset[str]
) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((what, node.lineno) for what in _calls(node, path, tenant_models))
        elif isinstance(node, ast.Attribute):
            if node.attr in NAMES:
                yield node.attr, node.lineno
            if node.attr == "connection" and _ends_with(node.value, "connection"):
                yield "connection.connection", node.lineno
        elif isinstance(node, ast.Name) and node.id in NAMES:
            yield node.id, node.lineno
        elif isinstance(node, ast.Subscript) and _ends_with(node.value, "connections"):
            yield "connections[]", node.lineno


def _calls(node: ast.Call, path: str, tenant_models: frozenset[str]) -> Iterator[str]:
    if any(keyword.arg == "update_conflicts" for keyword in node.keywords):
        yield "update_conflicts"
    if not isinstance(node.func, ast.Attribute):
        return
    name, owner = node.func.attr, node.func.value
    if name in METHODS:
        yield f"{name}()"
    # dbops reads with connections of its own, made by its probes and never by Django.
    if name == "cursor" and not (node.args or node.keywords) and not path.startswith("dbops/"):
        yield "cursor()"
    if isinstance(owner, ast.Attribute) and owner.attr == "objects" and name not in TENANT_ENTRIES:
        model = owner.value
        label = model.attr if isinstance(model, ast.Attribute) else getattr(model, "id", "")
        if label in tenant_models:
            yield "objects without within()"


def _module_querysets(tree: ast.Module) -> Iterator[int]:
    """Querysets made while a module or class body runs: no request is there to scope them."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and _ends_with(node.func.value, "objects")
            and node.func.attr != "none"
        ):
            yield node.lineno
        waiting += ast.iter_child_nodes(node)


def _ends_with(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == name) or (
        isinstance(node, ast.Name) and node.id == name
    )


def allowed(file: Path) -> dict[str, frozenset[str]]:
    """Path -> constructs it may hold. Raises ValueError for a line without owner or reason."""
    entries: dict[str, frozenset[str]] = {}
    for line in file.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != 4 or not all(cells):
            raise ValueError(f"path | constructs | owner | reason, not {line!r}")
        entries[cells[0]] = frozenset(part.strip() for part in cells[1].split(","))
    return entries


def verdict(found: Iterable[Finding], exceptions: dict[str, frozenset[str]]) -> list[str]:
    """What is wrong, as lines for people: unlisted findings, unused entries, too many."""
    seen = sorted(found)
    wrong = [
        f"{one.path}:{one.line} {one.construct}"
        for one in seen
        if one.construct not in exceptions.get(one.path, frozenset())
    ]
    used = {(one.path, one.construct) for one in seen}
    for path, constructs in exceptions.items():
        wrong += [f"{path}: no {what} any more" for what in constructs if (path, what) not in used]
    if len(exceptions) > ALLOWED_FILES_MAX:
        wrong.append(f"{len(exceptions)} exceptions, at most {ALLOWED_FILES_MAX}")
    return wrong
