"""The environment's last step: bytecode, whatever the shell says about writing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import python_env


def test_it_compiles_though_python_must_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "module.py").write_text("ANSWER = 42\n")
    python_env.compile_all([tmp_path])
    assert list(tmp_path.glob("__pycache__/module.*.pyc"))
