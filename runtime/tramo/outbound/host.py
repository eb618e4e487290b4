"""Where a connection may reach: the hosts its connector names, filled in from its public fields.

A secret goes to these hosts and to no others. A field fills its own slot and can do nothing else:
`evil.example/` in `{shop}.myshopify.com` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from tramo.outbound.address import literal_address
from tramo.outbound.failure import AddressRefused, BadAddress
from tramo.outbound.url import HOST_NAME, Url, read_url
from tramo.sdk import BadParams, Definition

_SLOT: Final = re.compile(r"\{(\w+)\}")
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")
_PORT: Final = re.compile(r"[0-9]{1,5}\Z")


class Reach(msgspec.Struct, frozen=True):
    """What one connection may reach. `anywhere` is for connectors that are bound to no vendor."""

    base: Url | None = None
    hosts: tuple[str, ...] = ()
    anywhere: bool = False

    def allows_host(self, host: str) -> bool:
        """Tell whether a socket to this host may be opened."""
        name = host.rstrip(".").lower()
        if self.anywhere or (self.base is not None and name == self.base.host.rstrip(".")):
            return True
        return listed(self.hosts, name)

    def allows(self, url: Url) -> bool:
        """Tell whether a request may go there: the base's own origin, or a listed host by https."""
        if self.anywhere or (self.base is not None and url.origin == self.base.origin):
            return True
        return url.scheme == "https" and url.port == 443 and self.allows_host(url.host)


def listed(hosts: Iterable[str], name: str) -> bool:
    """Tell whether a host is one of those named; `*.x` names those right below `x`."""
    return any(_matches(entry, name) for entry in hosts)


def reach_of(definition: Definition, public: Mapping[str, Any]) -> Reach:
    """Return where a connection with these public fields may reach.

    Raises BadParams that names the field whose value does not fit its place.
    """
    if definition.base_url is None and not definition.hosts:
        return Reach(anywhere=True)
    base = None if definition.base_url is None else _base(definition.base_url, public)
    return Reach(base=base, hosts=tuple(_host(entry, public) for entry in definition.hosts))


def _base(template: str, public: Mapping[str, Any]) -> Url:
    lead = _SLOT.match(template)
    if lead is not None:  # the field holds the address itself: a shop on its owner's server
        name = lead[1]
        base = str(_field(public, name)).rstrip("/")
        if "?" in base or "#" in base:
            raise _unfit(name, "must be an address without ? and #")
        text = base + _path(template[lead.end() :] or "/", public)
    else:
        scheme, _, rest = template.partition("://")
        authority, slash, path = rest.partition("/")
        host, colon, port = authority.partition(":")
        text = f"{scheme}://{_host(host, public)}"
        if colon:
            text += ":" + _fill(port, public, _PORT, "must be a port number")
        text += slash + _path(path, public)
    try:
        return read_url(text)
    except (BadAddress, AddressRefused) as error:
        raise BadParams(f"The connection's address cannot be used: {error}") from None


def _host(template: str, public: Mapping[str, Any]) -> str:
    if not _SLOT.search(template):
        return template.lower()
    whole = _SLOT.fullmatch(template)
    if whole is None:
        return _fill(template, public, _LABEL, "may hold letters, digits and hyphens only").lower()
    host = str(_field(public, whole[1])).rstrip(".").lower()
    try:
        if literal_address(host) is not None or HOST_NAME.match(host):
            return host
    except AddressRefused:
        pass
    raise _unfit(whole[1], "must be a host name, such as mail.example.com")


def _path(template: str, public: Mapping[str, Any]) -> str:
    def slot(match: re.Match[str]) -> str:
        value = str(_field(public, match[1]))
        if value in (".", ".."):
            raise _unfit(match[1], "must not be made of dots")
        return quote(value, safe="")

    return _SLOT.sub(slot, template)


def _fill(template: str, public: Mapping[str, Any], form: re.Pattern[str], rule: str) -> str:
    def slot(match: re.Match[str]) -> str:
        value = str(_field(public, match[1]))
        if form.match(value) is None:
            raise _unfit(match[1], rule)
        return value

    return _SLOT.sub(slot, template)


def _field(public: Mapping[str, Any], name: str) -> Any:
    value = public.get(name)
    if value is None or value == "":
        raise _unfit(name, "is missing")
    return value


def _unfit(name: str, rule: str) -> BadParams:
    return BadParams(
        f"The connection's field “{name}” {rule}; correct it in the connection.",
        code="connection.field",
        details={"field": name},
        params={"field": name},
    )


def _matches(entry: str, host: str) -> bool:
    if entry.startswith("*."):
        return host.partition(".")[2] == entry[2:]
    return host == entry
