"""Who is kept from what on one object: the relationships that each step of its life writes.

Claims: whose they are and who is recused. Disbursements and settlements: who asked, who approved.
`ready` and `approved` always come last and in the same call as the people they exclude: without
`requester` beside it, `ready` alone would let the requester approve (security.md 2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from openinsure.authz.relationships import EVERYBODY, Change, Tuple, delete, touch
from openinsure.tenancy.scope import Scope

READY, APPROVED = "ready", "approved"


def claim_tuples(
    scope: Scope, claim_id: str, *, assigned: str | None, named: bool = False
) -> Iterator[Tuple]:
    """What a claim stands for: its organisation once anybody is named on it, and whose it is.

    assigned: the user who has a claim that is worked; None for nobody, or once it is closed.
    named: somebody is recused from it; `recused_tuple` is that person's.
    """
    if assigned or named:
        yield Tuple("claim", claim_id, "org", "organization", scope.org_id)
    if assigned:
        yield Tuple("claim", claim_id, "assigned", "user", assigned)


def recused_tuple(claim_id: str, user_id: str) -> Tuple:
    """The relationship that takes a claim away from one person."""
    return Tuple("claim", claim_id, "recused", "user", user_id)


def disbursement_tuples(scope: Scope, disbursement_id: str, *, requester: str) -> Iterator[Tuple]:
    """A disbursement that others may approve or issue; nothing stands for one that is decided."""
    yield Tuple("disbursement", disbursement_id, "org", "organization", scope.org_id)
    yield Tuple("disbursement", disbursement_id, "requester", "user", requester)
    yield Tuple("disbursement", disbursement_id, READY, "user", EVERYBODY)


def settlement_tuples(
    scope: Scope, settlement_id: str, *, author: str | None, approver: str | None = None
) -> Iterator[Tuple]:
    """A settlement that waits: for approval, or with an approver for its release.

    author and approver are user ids. Nobody may approve one without an author: it is not `ready`.
    """
    yield Tuple("settlement", settlement_id, "org", "organization", scope.org_id)
    if author is None:
        return
    yield Tuple("settlement", settlement_id, "author", "user", author)
    if approver is not None:
        yield Tuple("settlement", settlement_id, "approver", "user", approver)
    yield Tuple("settlement", settlement_id, APPROVED if approver else READY, "user", EVERYBODY)


def changes(before: Iterable[Tuple], after: Iterable[Tuple]) -> list[Change]:
    """From what stood to what stands: everything of `after` again, in its order, then the rest
    of `before` taken away. Empty where both say the same.

    A settlement that is written: `changes((), settlement_tuples(...))`; approved or edited:
    `changes(settlement_tuples(<as it was>), settlement_tuples(<as it is>))`; one that waits no
    more: `changes(settlement_tuples(<as it was>), ())`. The result goes to `changing.alongside`.
    """
    had, has = list(before), list(after)
    if set(had) == set(has):
        return []
    return [*touch(*has), *delete(*(one for one in had if one not in set(has)))]
