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
    """Whether the environment is what the lock file says, whichever Python it was made of."""
    return STAMP.exists() and STAMP.read_text() == _wanted() != ""


def _wanted() -> str:
    """What the stamp of a current environment says; "" while there is no Python in it."""
    made_of = _python_in_it()
    parts = (LOCK.read_bytes(), PROJECT.read_bytes(), made_of.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest() if made_of else ""


def _python_in_it() -> str:
    """The version text of the environment's Python; "" when there is none, or it does not run."""
    if not Path(tool("python")).exists():
        return ""
    said = subprocess.run(
        [tool("python"), "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()


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
        # --config-settings in full: pip 23.0, which Debian 12 brings, has no -C.
        [*pip, "--no-deps", "--no-build-isolation",
         "--config-settings", "editable_mode=compat", "-e", str(ROOT)],
    )  # fmt: skip
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
    same = _python_in_it() == sys.version.strip()
    return ["--clear"] if VENV.exists() and not same else []
