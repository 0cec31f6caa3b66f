"""Where keys are stored: one indexed statement per column, and what a hit shows of its object."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from openinsure.billing.models import BillingAccount, Invoice, Payment
from openinsure.claims.masking import masked_name
from openinsure.claims.models import Claim, Claimant, ClaimVehicle, Disbursement
from openinsure.console import links
from openinsure.keyspaces.sealing import keyed_hash
from openinsure.orgs.models import Producer
from openinsure.pages import find_keys as keys
from openinsure.pages.find_keys import Typed
from openinsure.policies.models import Certificate, Insured, Policy, PolicyVehicle
from openinsure.submissions.models import MotorCarrier, Quote, QuoteVehicle, Submission
from openinsure.tenancy.scope import Scope

GROUP_ROWS = 10
HIGHEST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One group of hits: who may see it, and the columns of number, title and status."""

    name: str
    label: str
    permission: str
    model: type[Any]
    number: str
    title: str
    status: str
    page: str = ""
    page_key: str = "number"
    claim: str = ""  # the column naming the claim from which a viewer may be recused

    @property
    def keyspace(self) -> str:
        """Alias of the rows."""
        return str(self.model._meta.app_label)

    def href(self, number: str, key: str) -> str:
        """The page of one object; "" if it has none."""
        return links.url_or_blank(self.page, number if self.page_key == "number" else key)


