"""The list of invariants: complete, and every test it names exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.money.invariants import OPEN_MAX, TESTS, WORDS

ROOT = Path(__file__).resolve().parent.parent


def functions(path: str) -> set[str]:
    """Names of the test functions of a file."""
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_it_lists_all_thirty_four() -> None:
    assert list(WORDS) == list(TESTS) == list(range(1, 35))


@pytest.mark.parametrize("number", TESTS)
def test_it_names_tests_that_exist(number: int) -> None:
    for named in TESTS[number]:
        path, _, function = named.partition("::")
        assert function in functions(path), named


@pytest.mark.parametrize("number", [6, 7, 8, 9, 10])
def test_it_asks_both_ledgers_about_transfers_and_balances(number: int) -> None:
    assert any(named.startswith("contracts/") for named in TESTS[number])


def test_it_leaves_no_more_open_than_agreed() -> None:
    open_ones = [number for number, named in TESTS.items() if not named]
    assert len(open_ones) <= OPEN_MAX, open_ones
