"""The two ledgers. The real one is asked where TIGERBEETLE_ADDRESSES names a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from openinsure import environment
from openinsure.ledger.embedded import EmbeddedLedger
from openinsure.ledger.port import Adapter

NO_SERVER = "TIGERBEETLE_ADDRESSES is not set: the real ledger server is not asked"


@pytest.fixture(params=["embedded", "tigerbeetle"])
def adapter(request: pytest.FixtureRequest) -> Iterator[Adapter]:
    """Each adapter in turn."""
    if request.param == "embedded":
        request.getfixturevalue("db")
        yield EmbeddedLedger()
        return
    addresses = environment.optional("TIGERBEETLE_ADDRESSES")
    if not addresses:
        pytest.skip(NO_SERVER)
    from openinsure.ledger.tigerbeetle import TigerBeetleLedger

    ledger = TigerBeetleLedger(addresses, int(environment.optional("TIGERBEETLE_CLUSTER", "0")))
    yield ledger
    ledger.close()
