"""The ledger of this process, by settings. Real clients live in workers, one a process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from openinsure.environment import integer, required
from openinsure.ledger.port import JOB_DEADLINE_MS, Adapter, OrgLedger
from openinsure.tenancy.scope import Scope


@cache
def adapter() -> Adapter:
    """The configured engine; made once, connected at the first call after a fork."""
    if settings.LEDGER_BACKEND == "embedded":
        from openinsure.ledger.embedded import EmbeddedLedger

        return EmbeddedLedger()
    from openinsure.ledger import tigerbeetle  # loads a native library

    return tigerbeetle.TigerBeetleLedger(
        required("TIGERBEETLE_ADDRESSES", "127.0.0.1:3000"),
        integer("TIGERBEETLE_CLUSTER", default=0, minimum=0, maximum=2**31),
        integer(
            "TIGERBEETLE_BATCH_MAX",
            default=tigerbeetle.DEVELOPMENT_BATCH,
            minimum=1,
            maximum=8_189,
        ),
    )


def ledger_of(scope: Scope, ledger_id: int, *, deadline_ms: int = JOB_DEADLINE_MS) -> OrgLedger:
    """The ledger as the scope's organisation may use it. ledger_id: organizations.tb_ledger_id."""
    return OrgLedger(scope, ledger_id, adapter(), deadline_ms)
