"""System packages: what is missing, installed with apt-get where we may, else named once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engines import postgres
from engines.stack import RUNBOOK, Stack, Trouble, find_program, say, why

PYTHON_AT_LEAST = (3, 11)
# Some releases carry a version in the names of the -core packages.
PLAIN_NAMES = {"mariadb-server-core": "mariadb-server", "mariadb-client-core": "mariadb-client"}


@dataclass(frozen=True, slots=True)
class Need:
    """Something the system must offer. `for_tests`: only the suite needs it."""

    what: str
    debian: tuple[str, ...]
    fedora: tuple[str, ...]
    arch: tuple[str, ...]
    macos: tuple[str, ...]
    there: Callable[[], bool]
    for_build: bool = False
    for_tests: bool = False


def _commands(*names: str) -> Callable[[], bool]:
    return lambda: all(find_program(name) for name in names)


def _any_command(*names: str) -> Callable[[], bool]:
    return lambda: any(find_program(name) for name in names)


def _can_make_environments() -> bool:
    probe = subprocess.run(
        [sys.executable, "-c", "import venv, ensurepip"], capture_output=True, check=False
    )
    return probe.returncode == 0


def _python_headers() -> bool:
    return Path(sysconfig.get_paths()["include"], "Python.h").exists()


def _fonts() -> bool:
    folders = (Path("/usr/share/fonts"), Path("/Library/Fonts"), Path.home() / ".fonts")
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders if folder.exists())


def _postgres() -> bool:
    return postgres.binaries() is not None


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app")

NEEDS = (
    Need("MariaDB", ("mariadb-server-core", "mariadb-client-core"), ("mariadb-server",),
         ("mariadb",), ("mariadb",), _commands("mariadbd", "mariadb-install-db", "mariadb")),
    Need("Redis", ("redis-server",), ("redis",), ("redis",), ("redis",),
         _commands("redis-server")),
    Need("PostgreSQL", ("postgresql",), ("postgresql-server",), ("postgresql",),
         ("postgresql@16",), _postgres),
    Need("Python environments", ("python3-venv",), ("python3",), ("python",), ("python@3.12",),
         _can_make_environments, for_build=True),
    Need("a C compiler", ("build-essential",), ("gcc",), ("base-devel",), (),
         _any_command("cc", "gcc", "clang"), for_build=True),
    Need("pkg-config", ("pkg-config",), ("pkgconf",), ("base-devel",), ("pkgconf",),
         _any_command("pkg-config", "pkgconf"), for_build=True),
    Need("MariaDB's client headers", ("default-libmysqlclient-dev",),
         ("mariadb-connector-c-devel",), ("mariadb-libs",), ("mariadb-connector-c",),
         _any_command("mariadb_config", "mysql_config"), for_build=True),
    Need("Python's headers", ("python3-dev",), ("python3-devel",), ("python",), ("python@3.12",),
         _python_headers, for_build=True),
    Need("Chromium", ("chromium",), ("chromium",), ("chromium",), ("--cask google-chrome",),
         lambda: _any_command(*CHROMIUM)() or MAC_CHROME.exists(), for_tests=True),
    Need("fonts", ("fonts-dejavu-core", "fonts-liberation"), ("dejavu-sans-fonts",),
         ("ttf-dejavu",), (), _fonts, for_tests=True),
)  # fmt: skip


def missing(*, build: bool, testing: bool) -> list[Need]:
    """What this machine lacks. `build`: the Python environment must still be made."""
    return [
        need
        for need in NEEDS
        if (build or not need.for_build) and (testing or not need.for_tests) and not need.there()
    ]


def provide(stack: Stack, *, build: bool) -> None:
    """Have everything installed. Raises Trouble with one message that lists what is missing."""
    if sys.version_info < PYTHON_AT_LEAST:
        have = ".".join(map(str, sys.version_info[:2]))
        raise Trouble(f"python3 is {have}: version 3.11 or newer is needed")
    lacking = missing(build=build, testing=stack.testing)
    if not lacking:
        return
    as_root = _administrator()
    if shutil.which("apt-get") and as_root is not None:
        _install(stack, lacking, as_root)
        lacking = missing(build=build, testing=stack.testing)
    if lacking and any(_required(need) for need in lacking):
        raise Trouble(_message(lacking))
    for need in lacking:
        say("packages", f"{need.what} is missing: its tests and panels will say so")


def _required(need: Need) -> bool:
    """Only PostgreSQL and the browser may be absent, and not on the machine that judges."""
    optional = need.what in ("PostgreSQL", "Chromium", "fonts")
    return not optional or os.environ.get("CI") == "true"


def _administrator() -> list[str] | None:
    """What to put before a command so that root runs it; None when we may not."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        allowed = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if allowed.returncode == 0:
            return ["sudo", "-n"]
    return None


def _install(stack: Stack, lacking: list[Need], as_root: list[str]) -> None:
    wanted = sorted({name for need in lacking for name in need.debian})
    say("packages", f"installing {', '.join(wanted)} (a minute or two)")
    log = stack.log / "packages.log"
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    with log.open("ab") as output:
        _quietly([*apt_get, "update"], output)  # an offline mirror may still have the packages
        names = [name if _known(name) else PLAIN_NAMES.get(name, name) for name in wanted]
        command = [*apt_get, "install", "-y", "--no-install-recommends", *names]
        if _quietly(command, output):
            raise Trouble(f"apt-get install {' '.join(names)} failed: {why(log)} (log {log})")


def _quietly(command: list[str], output: BinaryIO) -> int:
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
    ).returncode


def _known(package: str) -> bool:
    asked = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
    return asked.returncode == 0


def _message(lacking: list[Need]) -> str:
    def names(system: str) -> str:
        chosen = {name for need in lacking for name in getattr(need, system)}
        return " ".join(sorted(chosen))

    return "\n".join(
        (
            f"missing: {', '.join(need.what for need in lacking)}. Install, then run again:",
            f"  Debian, Ubuntu  sudo apt-get install --no-install-recommends {names('debian')}",
            f"  Fedora          sudo dnf install {names('fedora')}",
            f"  Arch            sudo pacman -S --needed {names('arch')}",
            f"  macOS           brew install {names('macos')}",
            f"  (see {RUNBOOK})",
        )
    )
