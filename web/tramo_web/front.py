"""How this server is reached: which hosts are ours, which origin our pages have, which cookie."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

import msgspec
from tramo.app.setting import Settings

LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """The server as it is seen from outside."""

    host: str = "127.0.0.1"
    public_url: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Front:
        return cls(host=settings.host, public_url=settings.public_url)

    @property
    def is_loopback(self) -> bool:
        """Tell whether only this machine can connect."""
        return is_loopback(self.host)

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers reach us by TLS."""
        return self.public_url is not None and self.public_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The session cookie's name; `__Host-` binds it to this host and TLS."""
        return "__Host-tramo" if self.is_secure else "tramo_session"

    @property
    def public_host(self) -> str | None:
        return urlsplit(self.public_url).hostname if self.public_url else None

    @property
    def public_origin(self) -> str | None:
        """Our pages' origin as a browser spells it."""
        if not self.public_url:
            return None
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower()

    def knows_host(self, host: str) -> bool:
        """Tell whether a Host header names us.

        A page of a stranger can have its name resolve to our address, but cannot spell the
        address: an unknown name is refused, an address is not, once others may connect at all.
        """
        name = host_name(host)
        if name is None:
            return False
        if name == self.public_host:
            return True
        if self.is_loopback:
            return name in LOOPBACK_NAMES
        return name in LOOPBACK_NAMES or name == self.host or _is_address(name)

    def knows_origin(self, origin: str, host: str) -> bool:
        """Tell whether an Origin header is that of our own pages, for a request to `host`."""
        said = origin.lower()
        if said == self.public_origin:
            return True
        return said in (f"http://{host.lower()}", f"https://{host.lower()}")


def host_name(host: str) -> str | None:
    """Return the name or address in a Host header, without its port; None if it is malformed."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return None
    return parts.hostname.rstrip(".") if parts.hostname else None


def is_loopback(host: str) -> bool:
    """Tell whether an address or name to listen on is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
