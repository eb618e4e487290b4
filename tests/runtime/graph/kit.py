"""Node types and flows to check: the built-in ones, and a few made up for rules that need them."""

from __future__ import annotations

import copy
from typing import Any

from tramo.model.node_type import NodeType, TriggerManifest
from tramo.nodes import connector


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_DEFINITION = connector.tramo_connector()
_BUILT_IN = [
    each.manifest for each in (*_DEFINITION.actions.values(), *_DEFINITION.triggers.values())
]
_MADE_UP = [
    NodeType(
        type="shop.order_created",
        kind="trigger",
        connector="shop",
        title="Order created",
        connection="required",
        trigger=TriggerManifest(source="webhook", keys={"order": "id"}),
        output_schema=_object(["id"], id={"type": "string"}, total={"type": "number"}, raw={}),
    ),
    NodeType(
        type="shop.refund",
        kind="action",
        connector="shop",
        title="Refund",
        connection="required",
        costly=True,
        params_schema=_object(
            ["order"],
            order={"type": "string", "minLength": 1, "maxLength": 20},
            amount={"type": "string", "format": "decimal"},
            lines={"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 2},
            reason={"enum": ["damaged", "late"]},
            note={"anyOf": [{"type": "string"}, {"type": "null"}]},
            share={"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            day={"type": "string", "format": "date"},
            at={"type": "string", "format": "date-time"},
        ),
    ),
    NodeType(
        type="shop.tag",
        v=2,
        kind="action",
        connector="shop",
        title="Tag",
        params_schema=_object(["tags"], tags={"type": "array", "items": {"type": "string"}}),
        upgrade=lambda params: {"tags": [params["tag"]]},
    ),
]
_TYPES = {(kind.type, kind.v): kind for kind in [*_BUILT_IN, *_MADE_UP]}


def node_types(name: str, v: int) -> NodeType | None:
    """Look a node type up, as the registry does."""
    return _TYPES.get((name, v))


def order_flow() -> dict[str, Any]:
    """Return a sound flow: an order, a branch, two ways, a merge, and a loop beside them."""
    return copy.deepcopy(_FLOW)


_FLOW: dict[str, Any] = {
    "format": 1,
    "id": "flow_8Zk2",
    "name": "Tag VIP orders",
    "language": "es",
    "timezone": "Europe/Madrid",
    "nodes": [
        {"id": "order", "type": "shop.order_created", "connection": "conn_1"},
        {
            "id": "check",
            "type": "core.branch",
            "params": {"rules": [{"port": "vip", "when": {"$expr": "order.total > 500"}}]},
        },
        {
            "id": "tell",
            "type": "core.log",
            "label": "Tell the team",
            "params": {"message": {"$text": "Order {{ order.id }}"}},
        },
        {
            "id": "refund",
            "type": "shop.refund",
            "connection": "conn_1",
            "params": {"order": {"$expr": "order.id"}, "amount": "10.10"},
            "retry": {"attempts": 3},
        },
        {"id": "both", "type": "core.merge", "params": {"wait": "any"}},
        {
            "id": "lines",
            "type": "core.for_each",
            "params": {"items": {"$expr": "order.raw.line_items"}},
        },
        {
            "id": "line",
            "type": "core.set",
            "inside": "lines",
            "params": {"fields": {"sku": {"$expr": "item.sku"}, "place": {"$expr": "index + 1"}}},
        },
    ],
    "edges": [
        {"from": "order", "to": "check"},
        {"from": "check", "port": "vip", "to": "tell"},
        {"from": "check", "port": "else", "to": "refund"},
        {"from": "tell", "to": "both"},
        {"from": "refund", "to": "both"},
        {"from": "both", "to": "lines"},
    ],
    "layout": {"order": [0, 0], "check": [200.5, 0]},
    "notes": [{"text": "Ask Ana"}],
    "limits": {"timeout_s": 86400},
}


def place(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return the document with another value at a JSON pointer; `...` takes it away."""
    *steps, last = path.strip("/").split("/")
    at: Any = document
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if isinstance(at, list):
        if last == "-":
            at.append(value)
        elif value is ...:
            del at[int(last)]
        else:
            at[int(last)] = value
    elif value is ...:
        del at[last]
    else:
        at[last] = value
    return document
