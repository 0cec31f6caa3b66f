"""The `roles` backend and a real SpiceDB answer alike: every role, permission, place and state."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from openinsure.authz.client import Client
from openinsure.authz.permissions import Cell, Permission, Role, cell
from openinsure.authz.port import Place, Subject, Target
from openinsure.authz.relationships import Tuple, delete, touch, write
from openinsure.authz.roles import RolesAuthorizer
from openinsure.authz.spicedb import SpiceAuthorizer
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import OrgScope, entered
from tests.authz.conftest import enrol, organization

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])
HOME, OTHER = new_id(), new_id()


@pytest.fixture(scope="module")
def subjects(spice: Client) -> dict[Role, Subject]:
    """One person a role; two active organisations and the platform's."""
    for org_id in (HOME, OTHER, PLATFORM_ORG_ID):
        write(spice, touch(*organization(org_id)))
    return {role: enrol(spice, role, new_id(), HOME) for role in Role}


def places(subject: Subject) -> dict[str, Place]:
    own, other = subject.org_id, OTHER
    return {
        "own": Place(own),
        "other": Place(other),
        "other, crossing": Place(other, crossing=True),
        "own, job": Place(own, job=True),
        "other, job": Place(other, job=True),
    }


@pytest.mark.parametrize("role", list(Role))
def test_it_agrees_in_every_cell_and_place(
    role: Role, subjects: dict[Role, Subject], adapter: SpiceAuthorizer
) -> None:
    """12 roles x 37 permissions x 5 places: 2,220 answers, most of them no."""
    subject = subjects[role]
    for name, place in places(subject).items():
        expected = RolesAuthorizer().rights(subject, place)
        found = adapter.rights(subject, place, latest=True)
        assert found == expected, f"{role} {name}: {sorted(found ^ expected)}"


def test_it_compares_mostly_refusals(subjects: dict[Role, Subject]) -> None:
    answers = [
        permission in RolesAuthorizer().rights(subject, place)
        for subject in subjects.values()
        for place in places(subject).values()
        for permission in Permission
    ]
    assert len(answers) == 2_220
    assert answers.count(False) / len(answers) > 0.5


@pytest.mark.parametrize("role", list(Role))
def test_it_agrees_while_the_organization_is_suspended(
    role: Role, spice: Client, adapter: SpiceAuthorizer
) -> None:
    home = new_id()
    write(spice, touch(*organization(home, active=False)))
    subject = replace(enrol(spice, role, new_id(), home), org_active=False)
    if subject.org_id != home:
        return  # the platform itself is never suspended
    expected = RolesAuthorizer().rights(subject, Place(home))
    assert adapter.rights(subject, Place(home), latest=True) == expected


def test_it_gives_the_union_of_all_roles(spice: Client, adapter: SpiceAuthorizer) -> None:
    user = new_id()
    enrol(spice, Role.SUPPORT, user, HOME)
    enrol(spice, Role.FINANCE, user, HOME)
    subject = Subject(user, HOME, frozenset({"support", "finance_analyst"}))
    expected = RolesAuthorizer().rights(subject, Place(HOME))
    assert adapter.rights(subject, Place(HOME), latest=True) == expected


def test_it_gives_nothing_to_whom_it_does_not_know(adapter: SpiceAuthorizer) -> None:
    claiming = Subject(new_id(), HOME, frozenset({"org_admin", "superadmin"}))
    assert adapter.rights(claiming, Place(HOME)) == frozenset()


R_OBJECTS = {
    Permission.RESERVE_SET: ("claim", ["assigned"]),
    Permission.DISBURSEMENT_APPROVE: ("disbursement", ["ready"]),
    Permission.BORDEREAU_APPROVE: ("settlement", ["ready"]),
    Permission.SETTLEMENT_APPROVE: ("settlement", ["ready"]),
    Permission.SETTLEMENT_RELEASE: ("settlement", ["approved"]),
    Permission.OPS_APPROVE: ("deploy_request", ["ready"]),
    Permission.OPS_DEPLOY: ("deploy_request", ["approved"]),
}


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(Role, R_OBJECTS)))
def test_it_gives_relation_cells_on_the_object_only(
    role: Role,
    permission: Permission,
    subjects: dict[Role, Subject],
    spice: Client,
    adapter: SpiceAuthorizer,
) -> None:
    subject, key = subjects[role], new_id()
    kind, relations = R_OBJECTS[permission]
    target = Target(kind, key, Place(HOME if kind != "deploy_request" else subject.org_id))
    assert not adapter.check(subject, permission, target), "an object nobody wrote"
    parent = ("database", "database", key) if kind == "deploy_request" else None
    if parent:
        write(spice, touch(Tuple("database", key, "platform", "platform", "main")))
        write(spice, touch(Tuple(kind, key, "database", "database", key)))
    else:
        write(spice, touch(Tuple(kind, key, "org", "organization", HOME)))
    assert not adapter.check(subject, permission, target), "without the relation"
    for relation in relations:
        whom = subject.user_id if relation == "assigned" else "*"
        write(spice, touch(Tuple(kind, key, relation, "user", whom)))
    given = cell(role, permission) is Cell.RELATION
    with entered(OrgScope(HOME, subject.user_id)):
        assert adapter.check(subject, permission, target) is given


@pytest.mark.parametrize("author_first", [True, False])
def test_it_never_lets_the_requester_approve(
    author_first: bool, subjects: dict[Role, Subject], spice: Client, adapter: SpiceAuthorizer
) -> None:
    requester, key = subjects[Role.FINANCE], new_id()
    other = enrol(spice, Role.FINANCE, new_id(), HOME)
    target = Target("disbursement", key, Place(HOME))
    both = [
        Tuple("disbursement", key, "requester", "user", requester.user_id),
        Tuple("disbursement", key, "ready", "user", "*"),
    ]
    write(spice, touch(Tuple("disbursement", key, "org", "organization", HOME)))
    write(spice, touch(*(both if author_first else reversed(both))))
    assert not adapter.check(requester, "disbursement.approve", target)
    assert adapter.check(other, "disbursement.approve", target)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.ORG_ADMIN])
def test_it_wants_three_people_for_a_settlement(
    role: Role, subjects: dict[Role, Subject], spice: Client, adapter: SpiceAuthorizer
) -> None:
    author, approver, third = (enrol(spice, role, new_id(), HOME) for _ in range(3))
    key = new_id()
    target = Target("settlement", key, Place(HOME))
    write(
        spice,
        touch(
            Tuple("settlement", key, "org", "organization", HOME),
            Tuple("settlement", key, "author", "user", author.user_id),
            Tuple("settlement", key, "ready", "user", "*"),
        ),
    )
    assert [adapter.check(who, "settlement.approve", target) for who in (author, approver)] == [
        False,
        True,
    ]
    write(
        spice,
        touch(
            Tuple("settlement", key, "approver", "user", approver.user_id),
            Tuple("settlement", key, "approved", "user", "*"),
        ),
    )
    answers = [adapter.check(w, "settlement.release", target) for w in (author, approver, third)]
    assert answers == [False, False, True]
    write(spice, delete(Tuple("settlement", key, "approved", "user", "*")))
    assert not adapter.check(third, "settlement.release", target), "an edit takes approval away"
