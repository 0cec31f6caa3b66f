"""Every form that wrote something says so on the next page: one way, `console.undo.back`."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from openinsure.pages.money_form import SAID, said_of
from openinsure.tenancy.scope import Scope
from tests import people
from tests.claims import made
from tests.orgs.test_user_pages import colleague, grant
from tests.pages.test_find import ALL
from tests.submissions import world
from tests.submissions.test_writes import form as offered
from tests.submissions.test_writes import send

pytestmark = pytest.mark.django_db(databases=ALL)
ROOT = Path(__file__).parents[2]
# Where the page that follows shows by itself what was done: signed in or out, another
# organisation's banner, another theme.
SHOWN_ITSELF = {
    "openinsure/pages/appearance.py",
    "openinsure/pages/entering.py",
    "openinsure/pages/settings.py",
    "openinsure/pages/signin.py",
}


def sends_on(path: Path) -> bool:
    """Whether a file answers 303 by itself."""
    return any(
        isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "HttpResponseRedirect"
        and any(key.arg == "status" for key in node.keywords)
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_it_goes_on_from_a_form_only_with_a_word_about_it() -> None:
    files = [*(ROOT / "openinsure").rglob("*.py"), *(ROOT / "dbops").rglob("*.py")]
    found = {str(file.relative_to(ROOT)) for file in files if sends_on(file)}
    assert found == SHOWN_ITSELF | {"openinsure/console/undo.py"}


def follow(browser: Client, answer: Any) -> str:
    """The page after a form."""
    assert answer.status_code == 303, answer.content
    return str(browser.get(answer["Location"]).content.decode())


def test_it_tells_of_a_withdrawn_submission(acme: Scope) -> None:
    browser = people.browser(acme.org_id, "underwriter")
    world.submission(acme, submission_number="SUB-1", status="in_review")
    fresh = offered(browser, "SUB-1", "submissions.withdraw")
    answer = send(browser, fresh, withdrawal_reason="Sold the fleet", withdrawal_confirm="SUB-1")
    assert "<p>Submission withdrawn.</p>" in follow(browser, answer)


def test_it_tells_of_a_moved_claim(acme: Scope) -> None:
    browser = people.browser(acme.org_id, "adjuster")
    claim = made.claim(acme)
    address = f"/claims/{claim.claim_number}/transitions"
    page = browser.get(address).content.decode()
    form_id = page.split('name="form_id" value="')[1].split('"')[0]
    lock = page.split('name="lock" value="')[1].split('"')[0]
    sent = {"form_id": form_id, "lock": lock, "to": "denied", "opinion": "Not covered: racing."}
    assert "<p>Status changed.</p>" in follow(browser, browser.post(address, sent))


def test_it_tells_of_a_granted_role(acme: Scope, acme_admin: Client) -> None:
    answer = grant(acme_admin, colleague(acme))
    assert "<p>Role granted.</p>" in follow(acme_admin, answer)


def test_it_has_words_for_every_step_of_money() -> None:
    assert said_of("refund.approved") == "Refund approved."
    assert said_of("period.reopen_requested") == SAID["period.reopen_requested"]
    assert said_of("cession.drawn_up") == "Cession drawn up."
