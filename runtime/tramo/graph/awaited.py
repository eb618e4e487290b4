"""The rules of events that nodes wait for: there is such an event, and it can be told which one.

A field whose schema says `awaited` (`x-tramo`) holds one such event or a list of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tramo.graph.draft import Draft, Placed
from tramo.graph.report import Report
from tramo.graph.shape import Path
from tramo.model.node_type import NodeType, NodeTypes

_VERSIONS_LOOKED_AT = 20


def check_awaited(
    draft: Draft, kinds: Mapping[str, str], node_types: NodeTypes, report: Report
) -> None:
    """Report waits for events that no trigger tells of, or that nothing could be known by."""
    triggers: dict[str, NodeType | None] = {}
    for placed in draft.nodes:
        if placed.type is None:
            continue
        for inner, spec in _awaited(placed.params, placed.type):
            path = (*placed.path, "params", *inner)
            name = spec.get("type")
            if not isinstance(name, str):
                continue  # The schema has said it.
            if name not in triggers:
                triggers[name] = _trigger(name, node_types)
            trigger = triggers[name]
            if trigger is None:
                where = (*path, "type")
                report.add(where, "event.type_unknown", node=placed.node.title, type=name)
            else:
                _check_key(placed, spec, trigger, kinds, path, report)


def _check_key(
    placed: Placed,
    spec: Mapping[str, Any],
    trigger: NodeType,
    kinds: Mapping[str, str],
    path: Path,
    report: Report,
) -> None:
    key = spec.get("key")
    if not isinstance(key, str):
        return
    node = placed.node.title
    carried = trigger.trigger.keys if trigger.trigger is not None else {}
    if carried and key not in carried:
        report.add(
            (*path, "key"),
            "event.key_unknown",
            node=node,
            type=trigger.type,
            key=key,
            known=list(carried),
            near=report.nearest(key, carried),
        )
    elif spec.get("value") is None and key not in kinds:
        report.add((*path, "key"), "event.value_missing", node=node, key=key, known=list(kinds))


def _awaited(params: Mapping[str, Any], kind: NodeType) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every event that a node's params name, with its place in them."""
    schema = kind.params_schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        schema = schema.get("$defs", {}).get(reference.rpartition("/")[2], {})
    for field, its in schema.get("properties", {}).items():
        if not its.get("x-tramo", {}).get("awaited"):
            continue
        path: Path = (field,)
        value = params.get(field)
        if isinstance(value, dict) and "$value" in value:
            path, value = (field, "$value"), value["$value"]
        if isinstance(value, dict):
            yield path, value
        elif isinstance(value, list):
            yield from (((*path, at), one) for at, one in enumerate(value) if isinstance(one, dict))


def _trigger(name: str, node_types: NodeTypes) -> NodeType | None:
    """Return the trigger of a name in its lowest installed version."""
    for v in range(1, _VERSIONS_LOOKED_AT + 1):
        kind = node_types(name, v)
        if kind is not None:
            return kind if kind.kind == "trigger" else None
    return None
