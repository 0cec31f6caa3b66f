"""`openinsure jobs` and `openinsure ledger` with wrong words, and without a person who may."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db.utils import InterfaceError, OperationalError, ProgrammingError

from openinsure.audit.models import AuditLog
from openinsure.jobs import cli, commanding, ledger_cli
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import embedded
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered
from tests import people
from tests.billing import posting

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)
OUT = pytest.CaptureFixture[str]


@pytest.fixture
def org(acme: Scope) -> Scope:
    posting.organization(acme)
    return acme


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "action"),
        (["nonsense"], "nonsense"),
        (["run"], "needs the name of a job"),
        (["list", "health-rollup"], "list takes no name"),
        (["list", "--timeout", "abc"], "'abc' is not a number of seconds above 0"),
        (["list", "--timeout", "-1"], "above 0"),
        (["run", "health-rollup", "--date", "yesterday"], "'yesterday' is not a day like"),
        (["run", "health-rollup", "--date", "2026-13-40"], "'2026-13-40' is not a day like"),
        (["run", "health-rollup", "--org", "nope"], "'nope' is not the canonical id"),
    ],
)
def test_wrong_words_of_jobs_are_usage(words: list[str], said: str, capsys: OUT) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["jobs", *words])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "nonsense"),
        (["balances"], "balances needs --org"),
        (["balances", "--org", "nope"], "'nope' is not the canonical id"),
        (["health", "--timeout", "0"], "above 0"),
    ],
)
def test_wrong_words_of_the_ledger_are_usage(words: list[str], said: str, capsys: OUT) -> None:
    with pytest.raises(SystemExit) as left:
        ledger_cli.main(["ledger", *words])
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_a_job_runs_for_an_operator_only(org: Scope, capsys: OUT) -> None:
    run = ["jobs", "run", "reconciliation-nonsense"]
    assert cli.main(run) == 3
    assert "there are earned-premium" in capsys.readouterr().err
    run = ["jobs", "run", "health-rollup", "--date", "2026-11-17"]
    assert cli.main(run) == 4
    assert "No identity" in capsys.readouterr().err
    assert cli.main([*run, "--as", people.account(org.org_id, "org_admin").email]) == 4
    assert cli.main([*run, "--as", "nobody@people.test"]) in (3, 4)
    assert cli.main([*run, "--token", "junk"]) == 4
    operator = people.account(org.org_id, "db_operator").email
    assert cli.main([*run, "--as", operator, "--org", org.org_id]) == 2
    assert cli.main(["jobs", "run", "earned-premium", "--as", operator, "--org", new_id()]) == 3
    for job, day in (("fl-dhsmv-export", "2026-11-15"), ("health-rollup", "2126-11-15")):
        assert cli.main(["jobs", "run", job, "--date", day, "--as", operator]) == 2
        assert "must be a past time at which it is due" in capsys.readouterr().err
    assert cli.main([*run, "--as", operator, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["status"]
    with entered(SystemScope(PLATFORM_ORG_ID, "service:test")) as platform:
        row = AuditLog.objects.within(platform).filter(action="job.requested").latest("seq")
    assert (row.actor_role, row.after_json["object"]) == ("db_operator", "health-rollup")


def test_a_time_is_read_in_its_own_zone() -> None:
    due = datetime(2026, 11, 20, 5, tzinfo=UTC)
    for text in ("2026-11-20T05:00", "2026-11-20T05:00Z", "2026-11-20T07:00+02:00"):
        assert cli._due(text) == due


def test_a_ledger_is_compared_by_who_may_there(org: Scope, capsys: OUT) -> None:
    elsewhere = people.account(new_id(), "finance_analyst").email
    for verb, role, code in (
        ("reconcile", "support", 4), ("replay", "underwriter", 4), ("replay", "db_operator", 0),
    ):  # fmt: skip
        person = people.account(org.org_id, role).email
        assert ledger_cli.main(["ledger", verb, "--org", org.org_id, "--as", person]) == code
        assert ledger_cli.main(["ledger", verb, "--org", org.org_id, "--as", elsewhere]) == 4
    assert "Traceback" not in capsys.readouterr().err
    with entered(org):
        rows = AuditLog.objects.within(org).filter(action__startswith="ledger.replayed")
        done = list(rows.order_by("seq").values_list("action", "actor_role"))
    assert done == [("ledger.replayed.intent", "db_operator"), ("ledger.replayed", "db_operator")]


REFUSALS = [
    (OperationalError(1054, "Unknown column 'x.kind' in 'SELECT'"), 1, "Unknown column 'x.kind'"),
    (ProgrammingError(1146, "Table 'oi_billing.x' doesn't exist"), 1, "a migration is pending"),
    (OperationalError(2002, "Can't connect to server"), 5, "the databases do not answer"),
    (InterfaceError("connection already closed"), 5, "the databases do not answer"),
    (OperationalError(1205, "Lock wait timeout exceeded"), 5, "1205: Lock wait timeout exceeded"),
]


@pytest.mark.parametrize(("error", "code", "said"), REFUSALS)
def test_it_says_what_the_database_refused(
    error: Exception, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: OUT
) -> None:
    def refused(**_: object) -> int:
        raise error

    monkeypatch.setattr(ledger_cli, "_health", refused)
    monkeypatch.setattr(cli, "_list", refused)
    for main, verb in ((ledger_cli.main, ["ledger", "health"]), (cli.main, ["jobs", "list"])):
        assert main(verb) == code
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1


@pytest.mark.parametrize("json_wanted", [True, False])
def test_it_says_in_one_sentence_that_the_ledger_is_away(
    json_wanted: bool, monkeypatch: pytest.MonkeyPatch, capsys: OUT
) -> None:
    class Locked:
        def cursor(self) -> None:
            raise OperationalError(4151, "Access denied, this account is locked")

    monkeypatch.setattr(embedded, "connections", {embedded.ALIAS: Locked()})
    assert ledger_cli.main(["ledger", "health", *(["--json"] if json_wanted else [])]) == 5
    out, err = capsys.readouterr()
    told = (
        "the embedded ledger does not answer (database error 4151): the journal goes on,"
        " transfers wait"
    )
    assert err == f"openinsure ledger: {told}\n"
    wanted = {"error": "ledger_away", "message": told, "state": "unreachable"}
    assert (json.loads(out) if json_wanted else out) == (wanted if json_wanted else "")


def test_it_hides_no_bug_behind_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(**_: object) -> int:
        raise ProgrammingError(1064, "You have an error in your SQL syntax")

    monkeypatch.setattr(ledger_cli, "_health", wrong)
    with pytest.raises(ProgrammingError):
        ledger_cli.main(["ledger", "health"])


def test_a_command_starts_tasks_at_the_console_s_own_broker() -> None:
    asked = (
        "from dbops.cli import main; main.setup_django(); from celery import current_app;"
        "print(current_app.main, current_app.conf.broker_url)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["openinsure", settings.REDIS_URL]


def test_it_gives_up_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch, capsys: OUT) -> None:
    def slow(**_: object) -> int:
        raise commanding.TookTooLong

    monkeypatch.setattr(ledger_cli, "_health", slow)
    assert ledger_cli.main(["ledger", "health", "--timeout", "0.5", "--no-color"]) == 5
    assert capsys.readouterr().err == "openinsure ledger: no answer in time\n"
    with pytest.raises(commanding.TookTooLong), commanding.within(0.01):
        signal.pause()
