"""From which address somebody asks, where proxies of ours stand between."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from sanic.request import Request


def visitor_address(request: Request) -> str:
    """Return the address of who asks; `X-Forwarded-For` is believed only where a proxy of ours wrote it."""
    return nearest_stranger(request.ip, request.headers.getall("X-Forwarded-For", []))


def nearest_stranger(peer: str, forwarded: list[str]) -> str:
    """Return the last address on the way that is no proxy of ours; what stands before it anybody can write."""
    hops = [part.strip() for line in forwarded for part in line.split(",")]
    nearest = peer
    for hop in [peer, *reversed(hops)]:
        if not _is_address(hop):
            break
        nearest = hop
        if not _is_ours(hop):
            break
    return nearest


def _is_address(hop: str) -> bool:
    try:
        ip_address(hop)
    except ValueError:
        return False
    return True


def _is_ours(hop: str) -> bool:
    address = ip_address(hop)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in settings.HELPLINE_PROXIES)
