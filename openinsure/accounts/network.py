"""Where a request comes from: the client's address and the network it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any


def client_ip(meta: Mapping[str, Any], proxy_count: int) -> str:
    """The address our outermost proxy saw; X-Forwarded-For counts only behind `proxy_count`.

    "" when the server gives no readable address (a Unix socket).
    """
    candidates = [str(meta.get("REMOTE_ADDR", ""))]
    if proxy_count:
        hops = str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        if len(hops) >= proxy_count:
            candidates.insert(0, hops[-proxy_count].strip())
    for candidate in candidates:
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return ""


def network_of(ip: str) -> str:
    """The /24 (IPv4) or /64 (IPv6) of an address: what one sign-in throttle counts together."""
    try:
        address = ip_address(ip)
    except ValueError:
        return "unknown"
    bits = 24 if isinstance(address, IPv4Address) else 64
    return str(ip_network(f"{address}/{bits}", strict=False))
