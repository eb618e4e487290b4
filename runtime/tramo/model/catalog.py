"""The catalogue, as `GET /catalog` answers it: what there is to build with."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tramo.model.effect import Effect
from tramo.model.node_type import Kind, Port, Source


class CatalogNodeType(msgspec.Struct, frozen=True, kw_only=True):
    """A node type, with texts in the language asked for."""

    type: str
    v: int
    kind: Kind
    connector: str
    title: str
    summary: str
    category: str
    synonyms: list[str]
    icon: str
    """An address; pictures of built-in and installed connectors are data: addresses."""
    ports: list[Port]
    own_ports: str | None
    """A pointer to further ports that params name, with `*` for every element."""
    params_schema: dict[str, Any]
    output_schema: dict[str, Any] | None
    output_example: Any
    effect: Effect
    inline: bool
    costly: bool
    connection: Literal["none", "optional", "required"]
    source: Source | None
    choices: dict[str, str]
    """Param pointer -> name of the connector's choice list."""
    keys: list[str]
    """The kinds of business keys that a trigger's events carry."""
    available: bool
    reason: str | None
    """Why it is not available."""


class CatalogConnector(msgspec.Struct, frozen=True, kw_only=True):
    """A connector; one that could not be loaded is listed with its reason."""

    id: str
    title: str
    summary: str
    icon: str
    credential_schema: dict[str, Any] | None
    twin: bool
    available: bool
    reason: str | None
    version: str
    docs_url: str | None


class FilterExample(msgspec.Struct, frozen=True):
    """A filter at work."""

    source: str
    result: Any


class CatalogFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of the expression language."""

    name: str
    category: str
    summary: str
    signature: str
    examples: list[FilterExample]


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a flow can be built with here."""

    node_types: list[CatalogNodeType]
    connectors: list[CatalogConnector]
    filters: list[CatalogFilter]
