"""Slows guessing down: after some free tries, each further one must wait twice as long.

It lives in memory and is bounded: a restart forgives, a flood of keys pushes out the oldest.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict

from tramo.app.password import slow_down
from tramo.ports.clock import Clock


class Throttle:
    """Counts tries by key. A try counts when it begins, so that many at once gain nothing."""

    def __init__(
        self,
        clock: Clock,
        *,
        free: int,
        longest_s: int = 900,
        forgive_s: int = 3600,
        capacity: int = 10_000,
    ) -> None:
        self._clock = clock
        self._free = free
        self._longest_s = longest_s
        self._forgive_s = forgive_s
        self._capacity = capacity
        self._tries: OrderedDict[str, tuple[int, float, float]] = OrderedDict()

    def admit(self, key: str) -> None:
        """Count a try; raises `session.slow_down` while the key must wait."""
        now = self._clock.monotonic_s()
        count, last, free_at = self._tries.get(key, (0, now, now))
        if now - last > self._forgive_s:
            count = 0
        if now < free_at:
            raise slow_down(math.ceil(free_at - now))
        count += 1
        pause_s = min(2.0 ** min(count - self._free, 30), self._longest_s)
        self._tries[key] = (count, now, now + pause_s if count >= self._free else now)
        self._tries.move_to_end(key)
        while len(self._tries) > self._capacity:
            self._tries.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget the tries of a key, because one of them was right."""
        self._tries.pop(key, None)


def neighbourhood(address: str) -> str:
    """Return what one household shares: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def region(address: str) -> str:
    """Return what may stand in a log of an address: the network around it, nobody's own."""
    try:
        found = ipaddress.ip_address(neighbourhood(address).partition("/")[0])
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 48 if found.version == 6 else 24), strict=False))
