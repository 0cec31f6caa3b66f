"""Who acts on the command line, and the collector as beat starts it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

import pytest
from django.utils import timezone

from dbops import persons
from dbops.cli import operator as operators
from dbops.models import StoredReading
from openinsure.audit.models import AuditLog
from openinsure.problems import Forbidden, NeedsSignIn, NotFound
from openinsure.settings.cron import HOUSEKEEPING
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import OrgScope, Scope, entered
from tests import people

pytestmark = pytest.mark.django_db(databases=["default", "oi_global"])


def acting(permission: str = "ops.migrate", **who: str) -> Any:
    given = {"token": "", "email": "", **who}
    return persons.acting(permission=permission, now=timezone.now(), **given)


def test_it_knows_an_operator_by_e_mail_and_by_token() -> None:
    account = people.account("", "db_operator")
    assert acting(email=account.email).user_id == account.user_id
    assert acting(token=people.token("", "db_operator")).role == "db_operator"


def test_it_refuses_whoever_may_not(acme: Scope) -> None:
    with pytest.raises(Forbidden, match=r"ops\.migrate, which support lacks"):
        acting(email=people.account(acme.org_id, "support").email)
    with pytest.raises(NotFound):
        acting(email="nobody@people.test")
    with pytest.raises(NeedsSignIn):
        acting(token="not.a.token")


def test_it_writes_who_did_what() -> None:
    who = acting(email=people.account("", "db_operator").email)
    operators.Operator("x", who).record(
        "db.migrate.intent", now=timezone.now(), after={"forms": ["0001_a.sql"]}, about="forms"
    )
    scope = OrgScope(org_id=PLATFORM_ORG_ID, subject=who.user_id, request_id="test")
    with entered(scope):
        rows = AuditLog.objects.within(scope).filter(actor_user_id=who.user_id)
        assert rows.filter(action="db.migrate.intent").count() == 1


def test_it_takes_the_local_set_up_for_the_holder_of_the_migrator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MIGRATOR_URL", "mysql://a:b@127.0.0.1:1/")
    monkeypatch.delenv("OPENINSURE_TOKEN", raising=False)
    nobody = Namespace(token="", email="")
    found = operators.operator(nobody, "ops.migrate", now=timezone.now(), migrator=True)
    assert (found.name, found.who) == ("service:local-setup", None)
    with pytest.raises(NeedsSignIn):
        operators.operator(nobody, "ops.approve", now=timezone.now(), migrator=False)


def test_it_collects_when_beat_says_so() -> None:
    from openinsure.celery import app

    app.loader.import_default_modules()
    task = app.tasks["dbops.collect"]
    assert task.name in {trigger.task for trigger in HOUSEKEEPING}
    from openinsure.tenancy.jobs import HEADER, signed_header
    from openinsure.tenancy.scope import SystemScope

    signed = signed_header(SystemScope(PLATFORM_ORG_ID, "service:system"), task.name, {})
    task.apply(headers={HEADER: signed}, throw=True)
    stored = StoredReading.objects.filter(taken_by="beat")
    assert stored.values("slug").distinct().count() == 6
