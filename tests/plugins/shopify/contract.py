"""The vendor's published contract, and what the twin's `contract.json` must hold of it."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from graphql import (
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_client_schema,
    get_named_type,
    parse,
    type_from_ast,
)
from tramo_shopify import (
    account,
    customer,
    fulfilment,
    inventory,
    order,
    price,
    refund,
    tag,
    trigger,
)
from tramo_shopify.graphql import Document

from tests.plugins.contract import contract_path

ROOT = Path(__file__).parents[3]
MODULES: list[ModuleType] = [
    account,
    customer,
    fulfilment,
    inventory,
    order,
    price,
    refund,
    tag,
    trigger,
]
SOURCE = (
    "Cut from the schema of Shopify's GraphQL Admin API 2026-07 as published in the npm package "
    "@shopify/dev-mcp 1.16.0, ISC, Shopify Inc."
)


def documents() -> dict[str, Document]:
    """Return every GraphQL document of the connector, by name."""
    found = [v for module in MODULES for v in vars(module).values() if isinstance(v, Document)]
    return {document.name: document for document in found}


@cache
def schema() -> GraphQLSchema:
    """Return the published schema, its scalars as strict as their descriptions say."""
    with gzip.open(contract_path("shopify", "admin_2026-07.introspection.json.gz")) as file:
        data = json.load(file)
    built = build_client_schema(data.get("data", data), assume_valid=True)
    for name, read in (("Money", _money), ("DateTime", _text), ("URL", _text)):
        kind = built.type_map[name]
        assert isinstance(kind, GraphQLScalarType)
        # graphql-core 3.2 calls it parse_value, 3.3 coerce_input_value.
        for attribute in ("parse_value", "coerce_input_value"):
            setattr(kind, attribute, read)
    return built


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value


def _money(value: Any) -> str:
    try:
        Decimal(_text(value))
    except InvalidOperation:
        raise TypeError(f"{value!r} is not an amount") from None
    return value


def operation(document: Document) -> OperationDefinitionNode:
    node = parse(document.text).definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return node


def fragments(document: Document) -> dict[str, FragmentDefinitionNode]:
    nodes = parse(document.text).definitions
    return {n.name.value: n for n in nodes if isinstance(n, FragmentDefinitionNode)}


def cut() -> dict[str, Any]:
    """Return the input types and enums that the connector's variables reach."""
    inputs: dict[str, dict[str, str]] = {}
    enums: dict[str, list[str]] = {}
    one_of: list[str] = []
    open_types = [
        type_from_ast(schema(), variable.type)
        for document in documents().values()
        for variable in operation(document).variable_definitions or ()
    ]
    while open_types:
        kind = get_named_type(open_types.pop())
        if isinstance(kind, GraphQLEnumType):
            enums[kind.name] = sorted(kind.values)
        elif isinstance(kind, GraphQLInputObjectType) and kind.name not in inputs:
            inputs[kind.name] = {name: str(field.type) for name, field in kind.fields.items()}
            open_types += [field.type for field in kind.fields.values()]
            if getattr(kind, "is_one_of", False):
                one_of.append(kind.name)
    mandatory = json.loads(
        contract_path("shopify", "idempotent_mutations_2026-07.json").read_text()
    )
    return {
        "source": SOURCE,
        "idempotent": mandatory["mandatory_idempotent_since_2026-04"],
        "one_of": sorted(one_of),
        "inputs": dict(sorted(inputs.items())),
        "enums": dict(sorted(enums.items())),
    }


def render() -> str:
    return json.dumps(cut(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (ROOT / "plugins" / "tramo_shopify" / "contract.json").write_text(render())
