"""The connection to SpiceDB: one channel per process, made after the fork; deadlines; one retry.

Measured (engines.md 3): without a deadline a black hole takes 20 s, and a refused port is reported
at once for as long as gRPC backs off, so the back-off is short. A status is never a refusal: only
`permissionship` is. Whatever goes wrong becomes AuthorizationAway without the server's text.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
from authzed.api.v1.permission_service_pb2_grpc import PermissionsServiceStub
from authzed.api.v1.schema_service_pb2_grpc import SchemaServiceStub
from django.conf import settings

from openinsure import environment
from openinsure.authz.breaker import Breaker
from openinsure.authz.port import AuthorizationAway
from openinsure.environment import ConfigurationError

log = logging.getLogger(__name__)
DEADLINE_S, IN_ALL_S = 0.25, 0.6  # one attempt; the attempt, its retry and what lies between
WRITE_DEADLINE_S = 5.0  # a call of 1,000 updates takes 0.92 s
TLS = "grpcs://"
OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 30_000),
)
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server is. address: host:port, with `grpcs://` before it for TLS."""

    address: str
    token: str

    @classmethod
    def configured(cls) -> Endpoint:
        """From the settings. Raises ConfigurationError naming the variable."""
        if not settings.SPICEDB_ENDPOINT:
            raise ConfigurationError("SPICEDB_ENDPOINT", "must be host:port of the SpiceDB server")
        if not settings.SPICEDB_TOKEN:
            raise ConfigurationError("SPICEDB_TOKEN", "must be the server's preshared key")
        plain = not settings.SPICEDB_ENDPOINT.startswith(TLS)
        if plain and environment.name() != "local":
            raise ConfigurationError("SPICEDB_ENDPOINT", f"must start with {TLS} outside local")
        return cls(settings.SPICEDB_ENDPOINT, settings.SPICEDB_TOKEN)


class Client:
    """Calls of one server. `calls` counts round trips, for the suite and for /ops."""

    def __init__(
        self,
        endpoint: Endpoint,
        breaker: Breaker | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self.endpoint = endpoint
        self.deadline_s, self.in_all_s = deadline_s, max(IN_ALL_S, deadline_s)
        self.breaker = breaker or Breaker()
        self.calls = 0
        self._channel: Any = None
        self._pid = 0
        self._lock = threading.Lock()

    def ask(
        self, method: Callable[[Any], Any], request: Any, patience_s: float | None = None
    ) -> Any:
        """A reading call: deadline_s, one retry within in_all_s. Raises AuthorizationAway.

        patience_s: of a report, for the call and again for its retry.
        """
        deadline_s = patience_s or self.deadline_s
        in_all_s = 2 * patience_s + deadline_s / 2 if patience_s else self.in_all_s
        if not self.breaker.admits():
            raise AuthorizationAway("breaker is open")
        begun = time.monotonic()
        try:
            return self._once(method, request, deadline_s)
        except AuthorizationAway as first:
            left = in_all_s - (time.monotonic() - begun)
            if not first.passing or left < deadline_s:
                raise
            return self._once(method, request, deadline_s)

    def tell(
        self, method: Callable[[Any], Any], request: Any, deadline_s: float = WRITE_DEADLINE_S
    ) -> Any:
        """A write, or a call of an operator: its own deadline, no retry, all are idempotent."""
        if not self.breaker.admits():
            raise AuthorizationAway("breaker is open")
        return self._once(method, request, deadline_s)

    def _once(self, method: Callable[[Any], Any], request: Any, deadline_s: float) -> Any:
        self.calls += 1
        try:
            answer = method(self.channel())(
                request,
                timeout=deadline_s,
                wait_for_ready=True,
                metadata=(("authorization", f"Bearer {self.endpoint.token}"),),
            )
        except grpc.RpcError as error:
            status = error.code()
            self.breaker.failed()
            log.warning("SpiceDB did not answer", extra={"status": status.name})
            raise AuthorizationAway(status.name, passing=status in PASSING) from None
        self.breaker.worked()
        return answer

    def channel(self) -> Any:
        """The channel of this process: one inherited by fork is left alone, never used."""
        if self._pid != os.getpid():
            with self._lock:
                if self._pid != os.getpid():
                    self._channel, self._pid = self._opened(), os.getpid()
        return self._channel

    def close(self) -> None:
        """Give the connection back; the next call opens a new one."""
        with self._lock:
            if self._channel is not None and self._pid == os.getpid():
                self._channel.close()
            self._channel, self._pid = None, 0

    def _opened(self) -> Any:
        address = self.endpoint.address
        if address.startswith(TLS):
            credentials = grpc.ssl_channel_credentials()
            return grpc.secure_channel(address.removeprefix(TLS), credentials, options=OPTIONS)
        return grpc.insecure_channel(address, options=OPTIONS)


def check_bulk(channel: Any) -> Any:
    """PermissionsService.CheckBulkPermissions."""
    return PermissionsServiceStub(channel).CheckBulkPermissions


def write_relationships(channel: Any) -> Any:
    """PermissionsService.WriteRelationships."""
    return PermissionsServiceStub(channel).WriteRelationships


def read_relationships(channel: Any) -> Any:
    """PermissionsService.ReadRelationships, drained within the call's deadline."""
    method = PermissionsServiceStub(channel).ReadRelationships
    return lambda request, **options: list(method(request, **options))


def diff_schema(channel: Any) -> Any:
    """SchemaService.DiffSchema."""
    stub: Any = SchemaServiceStub(channel)  # the type stubs of authzed know no DiffSchema
    return stub.DiffSchema


def write_schema(channel: Any) -> Any:
    """SchemaService.WriteSchema."""
    return SchemaServiceStub(channel).WriteSchema


_clients: dict[Endpoint, Client] = {}
_making = threading.Lock()


def client() -> Client:
    """The client of the configured server. Raises ConfigurationError."""
    endpoint = Endpoint.configured()
    with _making:
        return _clients.setdefault(endpoint, Client(endpoint))
