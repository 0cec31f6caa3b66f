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


def test_it_keeps_an_environment_that_another_python_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_env, "VENV", tmp_path)
    monkeypatch.setattr(python_env, "STAMP", tmp_path / "stamp")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "python"
    program.write_text("#!/bin/sh\necho '3.12.0 (made by somebody else)'\n")
    program.chmod(0o755)
    (tmp_path / "stamp").write_text(python_env._wanted())
    assert python_env.current()
    program.write_text("#!/bin/sh\necho '3.13.0 (upgraded)'\n")
    assert not python_env.current()
    program.unlink()
    assert not python_env.current()
