"""Variables of sign-in: a wrong one is one clear line that names it, before anything starts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from openinsure import environment
from openinsure.accounts.configuration import token_rules
from openinsure.environment import ROOT, ConfigurationError


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    token_rules.cache_clear()
    yield
    token_rules.cache_clear()


def place(monkeypatch: pytest.MonkeyPatch, name: str, **variables: str) -> None:
    monkeypatch.setattr(environment, "name", lambda: name)
    for variable in ("SECRET", "ISSUER", "AUDIENCE"):
        monkeypatch.delenv(f"OPENINSURE_JWT_{variable}", raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(f"OPENINSURE_{variable}", value)


def test_it_has_working_defaults_in_local(monkeypatch: pytest.MonkeyPatch) -> None:
    place(monkeypatch, "local")
    rules = token_rules()
    assert (rules.algorithms, rules.jwks_url) == (("HS256",), "")
    assert len(rules.secret) >= 32
    assert rules.secret not in repr(rules)


def test_it_takes_only_published_keys_outside_local(monkeypatch: pytest.MonkeyPatch) -> None:
    place(
        monkeypatch, "production", JWT_ISSUER="https://id.test", JWT_AUDIENCE="console",
        JWKS_URL="https://id.test/keys",
    )  # fmt: skip
    rules = token_rules()
    assert (rules.algorithms, rules.secret) == (("RS256", "ES256", "EdDSA"), "")


@pytest.mark.parametrize(
    ("name", "variables", "named"),
    [
        ("local", {"JWT_SECRET": "short"}, "OPENINSURE_JWT_SECRET"),
        ("local", {"JWKS_URL": "http://id.test"}, "OPENINSURE_JWKS_URL"),
        ("production", {}, "OPENINSURE_JWT_ISSUER"),
        ("production", {"JWT_ISSUER": "i"}, "OPENINSURE_JWT_AUDIENCE"),
        ("staging", {"JWT_ISSUER": "i", "JWT_AUDIENCE": "a"}, "OPENINSURE_JWKS_URL"),
        (
            "production",
            {"JWT_ISSUER": "i", "JWT_AUDIENCE": "a", "JWT_SECRET": "x" * 40},
            "OPENINSURE_JWT_SECRET",
        ),
        (
            "production",
            {"JWT_ISSUER": "i", "JWT_AUDIENCE": "a", "JWKS_URL": "https:///keys"},
            "OPENINSURE_JWKS_URL",
        ),
    ],
)
def test_it_names_the_variable(
    name: str, variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(monkeypatch, name, **variables)
    with pytest.raises(ConfigurationError) as refusal:
        token_rules()
    assert refusal.value.variable == named
    assert "x" * 40 not in str(refusal.value)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many"])
def test_it_refuses_an_unreadable_rate_scale(value: str) -> None:
    assert "OPENINSURE_RATE_SCALE" in start(OPENINSURE_RATE_SCALE=value)


def test_it_lets_nobody_raise_the_rates_in_production() -> None:
    needed = {"SECRET_KEY": "x" * 60, "EMAIL_URL": "smtp://mail.example.test:587"}
    told = start(OPENINSURE_ENV="production", OPENINSURE_RATE_SCALE="2", **needed)
    assert "OPENINSURE_RATE_SCALE: is '2', must be a whole number 1 to 1" in told


def start(**variables: str) -> str:
    """The last line of a process that only reads the settings."""
    databases = ("", "_OI_GLOBAL", "_OI_POLICIES", "_OI_SUBMISSIONS", "_OI_CLAIMS", "_OI_BILLING")
    addresses = {f"DATABASE_URL{name}": "mysql://u:p@127.0.0.1:1/x" for name in databases}
    answer = subprocess.run(
        [sys.executable, "-c", "import openinsure.settings"],
        env={"PATH": "/usr/bin:/bin", "REDIS_URL": "redis://127.0.0.1:1/0"}
        | {"AUTHZ_BACKEND": "roles", "LEDGER_BACKEND": "tigerbeetle"} | addresses | variables,
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode != 0
    return answer.stderr.strip().splitlines()[-1]