KINDS = {
    kind.name: kind
    for kind in (
        Kind(name="policy", label="Policies", permission="policy.view", model=Policy,
             number="policy_number", title="insured_name", status="status",
             page="policies.detail"),
        Kind(name="insured", label="Insureds", permission="policy.view", model=Insured,
             number="usdot_number", title="legal_name", status="status",
             page="insureds.detail", page_key="id"),
        Kind(name="claim", label="Claims", permission="claim.view", model=Claim,
             number="claim_number", title="insured_name", status="status", page="claims.detail",
             claim="id"),
        Kind(name="invoice", label="Invoices", permission="billing.view", model=Invoice,
             number="invoice_number", title="policy_number", status="status",
             page="billing.invoice"),
        Kind(name="payment", label="Payments", permission="billing.view", model=Payment,
             number="payment_number", title="payer_name", status="status",
             page="billing.payment"),
        Kind(name="account", label="Billing accounts", permission="billing.view",
             model=BillingAccount, number="account_number", title="payer_name", status="status",
             page="billing.account"),
        Kind(name="disbursement", label="Disbursements", permission="claim.view",
             model=Disbursement, number="disbursement_number", title="payee_name",
             status="status", page="claims.disbursement", claim="claim_id"),
        Kind(name="submission", label="Submissions", permission="submission.view",
             model=Submission, number="submission_number", title="insured_name", status="status",
             page="submissions.detail"),
        Kind(name="quote", label="Quotes", permission="submission.view", model=Quote,
             number="quote_number", title="plan_code", status="status"),
        Kind(name="certificate", label="Certificates", permission="policy.view",
             model=Certificate, number="certificate_number", title="holder_name", status=""),
        Kind(name="producer", label="Producers", permission="org.view", model=Producer,
             number="code", title="agency_name", status="status", page="producers.detail"),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One column that a key may stand in. to: the column that holds the id of the hit's object.

    own: the object's own number, the one that opens it at once. prefix: beginnings count too.
    """

    kind: str
    model: type[Any]
    column: str
    key: Callable[[Typed], str | None]
    to: str = "id"
    own: bool = False
    prefix: bool = False
    via: str = ""

    @property
    def keyspace(self) -> str:
        """Alias of the column."""
        return str(self.model._meta.app_label)

    def ids(self, scope: Scope, key: str) -> list[tuple[str, bool]]:
        """Ids of at most GROUP_ROWS + 1 objects, whether each is exact. One statement."""
        rows = self.model.objects.within(scope)
        if self.prefix:
            span = {f"{self.column}__gte": key, f"{self.column}__lt": key + HIGHEST_CHARACTER}
            rows = rows.filter(**span).order_by(self.column, "id")
        else:
            rows = rows.filter(**{self.column: self._stored(scope, key)})
        found = rows.values_list(self.to, self.column)[: GROUP_ROWS + 1]
        return [(key_of, not self.prefix or value == key) for key_of, value in found if key_of]

    def _stored(self, scope: Scope, key: str) -> str:
        return keyed_hash(scope.org_id, key) if self.column == "fein_hash" else key


def _own(kind: str, key: Callable[[Typed], str | None]) -> Source:
    of = KINDS[kind]
    return Source(kind=kind, model=of.model, column=of.number, key=key, own=True, prefix=True)


def _at(
    kind: str,
    model: type[Any],
    column: str,
    key: Callable[[Typed], str | None],
    via: str,
    to: str = "id",
) -> Source:
    return Source(kind=kind, model=model, column=column, key=key, via=via, to=to)


def _named(kind: str, model: type[Any], column: str, to: str = "id") -> Source:
    return Source(kind=kind, model=model, column=column, key=keys.name, prefix=True, to=to)


SOURCES: tuple[Source, ...] = (
    _own("policy", keys.policy_number),
    _own("claim", keys.claim_number),
    _own("invoice", keys.invoice_number),
    _own("payment", keys.payment_number),
    _own("account", keys.account_number),
    _own("disbursement", keys.disbursement_number),
    _own("submission", keys.submission_number),
    _own("quote", keys.quote_number),
    _own("certificate", keys.certificate_number),
    _at("claim", Claim, "policy_number", keys.policy_number, "policy number"),
    _at("account", BillingAccount, "policy_number", keys.policy_number, "policy number"),
    _at("invoice", Invoice, "policy_number", keys.policy_number, "policy number"),
    _at("policy", PolicyVehicle, "vin", keys.vin, "VIN", to="policy_id"),
    _at("policy", PolicyVehicle, "vin_last6", keys.vin_last6, "VIN", to="policy_id"),
    _at("policy", PolicyVehicle, "plate", keys.plate, "plate", to="policy_id"),
    _at("claim", ClaimVehicle, "vin", keys.vin, "VIN", to="claim_id"),
    _at("claim", ClaimVehicle, "plate", keys.plate, "plate", to="claim_id"),
    _at("quote", QuoteVehicle, "vin", keys.vin, "VIN", to="quote_id"),
    _at("policy", Policy, "usdot_number", keys.usdot, "DOT number"),
    _at("insured", Insured, "usdot_number", keys.usdot, "DOT number"),
    _at("insured", MotorCarrier, "usdot_number", keys.usdot, "DOT number", to="insured_id"),
    _at("submission", Submission, "usdot_number", keys.usdot, "DOT number"),
    _at("insured", Insured, "mc_number", keys.mc_number, "MC number"),
    _at("insured", MotorCarrier, "mc_number", keys.mc_number, "MC number", to="insured_id"),
    _at("insured", Insured, "phone_digits", keys.phone, "phone"),
    _at("claim", Claimant, "phone_digits", keys.phone, "phone", to="claim_id"),
    _at("insured", Insured, "email", keys.email, "e-mail"),
    _at("insured", Insured, "fein_last4", keys.fein_last4, "FEIN"),
    _at("insured", Insured, "fein_hash", keys.fein, "FEIN"),
    _at("disbursement", Disbursement, "check_number", keys.check_number, "check"),
    _at("payment", Payment, "check_number", keys.check_number, "check"),
    _at("payment", Payment, "processor_ref", keys.reference, "reference"),
    _named("insured", Insured, "name_norm"),
    _named("claim", Claim, "insured_name_norm"),
    _named("claim", Claimant, "name_norm", to="claim_id"),
    _named("submission", Submission, "insured_name_norm"),
    _named("disbursement", Disbursement, "payee_name_norm"),
    _named("producer", Producer, "name_norm"),
    *(_at(name, kind.model, "id", keys.uuid, "id") for name, kind in KINDS.items()),
)


def shown(
    scope: Scope, kind: Kind, ids: Iterable[str], hidden: frozenset[str] = frozenset()
) -> dict[str, tuple[str, str, str]]:
    """Number, title and status of these ids, by id; foreign ids are absent. One statement.

    hidden: claims from which the viewer is recused; they and their payments do not exist then.
    """
    columns = [name or "id" for name in (kind.number, kind.title, kind.status, kind.claim)]
    rows = kind.model.objects.within(scope).filter(id__in=list(ids)).values_list("id", *columns)
    return {
        key: (number or "", _title(kind, title), status if kind.status else "active")
        for key, number, title, status, claim in rows
        if not (kind.claim and claim in hidden)
    }


def _title(kind: Kind, title: str | None) -> str:
    """Payees are masked here as on their own list."""
    return masked_name(title) if kind.name == "disbursement" else title or ""
