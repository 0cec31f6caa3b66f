"""Asking for a letter: who it goes to, and the order that leaves no letter without its change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.letters import Draft, address_in, drop_letter, prepare_letter, queue_letter
from openinsure.console.offers import Choices, Input
from openinsure.orgs.contacts import producer_contacts
from openinsure.pages import letters_tasks
from openinsure.policies.addressees import insured_email
from openinsure.policies.rows import PolicyTerm
from openinsure.problems import BadForm, Problem
from openinsure.tenancy.scope import Scope

R = TypeVar("R")
OTHER = "other"
TO: Choices = (
    ("insured", "The insured"),
    ("producer", "The producer"),
    (OTHER, "Another address"),
)


def to_inputs(choices: Choices) -> tuple[Input, Input]:
    """The two fields that say where a letter goes."""
    return (
        Input("send_to", "Send to", "choice", choices=choices),
        Input("send_address", "Address", "line", required=False, length_max=254,
              hint="Only for another address."),
    )  # fmt: skip


def address_of(values: dict[str, Any], on_file: Callable[[str], str]) -> str:
    """The address chosen. Raises BadForm where none is on file or the typed one is none."""
    to, typed = values["send_to"], values["send_address"]
    if to == OTHER:
        return address_in("send_address", typed)
    if typed:
        raise BadForm({"send_address": "is for another address only"})
    found = on_file(to)
    if not found:
        raise BadForm({"send_to": "has no e-mail address on file; choose another address"})
    return address_in("send_to", found)


def policy_address(scope: Scope, term: PolicyTerm, to: str) -> str:
    """The address on file of the insured or the producer of a term, "" if there is none."""
    if to == "producer":
        return next((one.email or "" for one in producer_contacts(scope, [term.producer_id])), "")
    return insured_email(scope, term.insured_id)


def with_letter(
    scope: Scope,
    draft: Draft,
    act: Callable[[str], R],
    *,
    once: Once,
    actor: Actor,
    now: datetime,
) -> R:
    """Prepare the letter, make the change, let the letter go. A refused change drops it.

    act gets the number that the letter speaks of: of a form sent twice at once, the first one's.
    """
    number = prepare_letter(scope, draft, once=once, actor_user_id=actor.user_id, now=now)
    try:
        done = act(number)
    except Problem:
        drop_letter(scope, once.id, now=now)
        raise
    if queue_letter(scope, once.id, now=now):
        letters_tasks.enqueue(scope)
    return done
