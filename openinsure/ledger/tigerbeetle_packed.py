"""The vendor's client with all transfers of a request packed at once.

The vendor makes seven objects of each transfer and one of each answer, which costs more than all
else a worker does with them.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

import tigerbeetle as vendor
from tigerbeetle import bindings

from openinsure.ledger.port import Transfer

# As bindings.CTransfer and CCreateTransferResult lie in memory; a test compares them.
TRANSFER = struct.Struct("<16s16s16s16s16s16sQIIIHHQ")
RESULT = struct.Struct("<QII")
BYTES = 16  # of a u128
STATUS = {int(one): one for one in vendor.CreateTransferStatus}


class PackedClient(vendor.ClientSync):
    """Answers as the vendor's, in the same words."""

    def create_transfers(self, transfers: Sequence[Any]) -> list[Any]:
        """One result an event. Raises what the vendor's client raises."""
        asked = _block(TRANSFER.size * len(transfers))
        (told,) = self._submit(
            bindings.Operation.CREATE_TRANSFERS,
            [asked.from_buffer_copy(packed(transfers))],
            asked,
            _block(RESULT.size * len(transfers)),
        )
        return [
            vendor.CreateTransferResult(timestamp=timestamp, status=STATUS[status])
            for timestamp, status, _ in RESULT.iter_unpack(told)
        ]


def packed(transfers: Sequence[Transfer]) -> bytes:
    """As the engine reads them. Raises struct.error, OverflowError: a number that does not fit."""
    pack = TRANSFER.pack
    return b"".join([
        pack(
            one.id.to_bytes(BYTES, "little"),
            one.debit_account_id.to_bytes(BYTES, "little"),
            one.credit_account_id.to_bytes(BYTES, "little"),
            one.amount.to_bytes(BYTES, "little"),
            one.pending_id.to_bytes(BYTES, "little"),
            one.user_data_128.to_bytes(BYTES, "little"),
            one.user_data_64, one.user_data_32, one.timeout,
            one.ledger, one.code, one.flags, one.timestamp,
        )
        for one in transfers
    ])  # fmt: skip


@cache
def _block(size: int) -> Any:
    """A structure of so many bytes, as the vendor's client wants events and results."""

    class Block(ctypes.Structure):
        _fields_ = (("whole", ctypes.c_uint8 * size),)

        @classmethod
        def from_param(cls, block: Any) -> Any:
            return block

        def to_python(self) -> bytes:
            return bytes(self)

    return Block
