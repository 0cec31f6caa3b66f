"""`openinsure authz`: what it prints and with which code it ends, on the real server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openinsure.authz.client import Client
from openinsure.jobs import authz_cli
from openinsure.tenancy.scope import Scope
from tests import people
from tests.authz.conftest import spice

__all__ = ["spice"]
pytestmark = pytest.mark.django_db(databases=["default", "oi_global", "oi_claims", "oi_billing"])


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = authz_cli.main(["authz", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_it_finds_the_applied_schema_equal(
    spice: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "schema", "--apply") == (0, {"differences": []})


def test_it_syncs_without_naming_an_organization(
    spice: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = said(capsys, "sync")
    assert code == 0
    assert isinstance(found, dict)
    assert said(capsys, "sync", "--dry-run") == (0, {})


def test_it_answers_what_a_person_may(acme: Scope, capsys: pytest.CaptureFixture[str]) -> None:
    email = people.account(acme.org_id, "finance_analyst").email
    assert said(capsys, "check", email, "journal.post")[0] == 0
    assert said(capsys, "check", email, "policy.bind")[0] == 1


def test_it_says_that_spicedb_is_away(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.SPICEDB_ENDPOINT, settings.SPICEDB_TOKEN = "127.0.0.1:1", "any"
    assert authz_cli.main(["authz", "schema"]) == 5
    assert "does not answer" in capsys.readouterr().err
