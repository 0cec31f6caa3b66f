"""Accounts of the journal and of the ledger, opened when an entry first needs them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, models, transaction

from openinsure.billing.chart import CHART, LEDGER_TYPES
from openinsure.billing.ledger_number import ledger_number
from openinsure.billing.models import GlAccount, LedgerAccount
from openinsure.billing.postings import LedgerKey
from openinsure.keyspaces.ids import new_id
from openinsure.ledger import ids
from openinsure.tenancy.scope import Scope


def gl_accounts(
    scope: Scope, codes: Iterable[str], *, currency: str, now: datetime
) -> dict[str, str]:
    """Code -> id. Opens what is missing from the chart. Raises KeyError for a code not in it."""
    wanted = {code: CHART[code] for code in sorted(set(codes))}
    found = _by_code(scope, wanted)
    for code in wanted.keys() - found.keys():
        row = wanted[code]
        _create(
            GlAccount(
                org_id=scope.org_id,
                id=new_id(),
                account_code=code,
                name=row.name,
                account_class=row.account_class,
                normal_side=row.side,
                fiduciary=row.fiduciary,
                tb_account_type=row.ledger or None,
                currency=currency,
                status="active",
                sort_order=int(code),
                created_at=now,
                updated_at=now,
            )
        )
    return found if len(found) == len(wanted) else _by_code(scope, wanted, locking=True)


def _by_code(scope: Scope, codes: Iterable[str], *, locking: bool = False) -> dict[str, str]:
    rows = GlAccount.objects.within(scope).filter(account_code__in=list(codes))
    if locking:  # the account may be newer than this transaction's snapshot
        rows = rows.select_for_update()
    return dict(rows.values_list("account_code", "id"))


def ledger_account(scope: Scope, key: LedgerKey, *, currency: str, now: datetime) -> str:
    """The id of the row of a ledger account; the relay opens the account itself.

    Raises KeyError for a type that does not exist.
    """
    found = _by_key(scope, key, currency)
    if found is not None:
        return found
    kind = LEDGER_TYPES[key.account_type, key.sub_purpose]
    _create(
        LedgerAccount(
            org_id=scope.org_id,
            id=new_id(),
            tb_account_id=ids.account_id(
                scope.org_id,
                key.account_type,
                key.entity_type,
                key.entity_id,
                key.sub_purpose,
                currency,
            ),
            account_type=key.account_type,
            entity_type=key.entity_type,
            entity_id=key.entity_id,
            sub_purpose=key.sub_purpose,
            ledger_code=ledger_number(scope),
            tb_code=kind.code,
            tb_flags=kind.flags,
            normal_side=kind.side,
            currency=currency,
            name=f"{key.entity_type}:{key.entity_id}:{key.account_type}",
            status="active",
            created_at=now,
            updated_at=now,
        )
    )
    opened = _by_key(scope, key, currency, locking=True)
    assert opened is not None
    return opened


def _by_key(scope: Scope, key: LedgerKey, currency: str, *, locking: bool = False) -> str | None:
    rows = LedgerAccount.objects.within(scope).filter(
        account_type=key.account_type,
        entity_type=key.entity_type,
        entity_id=key.entity_id,
        sub_purpose=key.sub_purpose,
        currency=currency,
    )
    if locking:
        rows = rows.select_for_update()
    found: str | None = rows.values_list("id", flat=True).first()
    return found


def _create(row: models.Model) -> None:
    """Insert, or leave it to whoever inserted the same meanwhile."""
    try:
        with transaction.atomic(using="oi_billing"):
            row.save(force_insert=True)
    except IntegrityError:
        return
