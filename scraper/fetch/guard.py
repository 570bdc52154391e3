"""The SSRF guard: which network addresses may be dialled. It sees each address right before the connect.

Names are judged by all their answers, and each socket once more when it is made, so a name whose second
answer is private (rebinding) does not get past either.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Protocol

from scraper.fetch.limits import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA special-purpose registries (RFC 6890 and its heirs). 6to4, Teredo and IPv4-compatible addresses are
# refused whole: no news lives there, and each can carry a private IPv4 address.
_REFUSED = {
    "private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7",
    "loopback": "127.0.0.0/8 ::1/128",
    "link-local": "169.254.0.0/16 fe80::/10",
    "site-local": "fec0::/10",
    "this network": "0.0.0.0/8",
    "carrier-grade NAT": "100.64.0.0/10",
    "multicast": "224.0.0.0/4 ff00::/8",
    "documentation": "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20",
    "protocol assignments": "192.0.0.0/24 2001::/23",
    "benchmarking": "198.18.0.0/15",
    "reserved": "240.0.0.0/4",
    "6to4": "192.88.99.0/24 2002::/16",
    "IPv4-compatible": "::/96",
    "local NAT64": "64:ff9b:1::/48",
    "discard": "100::/64",
    "segment routing": "5f00::/16",
}
_TABLE = tuple((ipaddress.ip_network(network), why) for why, named in _REFUSED.items() for network in named.split())
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class GuardError(OSError):
    """This address is not for us to dial. An OSError, so that the connect machinery hands it through."""


def why_refused(address: str, allowed: Sequence[Network] = ()) -> str:
    """Why this IP address must not be dialled, or an empty string when it may be."""
    try:
        ip = _unwrapped(ipaddress.ip_address(address.split("%")[0]))
    except ValueError:
        return "no IP address"
    if any(ip in network for network in allowed if network.version == ip.version):
        return ""
    named = next((why for network, why in _TABLE if network.version == ip.version and ip in network), "")
    return named or ("" if ip.is_global else "not a public address")


def _unwrapped(ip: Address) -> Address:
    """The IPv4 address that really gets the packets of a mapped or NAT64 one."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


class Resolver(Protocol):
    """What the guard needs of a resolver; aiohttp's own ones fit."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_UNSPEC) -> list[Any]: ...

    async def close(self) -> None: ...


class SystemResolver:
    """getaddrinfo in a thread."""

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_UNSPEC) -> list[Any]:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        return [
            {"hostname": host, "host": info[4][0], "port": port, "family": info[0], "proto": info[2], "flags": 0}
            for info in infos
        ]

    async def close(self) -> None:
        return


class Guard:
    """A resolver and a maker of sockets that both refuse what is not public."""

    def __init__(self, allowed: Sequence[Network] = (), resolver: Resolver | None = None) -> None:
        self._allowed = tuple(allowed)
        self._resolver = resolver or SystemResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_UNSPEC) -> list[Any]:
        """All answers for a name. Raises GuardError when one of them is not public, OSError when there are none."""
        answers = await self._resolver.resolve(host, port, family)
        for answer in answers:
            self._check(answer["host"], host)
        return answers

    def socket(self, info: tuple[Any, Any, Any, Any, tuple[Any, ...]]) -> socket.socket:
        """A socket for an address about to be dialled; IP literals come this way without passing `resolve`."""
        family, kind, proto, _, address = info
        self._check(str(address[0]), str(address[0]))
        return socket.socket(family, kind, proto)

    async def close(self) -> None:
        await self._resolver.close()

    def _check(self, address: str, host: str) -> None:
        why = why_refused(address, self._allowed)
        if why:
            raise GuardError(f"{host} is at {address}: {why}" if host != address else f"{address}: {why}")
