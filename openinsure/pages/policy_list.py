"""/policies: terms of oi_policies, codes from oi_global, what is owed from the roll-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from openinsure.authz.decorators import allow
from openinsure.console.columns import Column
from openinsure.console.filters import OneOf, Option, Options
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.rendering import Source, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.orgs.codes import Coded, OrgCodes, org_codes
from openinsure.pages import standing
from openinsure.policies import queries
from openinsure.policies.filters import FILTERS, SEARCH, VIEWS, PolicyFilter
from openinsure.policies.rows import PolicyRow
from openinsure.problems import BadFilter
from openinsure.tenancy.listing import Count, Page
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One row as the page, JSON and CSV show it: codes instead of ids."""

    id: str
    number: str
    term: int
    status: str
    insured: str
    program: str | None
    producer: str | None
    carrier: str | None
    state: str
    effective: date
    expires: date
    premium_cents: int
    balance_cents: int | None
    claims: int | None
    currency: str
    updated: datetime


@dataclass(frozen=True, slots=True)
class PolicyPeek:
    """What the drawer shows of one term: its line, and what stands behind the codes."""

    line: PolicyLine
    program: Coded | None
    producer: Coded | None
    carrier: Coded | None


# Of such a term the number alone may open a later one.
PAST = frozenset({"renewed", "expired", "nonrenewed", "cancelled"})


def term_href(row: PolicyLine) -> str:
    """The address of this term; the plain number where that opens it anyway."""
    plain = row.term == 1 and row.status not in PAST
    return url("policies.detail", row.number, term=None if plain else row.term)


LIST = ListPage(
    name="policies.list",
    title="Policies",
    noun="policy",
    nouns="policies",
    columns=(
        Column(name="number", label="Policy", kind="code", sort="descending"),
        Column(name="insured", label="Insured", clip=True, sort="ascending"),
        Column(name="status", label="Status", kind="badge"),
        Column(name="program", label="Program", kind="code", narrow=False),
        Column(name="state", label="State", kind="code", shown=False),
        Column(name="effective", label="Effective", kind="day", sort="descending", narrow=False),
        Column(name="expires", label="Expires", kind="day", sort="ascending"),
        Column(name="premium_cents", label="Premium", kind="money", sort="descending"),
        Column(
            name="balance_cents",
            label="Balance",
            kind="money",
            narrow=False,
            help="As last read from billing",
        ),
        Column(
            name="claims",
            label="Claims",
            kind="count",
            narrow=False,
            help="Open claims, as last read",
        ),
        Column(name="term", label="Term", kind="count", shown=False),
        Column(name="producer", label="Producer", kind="code", shown=False),
        Column(name="carrier", label="Carrier", kind="code", shown=False, help="NAIC code"),
        Column(name="updated", label="Changed", kind="instant", sort="descending", shown=False),
        Column(name="currency", label="Currency", kind="code", shown=False),
    ),
    default_sort="-updated",
    filters=(
        *FILTERS,
        OneOf(
            "balance",
            "Balance",
            (
                Option("due", "Owes premium"),
                Option("past_due", "Past due"),
                Option("none", "Nothing due"),
            ),
        ),
        OneOf("claims", "Claims", (Option("open", "Has an open claim"),)),
    ),
    views=VIEWS,
    href=term_href,
    search=SEARCH,
    fixed_sort=frozenset({"balance", "claims"}),
    empty="A policy appears here once a quote is bound.",
)

# For who may not see billing: no column of dashes, and no filter that would tell what is owed.
WITHOUT_BALANCE = replace(
    LIST,
    columns=tuple(column for column in LIST.columns if column.name != "balance_cents"),
    filters=tuple(wanted for wanted in LIST.filters if "balance" not in wanted.parameters),
)


