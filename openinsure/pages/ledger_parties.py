"""Whose a ledger account is, in words: producers, carriers, programs, claims, payees, taxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openinsure.billing.queries.origins import payee_names
from openinsure.billing.rows import TransferRow
from openinsure.claims.queries import claim_numbers
from openinsure.console.links import url
from openinsure.console.panels import load
from openinsure.console.request import ConsoleRequest
from openinsure.console.words import sentence
from openinsure.orgs.codes import Coded, OrgCodes, org_codes
from openinsure.pages.claim_people import hidden_from

Owner = tuple[str, str]  # type and id of what an account is kept for
TRUST = {"premium": "Premium trust", "claims": "Claims trust"}


@dataclass(frozen=True, slots=True)
class Party:
    """An owner by name. href: its page, "" if there is none or the viewer may not open it."""

    name: str
    href: str = ""


def parties(
    request: ConsoleRequest,
    owners: Iterable[Owner],
    *,
    claims: Mapping[str, str] | None = None,
) -> dict[Owner, Party]:
    """Every owner that has a name. At most one statement on oi_global, oi_claims, oi_billing.

    claims: numbers by id of those that exist for the viewer; without them they are read. Others
    have no name, nor have those of a database that is away.
    """
    wanted = set(owners)
    codes = org_codes(request.scope)
    named = {owner: found for owner in wanted if (found := _coded(owner, codes)) is not None}
    owing = {key for kind, key in wanted if kind == "claim"}
    known = claims_by_id(request, owing) if claims is None else claims
    for key in owing & known.keys():
        number = known[key]
        named["claim", key] = Party(number, _claim_page(request, number))
    payees = {key for kind, key in wanted if kind == "payee"}
    for key, name in payee_names(request.scope, payees).items():
        named["payee", key] = Party(name)
    return named


def owners_of(rows: Iterable[TransferRow]) -> set[Owner]:
    """Whose the accounts of these transfers are."""
    return {side.owner for row in rows for side in row.sides}


def claims_by_id(request: ConsoleRequest, ids: set[str]) -> dict[str, str]:
    """Claim id -> number, of those that exist for the viewer; none while oi_claims is away."""
    if not ids:
        return {}
    seen = ids.difference(hidden_from(request))
    read = load("Claims", lambda: claim_numbers(request.scope, seen).items(), keyspace="oi_claims")
    return dict(read.rows)


def _claim_page(request: ConsoleRequest, number: str) -> str:
    may = "claim.view" in request.rights
    return url("claims.detail", number, tab="books") if may else ""


def _coded(owner: Owner, codes: OrgCodes) -> Party | None:
    kind, key = owner
    if kind == "tax":
        state, _, tax = key.partition(":")
        return Party(f"{state} {sentence(tax).lower()}", url("billing.taxes", state=state))
    if kind == "trust_account":
        return Party(TRUST.get(key, "Trust account"), url("billing.bank"))
    if kind == "org":
        return Party("this organization")
    if kind == "producer":
        return _named(codes.producers, key, "producers.detail")
    if kind == "carrier":
        return _named(codes.carriers, key, "")
    return _named(codes.programs, key, "programs.detail")


def _named(known: Mapping[str, Coded], key: str, page: str) -> Party | None:
    found = known.get(key)
    if found is None:
        return None
    return Party(f"{found.code} {found.name}", url(page, found.code) if page else "")
