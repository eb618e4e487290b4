"""E-mail addresses as people write them: `ana@example.com` or `Ana Torres <ana@example.com>`.

Stricter than the standards on purpose: quoted local parts, comments and groups are refused, and so
is every control character, because an address ends up in a command and in a header.
"""

from __future__ import annotations

import re
from email.headerregistry import Address
from typing import Final

from tramo import sdk

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_NAMED: Final = re.compile(r'\s*(?P<name>"[^"<>]*"|[^"<>,;]*?)\s*<(?P<address>[^<>]*)>\s*\Z')
_LOCAL: Final = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]{1,64}\Z")
_DOMAIN: Final = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\Z")


def refuse_control(text: str, place: str) -> str:
    """Return the text; raises BadParams when it could break out of its line."""
    if CONTROL.search(text):
        raise sdk.BadParams(
            f"{place} holds a line break or another control character; take it out.",
            code="email.control_character",
            details={"place": place},
        )
    return text


def read_address(text: str, place: str) -> Address:
    """Read one address. Raises BadParams that names `place`, such as `to[2]`."""
    refuse_control(text, place)
    named = _NAMED.match(text)
    name = named["name"].strip().strip('"').strip() if named else ""
    spec = (named["address"] if named else text).strip()
    local, at, domain = spec.rpartition("@")
    if not (at and _LOCAL.match(local)) or local.startswith(".") or local.endswith("."):
        raise _not_an_address(text, place)
    if ".." in local:
        raise _not_an_address(text, place)
    try:
        # A mail server knows the ASCII form of a domain only.
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise _not_an_address(text, place) from None
    if not _DOMAIN.match(ascii_domain) or len(ascii_domain) > 253:
        raise _not_an_address(text, place)
    return Address(display_name=name, username=local, domain=ascii_domain)


def _not_an_address(text: str, place: str) -> sdk.BadParams:
    cure = (
        "Give one address per entry."
        if "," in text or ";" in text
        else "Write it like ana@example.com or Ana Torres <ana@example.com>."
    )
    return sdk.BadParams(
        f"{place} is not an e-mail address. {cure}",
        code="email.address",
        details={"place": place},
    )
