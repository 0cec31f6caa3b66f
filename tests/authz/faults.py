"""What stands between the console and SpiceDB in tests: a proxy that fails, a server that lies."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, Literal

import grpc
from authzed.api.v1 import (
    CheckBulkPermissionsPair,
    CheckBulkPermissionsResponse,
    CheckBulkPermissionsResponseItem,
)
from authzed.api.v1.permission_service_pb2_grpc import (
    PermissionsServiceServicer,
    add_PermissionsServiceServicer_to_server,
)

Mode = Literal["open", "hole", "slow"]
SLOW_S = 0.3


class Proxy:
    """TCP to the real server. `hole`: takes and never answers; `slow`: 300 ms each way in."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = (host, int(port))
        self.mode: Mode = "open"
        self._sockets: list[socket.socket] = []
        self._listener = self._listen(0)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def stop(self) -> None:
        """As a stopped server: the port refuses, connections are cut."""
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets.clear()

    def start(self) -> None:
        """Listen again on the same port."""
        self._listener = self._listen(int(self.address.rpartition(":")[2]))

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                for pair in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, inward: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                while self.mode == "hole":
                    time.sleep(0.02)
                if self.mode == "slow" and inward:
                    time.sleep(SLOW_S)
                sink.sendall(data)


class _Liar(PermissionsServiceServicer):
    def __init__(self, permissionship: int) -> None:
        self.permissionship = permissionship

    def CheckBulkPermissions(self, request: Any, context: Any) -> Any:  # noqa: N802
        item = CheckBulkPermissionsResponseItem(permissionship=self.permissionship)
        return CheckBulkPermissionsResponse(
            pairs=[CheckBulkPermissionsPair(request=one, item=item) for one in request.items]
        )


@contextmanager
def answering(permissionship: int) -> Iterator[str]:
    """A server whose every answer is this permissionship; its address."""
    server = grpc.server(ThreadPoolExecutor(2))
    add_PermissionsServiceServicer_to_server(_Liar(permissionship), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)
