"""A connection: one stored, named, tested account at a vendor. Its secrets are not here."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Target = Literal["live", "twin"]


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of a connection. The secrets stay sealed in the vault."""

    id: str
    name: str
    connector: str
    target: Target = "live"
    state: Literal["untested", "ok", "refused"] = "untested"
    account: str | None = None
    tested_at: int | None = None
    address: str | None = None
    """The unguessable part of its webhook address."""
    public: dict[str, Any] = {}
    secret_fields: tuple[str, ...] = ()
