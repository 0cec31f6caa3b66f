"""/audit by what people call things: an object's number, a colleague's name."""

from __future__ import annotations

import pytest
from django.test import Client

from openinsure.orgs.staff import forget
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import SystemScope
from tests import factories, staff
from tests.audit.test_audit_page import add, admin, org, rows_of

__all__ = ["admin", "org"]  # fixtures


@pytest.mark.django_db(databases=["default", *KEYSPACES])
def test_it_finds_an_object_by_its_number_and_names_the_actor(
    admin: Client, org: SystemScope
) -> None:
    policy = factories.policy(org)
    person = staff.user(org, full_name="Ada Auditable")
    add(
        org, "policy.note_added", entity_table="policies", entity_id=policy.id,
        actor_user_id=person.id, object=policy.policy_number,
    )  # fmt: skip
    add(org, "policy.changed", entity_table="policies")
    forget(org.org_id)
    (row,) = rows_of(admin, f"object={policy.policy_number.lower()}")
    assert (row["action"], row["actor"]) == ("policy.note_added", "Ada Auditable")
    assert rows_of(admin, "object=ACM-1999-999999") == []
    page = admin.get(f"/audit?actor={person.id}&tool=actor").content.decode()
    assert f'<option value="{person.id}">Ada Auditable</option>' in page
    assert "<b>Ada Auditable</b>" in page
