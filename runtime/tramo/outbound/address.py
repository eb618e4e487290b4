"""Which network addresses may be reached: the public internet, and what the operator has listed.

Judges parsed addresses, never their spelling. It resolves nothing and opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from tramo.outbound.failure import AddressRefused

Address = IPv4Address | IPv6Address

# The registries of special-purpose addresses (IANA; RFC 6890 and its updates). Kept here, because
# what Python counts as global differs between its releases.
_SPECIAL_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "168.63.129.16/32",  # public in form; inside Azure it is the host's own service
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_GLOBAL_6: Final = IPv6Network("2000::/3")
_SPECIAL_6: Final = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
)
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")

_NUMBER: Final = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")
_CANONICAL_4: Final = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})\Z")


@lru_cache(1_024)
def is_global(address: Address) -> bool:
    """Tell whether an address lies in the public internet, seen through its IPv6 disguises."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    if address.scope_id is not None:
        return False
    if address in _MAPPED or address in _NAT64:
        return is_global(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _GLOBAL_6 and not any(address in network for network in _SPECIAL_6)


def literal_address(host: str) -> Address | None:
    """Return the address that a URL's host spells, None for a name.

    Raises AddressRefused for spellings that only hide an address: decimal, octal, hexadecimal or
    shortened numbers, and IPv6 zones.
    """
    if ":" in host:
        try:
            address = ip_address(host)
        except ValueError:
            raise AddressRefused(f"“{host}” is not an address.") from None
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            raise AddressRefused(f"“{host}” names a network zone; leave the % part out.")
        return address
    # As in the URL standard: a host whose last label is a number is an IPv4 address, or nothing.
    if _NUMBER.match(host.rstrip(".").rpartition(".")[2]) is None:
        return None
    if _CANONICAL_4.match(host) is not None:
        try:
            return IPv4Address(host)
        except ValueError:
            pass
    raise AddressRefused(f"“{host}” is not an address; write four numbers, such as 203.0.113.7.")


class AddressPolicy:
    """Decides whether a host at an address may be reached.

    `private_hosts` is the operator's list: host names, addresses and networks (`10.0.0.0/8`) that
    may be reached although they are not public.
    """

    def __init__(self, private_hosts: Iterable[str] = ()) -> None:
        names: set[str] = set()
        networks: list[IPv4Network | IPv6Network] = []
        for entry in private_hosts:
            try:
                networks.append(ip_network(entry.strip().strip("[]"), strict=False))
            except ValueError:
                names.add(entry.strip().rstrip(".").lower())
        self._names = frozenset(names)
        self._networks = tuple(networks)

    def allows(self, host: str, address: Address) -> bool:
        """Tell whether `address`, found under the name `host`, may be reached."""
        name = host.rstrip(".").lower()
        if name in self._names:
            return True
        plain = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        if any(plain in network for network in self._networks):
            return True
        return not _is_local_name(name) and is_global(address)

    def check(self, host: str, addresses: Sequence[Address]) -> None:
        """Raise AddressRefused unless every address of the host may be reached."""
        for address in addresses:
            if not self.allows(host, address):
                raise AddressRefused(
                    f"“{host}” is at {address}, which is not a public address. If it is yours, the"
                    " operator can list it in TRAMO_PRIVATE_HOSTS."
                )


def _is_local_name(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")
