"""Permissions that need a relation to the one object: what it forbids, and who repeats the check.

The refusal on the screen and the document (openinsure.authz.matrix) both come from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.authz.permissions import MATRIX, Cell, Permission, Role


@dataclass(frozen=True, slots=True)
class Rule:
    """code: of the refusal. words: what a person reads. relations: what SpiceDB must hold.

    row: what the operation compares on its own row whichever backend answers.
    """

    code: str
    words: str
    relations: str
    row: str


_NOT_OWN = "own_request"
RULES: dict[Permission, Rule] = {
    Permission.RESERVE_SET: Rule(
        "not_assigned",
        "Only the adjuster who has this claim sets reserves.",
        "`assigned`, and no `recused`",
        "the claim's adjuster is the person, who is not recused",
    ),
    Permission.DISBURSEMENT_APPROVE: Rule(
        _NOT_OWN,
        "A disbursement is decided and issued by people who did not request it.",
        "`ready`, and no `requester`",
        "requester, first and second approver differ",
    ),
    Permission.BORDEREAU_APPROVE: Rule(
        _NOT_OWN,
        "A bordereau is approved by a person who did not write it.",
        "nothing yet: it is in no settlement, so the organization's `approve_money` is asked",
        "author and approver differ",
    ),
    Permission.SETTLEMENT_APPROVE: Rule(
        _NOT_OWN,
        "A settlement is approved by a person who did not write it.",
        "`ready`, and no `author`",
        "author and approver differ",
    ),
    Permission.SETTLEMENT_RELEASE: Rule(
        _NOT_OWN,
        "A settlement is released by a person who neither wrote nor approved it.",
        "`approved`, and no `author` or `approver`",
        "author, approver and releaser differ",
    ),
    Permission.OPS_APPROVE: Rule(
        _NOT_OWN,
        "A deploy request is approved by a person who did not write it.",
        "`ready`, and no `author`",
        "author and approver differ",
    ),
    Permission.OPS_DEPLOY: Rule(
        "not_approved",
        "A deploy request is deployed and reverted once it is approved.",
        "`approved`",
        "the request is approved",
    ),
}


def roles_with_relation(permission: Permission) -> tuple[Role, ...]:
    """The roles whose cell of the matrix is R."""
    cells = zip(Role, MATRIX[permission].cells, strict=True)
    return tuple(role for role, cell in cells if cell is Cell.RELATION)
