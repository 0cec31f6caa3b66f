"""Which build runs: shown in the footer and by /version."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from openinsure.environment import ROOT, optional


@dataclass(frozen=True, slots=True)
class Build:
    """What runs here."""

    version: str
    git_sha: str


@cache
def build() -> Build:
    """Package version and commit: OPENINSURE_GIT_SHA of the image, else git's, else "unknown"."""
    return Build(version("openinsure-console"), optional("OPENINSURE_GIT_SHA") or _git_sha())


def _git_sha() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()
