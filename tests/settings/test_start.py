"""Starting outside local: one line names what is missing; what is there passes Django's checks."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "mysql://app:secret-canary@127.0.0.1:1/oi_console"
PRODUCTION = {
    "OPENINSURE_ENV": "production",
    "SECRET_KEY": "k9Jw" * 16 + "-8vQz",
    "DATABASE_URL": DATABASE,
    **{
        f"DATABASE_URL_OI_{name}": DATABASE
        for name in ("GLOBAL", "POLICIES", "SUBMISSIONS", "CLAIMS", "BILLING")
    },
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "AUTHZ_BACKEND": "roles",
    "LEDGER_BACKEND": "tigerbeetle",
    "TIGERBEETLE_ADDRESSES": "127.0.0.1:1",
    "TIGERBEETLE_CLUSTER": "0",
    "OPENINSURE_JWKS_URL": "https://identity.example.test/jwks",
    "OPENINSURE_JWT_ISSUER": "https://identity.example.test",
    "OPENINSURE_JWT_AUDIENCE": "openinsure-console",
    "OPENINSURE_FIELD_KEYS": "k1:" + base64.b64encode(b"0" * 32).decode(),
    "OPENINSURE_HASH_KEY": "h" * 40,
    "OPENINSURE_AUDIT_KEYS": "2000-01-01:" + "ab" * 32,
    "OPENINSURE_ALLOWED_HOSTS": "console.example.test",
    "EMAIL_URL": "smtp://mail.example.test:587",
}


def check(variables: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` with exactly these variables."""
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [sys.executable, "manage.py", "check", *words],
        cwd=ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_it_passes_djangos_deployment_checks() -> None:
    done = check(PRODUCTION, "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "variable",
    ["SECRET_KEY", "DATABASE_URL", "DATABASE_URL_OI_CLAIMS", "REDIS_URL", "AUTHZ_BACKEND"],
)
def test_it_names_the_missing_variable_in_one_line(variable: str) -> None:
    done = check({name: value for name, value in PRODUCTION.items() if name != variable})
    assert done.returncode == 2
    assert done.stderr.startswith(f"openinsure: {variable}: ")
    assert len(done.stderr.splitlines()) == 1


def test_it_refuses_an_unknown_environment() -> None:
    done = check({"OPENINSURE_ENV": "prod"})
    assert done.returncode == 2
    assert "OPENINSURE_ENV" in done.stderr


def test_it_never_repeats_a_malformed_address() -> None:
    done = check(PRODUCTION | {"DATABASE_URL": "mysql:/app:secret-canary@nowhere"})
    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
    assert "secret-canary" not in done.stderr + done.stdout


def test_it_sends_tasks_of_the_web_process_to_our_broker() -> None:
    says = (
        "import openinsure.wsgi; from openinsure.pages.exports_tasks import run_export as task; "
        "print(task.app.main, task.app.conf.broker_url)"
    )
    kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run(
        [sys.executable, "-c", says], cwd=ROOT, env=kept | PRODUCTION, capture_output=True,
        text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stdout.split() == ["openinsure", PRODUCTION["REDIS_URL"]], done.stderr
