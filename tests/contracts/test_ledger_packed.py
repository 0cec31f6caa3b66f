"""Transfers packed at once lie in memory as the vendor's client packs them one by one."""

from __future__ import annotations

import ctypes
import random
import struct
from typing import Any

import pytest
import tigerbeetle as vendor
from tigerbeetle import bindings

from openinsure.ledger.port import U128_MAX, Transfer, TransferFlags
from openinsure.ledger.tigerbeetle_packed import RESULT, STATUS, TRANSFER, PackedClient, packed

WIDTHS = {
    "id": 128, "debit_account_id": 128, "credit_account_id": 128, "amount": 128,
    "pending_id": 128, "user_data_128": 128, "user_data_64": 64, "user_data_32": 32,
    "timeout": 32, "ledger": 32, "code": 16, "timestamp": 64,
}  # fmt: skip


def some(chance: random.Random) -> Transfer:
    """Numbers of all widths."""
    values = {name: chance.getrandbits(chance.randint(0, bits)) for name, bits in WIDTHS.items()}
    return Transfer(**values, flags=TransferFlags(chance.getrandbits(9)))


def test_it_packs_as_the_vendor_does() -> None:
    chance = random.Random(7)
    transfers = [some(chance) for _ in range(500)]
    transfers.append(Transfer(**{name: 2**bits - 1 for name, bits in WIDTHS.items()}))
    assert packed(transfers) == b"".join(
        bytes(bindings.CTransfer.from_param(one)) for one in transfers
    )


@pytest.mark.parametrize(("name", "bits"), WIDTHS.items())
def test_it_refuses_a_number_that_does_not_fit(name: str, bits: int) -> None:
    with pytest.raises((OverflowError, struct.error)):
        packed([Transfer(**{"id": 1, name: 2**bits})])


class Submitted(PackedClient):
    """Answers without a server what the vendor's library would lay out."""

    def __init__(self, told: list[tuple[int, int]]) -> None:
        self.told, self.sent = told, b""

    def _submit(self, operation: Any, events: Any, event_type: Any, result_type: Any) -> Any:
        block = (event_type * len(events))(*map(event_type.from_param, events))
        self.sent = bytes(block)
        answers = (bindings.CCreateTransferResult * len(self.told))(
            *(bindings.CCreateTransferResult(timestamp=at, status=it) for at, it in self.told)
        )
        read = ctypes.cast(answers, ctypes.POINTER(result_type))
        size = ctypes.sizeof(answers) // ctypes.sizeof(result_type)
        return [one.to_python() for one in read[0:size]]


def test_it_reads_answers_as_the_vendor_lays_them_out() -> None:
    told = [(number + 1, int(one)) for number, one in enumerate(vendor.CreateTransferStatus)]
    client = Submitted(told)
    transfers = [Transfer(id=U128_MAX - number) for number in range(len(told))]
    found = client.create_transfers(transfers)
    assert [(one.timestamp, one.status) for one in found] == [(at, STATUS[it]) for at, it in told]
    assert client.sent == packed(transfers)


def test_its_records_have_the_vendors_sizes() -> None:
    assert TRANSFER.size == ctypes.sizeof(bindings.CTransfer)
    assert RESULT.size == ctypes.sizeof(bindings.CCreateTransferResult)
