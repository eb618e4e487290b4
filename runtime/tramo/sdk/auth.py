"""How a connector's requests are signed, as data. The outbound client does the signing."""

from __future__ import annotations

import msgspec


class Bearer(msgspec.Struct, frozen=True, tag=True):
    """`Authorization: Bearer <field>`."""

    field: str


class Header(msgspec.Struct, frozen=True, tag=True):
    """A header of the vendor's own that carries the credential field."""

    name: str
    field: str


class Basic(msgspec.Struct, frozen=True, tag=True):
    """`Authorization: Basic` of two credential fields."""

    user_field: str
    password_field: str


class NoAuth(msgspec.Struct, frozen=True, tag=True):
    """Requests carry no credential."""


Auth = Bearer | Header | Basic | NoAuth
