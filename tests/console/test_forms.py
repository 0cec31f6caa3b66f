"""Signed form ids: one person, one organisation, one day, one effect."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import signing

from openinsure.console.forms import FIELD, LIFE_S, form_id, once
from openinsure.console.states import IllegalTransition, Machine
from openinsure.problems import BadForm


def request(org: str = "a", user: str = "u", **posted: str) -> Any:
    """As much of a request as a form needs."""
    return SimpleNamespace(
        scope=SimpleNamespace(org_id=org), who=SimpleNamespace(user_id=user), POST=posted
    )


def test_it_reads_back_its_own_id() -> None:
    text = form_id(request())
    assert once(request(**{FIELD: text})) == once(request(**{FIELD: text}))


@pytest.mark.parametrize("change", ["", "junk", "0", "01a1fc58-ddf9-777b-9378-44fb8676aa27"])
def test_it_refuses_a_forged_id(change: str) -> None:
    with pytest.raises(BadForm, match=FIELD):
        once(request(**{FIELD: change}))


def test_it_refuses_another_persons_or_organisations_form() -> None:
    text = form_id(request())
    for other in (request(org="b", **{FIELD: text}), request(user="x", **{FIELD: text})):
        with pytest.raises(BadForm):
            once(other)


def test_it_refuses_a_day_old_form(monkeypatch: pytest.MonkeyPatch) -> None:
    text = form_id(request())
    later = signing.time.time() + LIFE_S + 1  # type: ignore[attr-defined]
    monkeypatch.setattr(signing.time, "time", lambda: later)  # type: ignore[attr-defined]
    with pytest.raises(BadForm, match="day old"):
        once(request(**{FIELD: text}))


def test_it_names_the_legal_next_states() -> None:
    claims = Machine("claim", {"open": ("investigating", "denied")})
    claims.check("open", "denied")
    with pytest.raises(IllegalTransition, match="investigating or denied") as refused:
        claims.check("open", "closed")
    assert refused.value.status == 422
