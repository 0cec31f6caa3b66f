"""The running program, started as a user starts it, and a browser in front of it.

`make run` in a state folder of its own (.local/e2e, free ports, small demo data of a fixed day),
Debian's Chromium driven by Playwright. Nothing here touches the ORM. Fixtures end with this folder:
Playwright keeps an event loop running, in which Django refuses the database to later tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from engines import ports

ROOT = Path(__file__).resolve().parent.parent.parent
Opened = Callable[..., AbstractContextManager[Page]]
STATE = ROOT / ".local" / "e2e"
PASSWORD = "openinsure-demo"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all: there is one program."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.e2e)


@dataclass(frozen=True, slots=True)
class Console:
    """The program under test: its address and its commands."""

    url: str
    environment: dict[str, str]

    def run(self, *words: str, timeout_s: int = 120) -> subprocess.CompletedProcess[str]:
        """Run `openinsure <words>` against this program's databases."""
        return subprocess.run(
            [str(ROOT / ".venv" / "bin" / "openinsure"), *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def engines(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `python3 -m engines <words>` on this program's stack."""
        return subprocess.run(
            [sys.executable, "-m", "engines", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def token(self, email: str) -> str:
        """A bearer token of a demo sign-in."""
        done = self.run("token", "--email", email)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENINSURE_", "DATABASE_URL", "DJANGO_", "PYTEST_"))
        and name not in ("REDIS_URL", "DOCUMENSO_URL", "POSTGRES_URL")
    }
    kept["OPENINSURE_STATE_DIR"] = str(STATE)
    chosen = ports.for_tests(STATE)
    return kept | {ports.variable(name): str(port) for name, port in chosen.items()}


@pytest.fixture(scope="package")
def console() -> Iterator[Console]:
    """The program, up and loaded; stopped at the end unless OPENINSURE_TEST_KEEP=1."""
    environment = _environment()
    program = Console(f"http://127.0.0.1:{environment['OPENINSURE_PORT_WEB']}", environment)
    try:
        started = program.engines("up")
        assert started.returncode == 0, started.stdout + started.stderr
        yield program
    finally:
        if os.environ.get("OPENINSURE_TEST_KEEP") != "1":
            program.engines("down")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def states(console: Console, browser: Browser) -> Callable[[str], Any]:
    """Signed-in browser states by e-mail, made once through the sign-in form."""
    made: dict[str, Any] = {}

    def state(email: str) -> Any:
        if email not in made:
            context = browser.new_context(base_url=console.url)
            page = context.new_page()
            page.goto("/login")
            page.fill("input[name=email]", email)
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            made[email] = context.storage_state()
            context.close()
        return made[email]

    return state


@pytest.fixture(scope="package")
def opened(console: Console, browser: Browser, states: Callable[[str], Any]) -> Opened:
    """`with opened("/policies", "support@acme.test", theme="dark", width=390) as page: ...`

    `page.messages` collects everything the console said and every failed request.
    """

    @contextmanager
    def open_page(
        path: str, email: str = "", *, theme: str = "light", width: int = 1440, wait: bool = True
    ) -> Iterator[Page]:
        context = browser.new_context(
            base_url=console.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            storage_state=states(email) if email else None,
        )
        with closing(context):
            page = context.new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: said.append(f"error: {error}"))
            page.messages = said  # type: ignore[attr-defined]
            page.goto(path, wait_until="networkidle" if wait else "load")
            yield page

    return open_page


@pytest.fixture
def visit(opened: Opened) -> Iterator[Callable[..., Page]]:
    """`visit("/policies", "support@acme.test", width=390)` -> a page, open until the test ends."""
    with ExitStack() as stack:
        yield lambda *place, **how: stack.enter_context(opened(*place, **how))


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an answer, not an order."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Api:
    """Requests with a bearer token and no cookie."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.opener = build_opener(_NoRedirect)
        self.tokens: dict[str, str] = {}

    def get(self, path: str, email: str = "", accept: str = "application/json") -> Answer:
        """GET a path as someone (or nobody)."""
        headers = {"Accept": accept}
        if email:
            if email not in self.tokens:
                self.tokens[email] = self.console.token(email)
            headers["Authorization"] = f"Bearer {self.tokens[email]}"
        request = Request(self.console.url + path, headers=headers)  # noqa: S310 - our own program
        try:
            response = self.opener.open(request, timeout=30)
        except HTTPError as refused:
            response = refused
        with response:
            told = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, response.read().decode(), told)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response read to its end."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


@pytest.fixture(scope="package")
def api(console: Console) -> Api:
    """The JSON side of the running program."""
    return Api(console)
