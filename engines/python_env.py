"""The Python environment `.venv`: made once from requirements.lock, hashes required."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from engines.stack import ROOT, Stack, Trouble, say, why

VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
STAMP = VENV / "openinsure.stamp"


def tool(name: str) -> str:
    """A program of the environment."""
    return str(VENV / "bin" / name)


def current() -> bool:
    """Whether the environment is what the lock file says, for this Python."""
    return STAMP.exists() and STAMP.read_text() == _wanted() and Path(tool("python")).exists()


def _wanted() -> str:
    parts = (LOCK.read_bytes(), PROJECT.read_bytes(), sys.version.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def provide(stack: Stack) -> None:
    """Make or complete the environment. Raises Trouble with the end of pip's output."""
    if not current():
        _install(stack)
    compile_all([ROOT / name for name in ("dbops", "openinsure", "engines")])


def compile_all(folders: list[Path]) -> None:
    """Bytecode beside the code, though the shell may forbid Python to write it: without,
    each command compiles its modules anew, and `db status` takes twice as long."""
    places = [str(folder) for folder in folders]
    subprocess.run([tool("python"), "-m", "compileall", "-q", *places], check=False)


def _install(stack: Stack) -> None:
    say("python", "installing the packages of requirements.lock (about a minute)")
    log = stack.log / "python.log"
    STAMP.unlink(missing_ok=True)
    pip = [tool("python"), "-m", "pip", "--disable-pip-version-check", "install"]
    steps = (
        [sys.executable, "-m", "venv", *_clear(), str(VENV)],
        [*pip, "--require-hashes", "-r", str(LOCK)],
        # compat: a plain path file; the default finder costs each command 20 ms.
        [*pip, "--no-deps", "--no-build-isolation", "-C", "editable_mode=compat", "-e", str(ROOT)],
    )
    for step in steps:
        with log.open("ab") as output:
            done = subprocess.run(
                step, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, cwd=ROOT
            )
        if done.returncode:
            raise Trouble(f"python packages: {why(log)} (log {log})")
    STAMP.write_text(_wanted())
    say("python", f"environment ready ({VENV.relative_to(ROOT)})")


def _clear() -> list[str]:
    """Start afresh when the interpreter in it is gone or another version."""
    if not VENV.exists():
        return []
    asked = (
        subprocess.run(
            [tool("python"), "-c", "import sys; print(sys.version)"],
            capture_output=True,
            text=True,
            check=False,
        )
        if Path(tool("python")).exists()
        else None
    )
    same = asked is not None and asked.stdout.strip() == sys.version.strip()
    return [] if same else ["--clear"]
