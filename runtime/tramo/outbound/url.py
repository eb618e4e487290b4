"""Reads the address of a request strictly: one spelling, one meaning, nothing hidden in it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

import msgspec

from tramo.outbound.address import literal_address
from tramo.outbound.failure import BadAddress

DEFAULT_PORT: Final = {"http": 80, "https": 443}

_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?\Z")
# What may stand in a path or query; the rest is percent-encoded, what is already encoded stays.
_KEEP: Final = "!$&'()*+,;=:@/?%-._~[]"


class Url(msgspec.Struct, frozen=True):
    """An address taken apart. `target` is path and query, encoded, as it goes down the line."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host.rstrip("."), self.port

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORT[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


@lru_cache(256)  # A request has its own read at every hand that it passes through.
def read_url(text: str) -> Url:
    """Return the parts of an absolute http(s) address; raises BadAddress or AddressRefused."""
    if _UNSAFE.search(text):
        raise BadAddress("The address holds a space, a backslash or a control character.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadAddress(f"The address cannot be read: {error}.") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORT:
        raise BadAddress("An address must begin with https:// or http://.")
    if "@" in parts.netloc:
        raise BadAddress("An address must not hold a user name or password; use a connection.")
    host = _read_host(parts.hostname or "")
    if ("[" in parts.netloc) != (":" in host):
        raise BadAddress("Only an IPv6 address stands in brackets.")
    if port == 0:
        raise BadAddress("0 is not a port.")
    target = quote(parts.path or "/", safe=_KEEP)
    if parts.query:
        target += "?" + quote(parts.query, safe=_KEEP)
    return Url(scheme, host, port or DEFAULT_PORT[scheme], target)


def join_url(base: Url, location: str) -> Url:
    """Return the address that a redirect or a relative path leads to."""
    if _UNSAFE.search(location):
        raise BadAddress("The address holds a space, a backslash or a control character.")
    try:
        return read_url(urljoin(str(base), location))
    except ValueError as error:
        raise BadAddress(f"The address cannot be read: {error}.") from None


def _read_host(host: str) -> str:
    """Return the host in lower-case ASCII, refusing what is neither a name nor an address."""
    if not host:
        raise BadAddress("The address names no host.")
    if not host.isascii():
        try:
            # Also folds look-alikes, such as full-width digits, before they are judged.
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise BadAddress(f"“{host}” is not a host name.") from None
    host = host.lower()
    if literal_address(host) is None and HOST_NAME.match(host) is None:
        raise BadAddress(f"“{host}” is not a host name.")
    return host
