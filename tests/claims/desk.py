"""An adjuster at a desk: a claim of theirs, and the forms to work it with."""

from __future__ import annotations

from typing import Any

from django.test import Client

from openinsure.audit.models import AuditLog
from openinsure.claims import models
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.claims import made

WHY = "Estimate of the body shop came in."


def signed_in(scope: Scope, role: str) -> tuple[Client, str]:
    """A script of a new person, and the person's id."""
    who = people.account(scope.org_id, role)
    token = people._signed(who.user_id, scope.org_id, role, who.email)
    client = Client(headers={"authorization": f"Bearer {token}", "accept": "application/json"})
    return client, who.user_id


class Desk:
    """An adjuster with a claim, an exposure and authority for 50,000.00."""

    def __init__(self, scope: Scope, **given: Any) -> None:
        self.scope = scope
        self.client, self.user_id = signed_in(scope, "adjuster")
        self.adjuster = made.adjuster(scope, user_id=self.user_id)
        self.claim = made.claim(scope, adjuster_id=self.adjuster.id, **given)
        self.exposure = made.exposure(scope, self.claim)
        made.authority(scope, self.adjuster)

    @property
    def path(self) -> str:
        return f"/claims/{self.claim.claim_number}"

    def form(self, noun: str, client: Client | None = None) -> dict[str, str]:
        """Form id and version, as the form page gives them."""
        row = (client or self.client).get(f"{self.path}/{noun}").json()["row"]
        lock = {} if row["lock"] is None else {"lock": str(row["lock"])}
        return {"form_id": row["form_id"], **lock}

    def post(self, noun: str, **fields: str) -> Any:
        return self.client.post(f"{self.path}/{noun}", {**self.form(noun), **fields})

    def reserve(self, amount: str, **fields: str) -> Any:
        given = {
            "exposure": self.exposure.id, "cost_type": "indemnity", "amount": amount,
            "reason_code": "initial", "rationale": WHY,
        }  # fmt: skip
        return self.post("reserves", **(given | fields))

    def ask(self, amount: str) -> Any:
        return self.post(
            "disbursements", exposure=self.exposure.id, claimant=self.exposure.claimant_id,
            cost_type="indemnity", amount=amount, method="check",
        )  # fmt: skip

    def fresh(self) -> models.Claim:
        with entered(self.scope):
            row: models.Claim = models.Claim.objects.within(self.scope).get(id=self.claim.id)
        return row

    def events(self) -> list[models.ClaimEvent]:
        with entered(self.scope):
            rows = models.ClaimEvent.objects.within(self.scope).filter(claim_id=self.claim.id)
            return list(rows.order_by("seq"))


def payload_of(event: models.ClaimEvent) -> dict[str, Any]:
    """What the event tells billing."""
    assert event.payload is not None
    return dict(event.payload)


def actions(scope: Scope) -> list[str]:
    with entered(scope):
        rows = AuditLog.objects.within(scope).exclude(action__contains="permission")
        return list(rows.order_by("seq").values_list("action", flat=True))
