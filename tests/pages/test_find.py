"""/find: every kind of key, one organisation, its groups by permission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone

from openinsure.billing.models import BillingAccount
from openinsure.keyspaces import pools
from openinsure.keyspaces.ids import new_id
from openinsure.pages import find_sources, find_stored, find_words
from openinsure.pages.find_keys import Typed
from openinsure.pages.models import SearchToken, StoredSearch
from openinsure.policies.models import Insured
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people

ALL = ["default", "oi_global", "oi_policies", "oi_submissions", "oi_claims", "oi_billing"]
pytestmark = pytest.mark.django_db(databases=ALL)


@pytest.fixture(autouse=True)
def _closed_breakers() -> None:
    pools.reset()


@pytest.fixture
def desk(db: None, acme: Scope) -> Client:
    """A script of acme's support."""
    return people.bearer(acme.org_id, "support")


def rows(client: Client, text: str) -> list[dict[str, Any]]:
    answer = client.get("/find", {"q": text})
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def test_it_finds_a_policy_by_any_spelling_of_its_number(desk: Client, acme: Scope) -> None:
    policy = factories.policy(acme, policy_number="ACM-2026-000123")
    factories.policy(acme, policy_number="ACM-2026-000124")
    for text in ("ACM-2026-000123", " acm-2026-000123 ", "acm2026000123", "ACM 2026 000123"):
        (hit,) = rows(desk, text)
        assert (hit["kind"], hit["id"], hit["exact"]) == ("policy", policy.id, True)
        assert set(hit) >= {"kind", "id", "number", "title", "status"}
    assert [hit["exact"] for hit in rows(desk, "ACM-2026-00012")] == [False, False]


def test_it_finds_an_insured_by_each_key(desk: Client, acme: Scope) -> None:
    row = factories.insured(acme)
    with entered(acme):
        find_words.take_up(acme)
    for text in (
        "2345678", "DOT 2345678", "765432", "MC-765432", "(813) 555-0142", "+1 813 555 0142",
        "OFFICE@redrock.test", "4417", "12-3454417", "red rock", "flatbed red", "Rock Flat",
        row.id,
    ):  # fmt: skip
        found = [hit for hit in rows(desk, text) if hit["kind"] == "insured"]
        assert [hit["id"] for hit in found] == [row.id], text


def test_it_finds_policies_by_vehicle_and_by_insured(desk: Client, acme: Scope) -> None:
    haulier = factories.insured(acme)
    policy = factories.policy(acme, insured_id=haulier.id)
    factories.vehicle(acme, policy, plate="FL1234A")
    for text in ("1FUJGLDR9CSBP8834", "1fujgldr9csbp8834", "BP8834", "fl-1234a", "red rock"):
        assert policy.id in [hit["id"] for hit in rows(desk, text)], text


def test_it_never_shows_another_organisation(desk: Client, acme: Scope, borealis: Scope) -> None:
    theirs = factories.insured(borealis)
    policy = factories.policy(borealis, policy_number="BOR-2026-000001", insured_id=theirs.id)
    factories.vehicle(borealis, policy)
    with entered(borealis):
        find_words.take_up(borealis)
    for text in ("BOR-2026-000001", "1FUJGLDR9CSBP8834", "red rock", "2345678", policy.id,
                 theirs.id, "office@redrock.test", "8135550142"):  # fmt: skip
        foreign = desk.get("/find", {"q": text}).json()
        assert foreign["rows"] == [], text
        assert foreign["org"] == acme.org_id


def test_it_leaves_out_groups_without_their_permission(desk: Client, acme: Scope) -> None:
    policy = factories.policy(acme, policy_number="ACM-2026-000123")
    factories.made(
        acme,
        BillingAccount,
        {
            "id": new_id(),
            "account_number": "ACC-ACM-000001",
            "insured_id": policy.insured_id,
            "insured_name_norm": policy.insured_name_norm,
            "policy_id": policy.id,
            "policy_number": policy.policy_number,
            "bill_type": "direct",
            "payer_name": policy.insured_name,
            "plan_code": "PIF",
            "status": "active",
            "currency": "USD",
        },
    )
    adjuster = people.bearer(acme.org_id, "adjuster")
    kinds = [[hit["kind"] for hit in rows(who, "ACM-2026-000123")] for who in (desk, adjuster)]
    assert kinds == [["policy", "account"], ["policy"]]


def test_it_opens_one_exact_number_only_when_asked(acme_support: Client, acme: Scope) -> None:
    policy = factories.policy(acme, policy_number="ACM-2026-000123")
    factories.vehicle(acme, policy)
    answer = acme_support.get("/find?q=ACM-2026-000123&go=1")
    assert (answer.status_code, answer["Location"]) == (302, "/policies/ACM-2026-000123")
    assert acme_support.get("/find?q=ACM-2026-000123").status_code == 200
    assert acme_support.get("/find?q=ACM-2026-0001&go=1").status_code == 200
    listed = acme_support.get("/find?q=1FUJGLDR9CSBP8834&go=1").content.decode()
    assert 'data-hit="policy"' in listed
    assert f'data-id="{policy.id}"' in listed
    recents = acme_support.get("/find/recents", headers={"accept": "application/json"}).json()
    assert [row["number"] for row in recents["rows"]] == ["ACM-2026-000123"]


