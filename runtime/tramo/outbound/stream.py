"""Sockets for protocols other than HTTP: the same door, the same checks, the same pinning."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import Final

from tramo.outbound.address import Address, AddressPolicy
from tramo.outbound.failure import AddressRefused, reason_of
from tramo.outbound.resolver import Resolver, find_addresses
from tramo.outbound.url import HOST_NAME
from tramo.ports.http import NotSent

CONNECT_S: Final = 20.0


async def open_socket(
    host: str,
    port: int,
    *,
    resolver: Resolver,
    policy: AddressPolicy,
    timeout_s: float = CONNECT_S,
) -> socket.socket:
    """Return a connected, non-blocking socket; raises AddressRefused, or NotSent."""
    name = host.strip("[]").lower()
    if ":" not in name and HOST_NAME.match(name) is None:
        raise AddressRefused(f"“{host[:100]}” is not a host name.")
    if not 0 < port < 65_536:
        raise AddressRefused(f"{port} is not a port.")
    reason = "nobody answered"
    try:
        async with asyncio.timeout(timeout_s):
            for address in await find_addresses(name, resolver, policy):
                try:
                    return await _connect(name, address, port, policy)
                except OSError as error:
                    reason = reason_of(error)
    except TimeoutError:
        reason = f"nobody answered within {timeout_s:g} s"
    raise NotSent(f"{host} could not be reached at port {port}: {reason}.")


async def _connect(host: str, address: Address, port: int, policy: AddressPolicy) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, (str(address), port))
        if not policy.allows(host, ip_address(opened.getpeername()[0])):
            raise OSError("the connection led to another address")
    except BaseException:
        opened.close()
        raise
    return opened