@require_GET
@allow("policy.view")
def policy_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's policy terms."""
    codes = org_codes(request.scope)
    sees_balance = "billing.view" in request.rights
    asked = ask(request, LIST if sees_balance else WITHOUT_BALANCE, options=options_of(codes))
    terms = Terms(request.scope, codes, timezone.now().date(), sees_balance)
    source = Source(
        read=terms.read,
        count=terms.count,
        peek=terms.peek,
        peek_template="policies/_peek.html",
    )
    return render_list(request, asked, source)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rows of one request."""

    scope: Scope
    codes: OrgCodes
    today: date
    sees_balance: bool

    def read(self, asked: Ask) -> Page[PolicyLine]:
        """One page: a statement on oi_policies, with balance or claims one on the roll-up too."""
        by_standing = standing_of(asked)
        wanted = self._filter(asked)
        if by_standing:
            found = standing.list_by_standing(
                self.scope, by_standing, wanted, at=asked.at, size=asked.size
            )
            return self._lines(found)
        page = queries.list_policies(
            self.scope,
            wanted,
            sort=asked.sort,
            descending=asked.descending,
            at=asked.at,
            size=asked.size,
        )
        return self._lines(page)

    def count(self, asked: Ask) -> Count:
        """How many there are, counted to 1,000. One statement."""
        by_standing = standing_of(asked)
        if by_standing:
            return standing.count_by_standing(self.scope, by_standing)
        return queries.count_policies(self.scope, self._filter(asked), sort=asked.sort)

    def peek(self, policy_id: str) -> PolicyPeek:
        """One row for the drawer. Raises NotFound."""
        row = queries.get_row(self.scope, policy_id)
        return PolicyPeek(
            line=self._line(row, standing.standings(self.scope, [policy_id])),
            program=self.codes.programs.get(row.program_id),
            producer=self.codes.producers.get(row.producer_id),
            carrier=self.codes.carriers.get(row.carrier_id),
        )

    def _filter(self, asked: Ask) -> PolicyFilter:
        return PolicyFilter.of(
            asked,
            program_ids=ids_of(self.codes.programs, asked.many("program")),
            producer_ids=ids_of(self.codes.producers, asked.many("producer")),
            today=self.today,
        )

    def _lines(self, page: Page[PolicyRow]) -> Page[PolicyLine]:
        found = standing.standings(self.scope, [row.id for row in page.rows])
        rows = tuple(self._line(row, found) for row in page.rows)
        ages = [one.read_at for one in found.values()]
        read_at = page.read_at or min(ages, default=None)
        return Page(rows, page.next, page.previous, page.searched_to, read_at)

    def _line(self, row: PolicyRow, found: Mapping[str, standing.StandingRow]) -> PolicyLine:
        stands = found.get(row.id)
        return PolicyLine(
            id=row.id,
            number=row.number,
            term=row.term,
            status=row.status,
            insured=row.insured,
            program=code_of(self.codes.programs, row.program_id),
            producer=code_of(self.codes.producers, row.producer_id),
            carrier=code_of(self.codes.carriers, row.carrier_id),
            state=row.state,
            effective=row.effective,
            expires=row.expires,
            premium_cents=row.premium_cents,
            balance_cents=stands.balance_cents if stands and self.sees_balance else None,
            claims=stands.open_claims if stands else None,
            currency=row.currency,
            updated=row.updated,
        )


def options_of(codes: OrgCodes) -> Options:
    """The offers of the filters that depend on the organisation."""
    return {"program": _options(codes.programs), "producer": _options(codes.producers)}


def standing_of(asked: Ask) -> standing.Wanted | None:
    """The filter that the roll-up answers. Raises BadFilter for two of them: each has its order."""
    balance, claims = asked.one("balance"), asked.one("claims")
    if balance and claims:
        raise BadFilter("claims", rule="cannot be combined with balance")
    if balance:
        return standing.BALANCES[balance]
    return standing.CLAIMS[claims] if claims else None


def ids_of(known: Mapping[str, Coded], codes: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of codes, which `ask` has checked to be known."""
    return tuple(key for key, coded in known.items() if coded.code in codes)


def code_of(known: Mapping[str, Coded], key: str) -> str | None:
    """The code of an id; None while a new one is not read yet."""
    coded = known.get(key)
    return coded.code if coded else None


def _options(known: Mapping[str, Coded]) -> tuple[Option, ...]:
    made = (Option(coded.code, f"{coded.code} {coded.name}") for coded in known.values())
    return tuple(sorted(made, key=lambda option: option.value))