def test_it_keeps_personal_text_out_of_the_address(acme_support: Client, acme: Scope) -> None:
    row = factories.insured(acme)
    answer = acme_support.post("/find/searches", {"q": "office@redrock.test"})
    assert answer.status_code == 303
    assert "redrock" not in answer["Location"]
    page = acme_support.get(answer["Location"]).content.decode()
    assert row.id in page
    plain = acme_support.post("/find/searches", {"q": "ACM-2026-000001"})
    assert plain["Location"] == "/find?q=ACM-2026-000001&go=1"
    assert acme_support.post("/find/searches", {"q": "  "}).status_code == 422


def test_it_reads_no_stored_search_of_another_organisation(
    acme_support: Client, borealis: Scope, acme: Scope
) -> None:
    with entered(borealis):
        token = find_stored.store(borealis, None, "jane doe", now=timezone.now())
    foreign = acme_support.get(f"/find?t={token}")
    unknown = acme_support.get(f"/find?t={new_id()}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    with entered(borealis):
        later = timezone.now() + timedelta(days=31)
        assert find_stored.forget(borealis, now=later) == 1
        assert not StoredSearch.objects.within(borealis).exists()


def test_it_names_the_database_that_is_silent(
    desk: Client, acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = factories.policy(acme, policy_number="ACM-2026-000123")
    read = find_sources.Source.ids

    def claims_are_away(source: Any, scope: Scope, key: str) -> Any:
        if source.keyspace == "oi_claims":
            raise OperationalError(2003, "away")
        return read(source, scope, key)

    monkeypatch.setattr(find_sources.Source, "ids", claims_are_away)
    body = desk.get("/find", {"q": "ACM-2026-000123"}).json()
    assert [hit["id"] for hit in body["rows"]] == [policy.id]
    assert body["silent"] == ["Claims"]


@pytest.mark.parametrize(
    "query", ["x=1", "q=a&q=b", "go=2&q=a", "t=nonsense", "t=&q=a", "q=" + "a" * 121, "q=%00a"]
)
def test_it_refuses_what_it_cannot_read(desk: Client, query: str) -> None:
    assert desk.get(f"/find?{query}").status_code == 400


@pytest.mark.parametrize(
    "text",
    ["%", "' or 1=1 --", "\u202e", "ＡＣＭ-2026-000123", "(((((", "0", "-1", "🚚 truck",
     "a b c d e f g", "<script>alert(1)</script>", "\\", "_%_", "1" * 120],
)  # fmt: skip
def test_it_survives_any_text(desk: Client, acme_support: Client, text: str) -> None:
    for answer in (desk.get("/find", {"q": text}), acme_support.get("/find", {"q": text})):
        assert answer.status_code in (200, 400)
        assert b"<script>alert" not in answer.content


def test_it_takes_up_changed_names_again(acme: Scope) -> None:
    row = factories.insured(acme)
    with entered(acme):
        assert find_words.take_up(acme) == 1
        assert find_words.insureds_with(acme, ("rock",)) == [row.id]
        later = factories.EARLIEST + timedelta(seconds=30)
        Insured.objects.within(acme).update(legal_name="Blue Hill Co", updated_at=later)
        assert find_words.take_up(acme) == 1
        assert find_words.insureds_with(acme, ("rock",)) == []
        assert find_words.insureds_with(acme, ("hill", "blue")) == [row.id]
        assert SearchToken.objects.within(acme).count() == 3


def test_it_finds_a_begun_word_among_many_newer_names(acme: Scope) -> None:
    old = new_id()
    words = [("common", old, 0), ("zebra", old, 0)]
    words += [("common", new_id(), second) for second in range(1, 300)]
    with entered(acme):
        SearchToken.objects.bulk_create(
            SearchToken(
                org_id=acme.org_id,
                token=word,
                id=key,
                created_at=factories.EARLIEST + timedelta(seconds=second),
            )
            for word, key, second in words
        )
        assert find_words.insureds_with(acme, ("common", "ze")) == [old]
        assert find_words.insureds_with(acme, ("common", "zx")) == []
        assert len(find_words.insureds_with(acme, ("common",))) == find_words.FOUND_MAX


def test_it_knows_personal_text() -> None:
    for text in ("jane doe", "jane@x.test", "8135550142", "12-3456789", "smith"):
        assert Typed.of(text).personal, text
    for text in ("ACM-2026-000123", "1FUJGLDR9CSBP8834", "2345678", "4417"):
        assert not Typed.of(text).personal, text
