"""E006: nobody serves people with a relaxed content security policy."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from openinsure.console.checks import content_security_policy_is_whole, relaxations
from openinsure.console.middleware import CONTENT_SECURITY_POLICY


def found() -> list[str | None]:
    """Ids of what the check finds."""
    return [problem.id for problem in content_security_policy_is_whole(None)]


def test_it_accepts_our_policy() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "policy",
    [
        CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'unsafe-inline'"),
        CONTENT_SECURITY_POLICY.replace("default-src 'none'; ", ""),
        CONTENT_SECURITY_POLICY.replace("img-src 'self'", "img-src *"),
        f"{CONTENT_SECURITY_POLICY}; worker-src blob:",
        "",
    ],
)
def test_it_refuses_a_relaxed_policy(settings: Settings, policy: str) -> None:
    settings.CONTENT_SECURITY_POLICY = policy
    assert found() == ["openinsure.E006"]


def test_it_refuses_to_run_without_the_middleware(settings: Settings) -> None:
    settings.MIDDLEWARE = []
    assert found() == ["openinsure.E006"]


def test_it_lets_developers_relax_it(settings: Settings) -> None:
    settings.CONTENT_SECURITY_POLICY = ""
    settings.DEBUG = True
    assert found() == []


def test_it_lets_a_policy_be_stricter() -> None:
    stricter = CONTENT_SECURITY_POLICY.replace("img-src 'self'", "img-src 'none'")
    assert relaxations(f"{stricter}; worker-src 'none'") == []
