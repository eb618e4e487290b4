"""How a connector declares the data it takes and gives: typed Structs from which forms, schemas and
checks follow."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta


class Params(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The params of an action or trigger. `run` sees resolved, validated values."""


class Output(msgspec.Struct, kw_only=True):
    """What an action hands to the nodes behind it."""


class Credential(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The shape of a vendor account. Fields of type `Secret` are sealed and never shown again."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


def hint(**words: Any) -> Meta:
    """Tell the editor more about a field: `widget`, `choices`, `personal`, `advanced`, `secret`."""
    return Meta(extra_json_schema={"x-tramo": words})


def Choices(name: str) -> Meta:  # noqa: N802 - reads as a type in annotations
    """Offer the values of the connector's choice function `name` in the form."""
    return hint(choices=name)


def Personal(kind: str) -> Meta:  # noqa: N802 - reads as a type in annotations
    """Mark a person's data, such as `email` or `name`; views and logs mask it."""
    return hint(personal=kind)


Secret = Annotated[
    str,
    Meta(
        min_length=1,
        extra_json_schema={"format": "password", "x-tramo": {"secret": True, "widget": "secret"}},
    ),
]
LongText = Annotated[str, hint(widget="long_text")]
Money = Annotated[Decimal, hint(widget="money")]
Html = Annotated[str, hint(widget="code", language="html")]
Duration = Annotated[int, hint(widget="duration")]


def secret_fields(credential: type[Credential]) -> frozenset[str]:
    """Return the names of the fields that must be sealed."""
    properties = resolve_schema(json_schema(credential)).get("properties", {})
    return frozenset(name for name, schema in properties.items() if _is_secret(schema))


def _is_secret(schema: dict[str, Any]) -> bool:
    """Tell whether a field, or one of the types it may have (`Secret | None`), is a secret."""
    if schema.get("x-tramo", {}).get("secret"):
        return True
    return any(_is_secret(branch) for branch in schema.get("anyOf", []))


def json_schema(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type."""
    return msgspec.json.schema(kind)


def resolve_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a top-level `$ref` into `$defs`."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    return schema.get("$defs", {}).get(reference.rsplit("/", 1)[-1], {})
