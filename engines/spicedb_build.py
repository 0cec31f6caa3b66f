"""Building SpiceDB once with the Go toolchain, from engines/spicedb/go.mod, into .local/bin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from engines.stack import ROOT, Stack, Trouble, say, why

MODULE = ROOT / "engines" / "spicedb"
BINARY = ROOT / ".local" / "bin" / "spicedb"
PACKAGE = "github.com/authzed/spicedb/cmd/spicedb"
GO_NEEDED = (1, 21)  # such a Go fetches by itself the newer one that go.mod names
VERSION = re.compile(r"go(\d+)\.(\d+)")
PROGRESS_S = 20  # between two lines while Go works
LIMIT_S = 1_800


def go_is_able() -> bool:
    """Whether a Go is there that can build this module."""
    if shutil.which("go") is None:
        return False
    asked = ["go", "env", "GOVERSION"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    found = VERSION.search(told)
    return found is not None and (int(found[1]), int(found[2])) >= GO_NEEDED


def build(stack: Stack) -> None:
    """Build it, saying every PROGRESS_S seconds that it still works. Raises Trouble."""
    log, begun = stack.log / "spicedb-build.log", time.monotonic()
    say("spicedb", "building it with Go, once: about four minutes on two cores")
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    made = BINARY.with_suffix(".new")
    command = ["go", "build", "-ldflags", "-s -w", "-o", str(made), PACKAGE]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            cwd=MODULE,
            stdout=output,
            stderr=output,
            env={**os.environ, "CGO_ENABLED": "0"},
        )
        code = _await(child, begun)
    if code:
        raise Trouble(f"spicedb: go build ended with {code}: {_last_line(log)} (log {log})")
    made.rename(BINARY)  # a broken build never stands where a whole one is expected
    say("spicedb", f"built in {time.monotonic() - begun:.0f} s: {BINARY.relative_to(ROOT)}")


def _await(child: subprocess.Popen[bytes], begun: float) -> int:
    while True:
        try:
            return child.wait(PROGRESS_S)
        except subprocess.TimeoutExpired:
            passed = time.monotonic() - begun
            if passed > LIMIT_S:
                child.kill()
                raise Trouble(f"spicedb: go build is not done after {LIMIT_S} s") from None
            say("spicedb", f"still building ({passed:.0f} s)")
        except KeyboardInterrupt:
            child.kill()
            raise


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return why(log) or (lines[-1] if lines else "it said nothing")
