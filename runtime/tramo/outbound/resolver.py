"""From a host to the addresses that may be connected to: one question, every answer judged."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address
from typing import Protocol

from tramo.outbound.address import Address, AddressPolicy, literal_address
from tramo.outbound.failure import reason_of
from tramo.ports.http import NotSent


class Resolver(Protocol):
    async def resolve(self, host: str) -> list[Address]:
        """Return the addresses of a name; raises OSError when there are none."""
        ...


class SystemResolver:
    """Asks the operating system."""

    async def resolve(self, host: str) -> list[Address]:
        loop = asyncio.get_running_loop()
        answers = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return [ip_address(address[0]) for *_, address in answers]


async def find_addresses(host: str, resolver: Resolver, policy: AddressPolicy) -> list[Address]:
    """Return where a host is, if every one of its addresses may be reached.

    A name is resolved once; whoever calls connects to these addresses and asks no second time.
    Raises AddressRefused, and NotSent when the name leads nowhere.
    """
    literal = literal_address(host)
    if literal is not None:
        policy.check(host, [literal])
        return [literal]
    try:
        addresses = list(dict.fromkeys(await resolver.resolve(host)))
    except (OSError, ValueError) as error:
        raise NotSent(f"The name “{host}” could not be resolved: {reason_of(error)}.") from None
    if not addresses:
        raise NotSent(f"The name “{host}” has no address.")
    policy.check(host, addresses)
    return addresses
