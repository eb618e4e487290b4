"""The rules of events that nodes wait for: there is such an event, and it can be told which one.

A field whose schema says `awaited` (`x-tramo`) holds one such event or a list of them. A trigger of
source `event` is in its params one itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tramo.graph.draft import Draft, Placed
from tramo.graph.node import find_trigger
from tramo.graph.report import Report
from tramo.graph.shape import Path
from tramo.model.node_type import NodeType, NodeTypes


def check_awaited(
    draft: Draft, kinds: Mapping[str, str], node_types: NodeTypes, report: Report
) -> None:
    """Report waits for events that no trigger tells of, or that nothing could be known by.

    `kinds` are those of the business keys that the flow's own triggers carry.
    """
    triggers: dict[str, NodeType | None] = {}
    guessed = any(p.type is not None and _may_bring_any_key(p.type) for p in draft.nodes)
    for placed in draft.nodes:
        if placed.type is None:
            continue
        for inner, spec in _awaited(placed.params, placed.type):
            name, key = spec.get("type"), spec.get("key")
            if not isinstance(name, str) or not isinstance(key, str):
                continue  # The schema has said it.
            if name not in triggers:
                triggers[name] = find_trigger(name, node_types)
            told = placed.is_trigger or spec.get("value") is not None
            path = (*placed.path, "params", *inner)
            warning = None if told or key in kinds else guessed
            _check_event(placed, triggers[name], (name, key, path), kinds, warning, report)


def _may_bring_any_key(kind: NodeType) -> bool:
    """Tell whether who starts a flow, a person or another flow, says what its run is about."""
    return kind.trigger is not None and kind.trigger.source in ("manual", "form", "flow")


def _check_event(
    placed: Placed,
    trigger: NodeType | None,
    event: tuple[str, str, Path],
    kinds: Mapping[str, str],
    unknown: bool | None,
    report: Report,
) -> None:
    """Report what is wrong with one event; `unknown` says that its key's value is, and whether
    that is a warning only."""
    name, key, path = event
    node = placed.node.title
    if trigger is None or trigger.trigger is None:
        report.add((*path, "type"), "event.type_unknown", node=node, type=name)
    elif (carried := trigger.trigger.keys) and key not in carried:
        near = report.nearest(key, carried)
        more = {"node": node, "type": name, "key": key, "known": list(carried), "near": near}
        report.add((*path, "key"), "event.key_unknown", **more)
    elif unknown is not None:
        more = {"node": node, "key": key, "known": list(kinds)}
        report.add((*path, "key"), "event.value_missing", warning=unknown, **more)


def _awaited(params: Mapping[str, Any], kind: NodeType) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield every event that a node's params name, with its place in them."""
    if kind.trigger is not None and kind.trigger.source == "event":
        yield (), dict(params)
    schema = kind.params_schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        schema = schema.get("$defs", {}).get(reference.rpartition("/")[2], {})
    for field, its in schema.get("properties", {}).items():
        if not its.get("x-tramo", {}).get("awaited"):
            continue
        path: Path = (field,)
        value = params.get(field)
        if isinstance(value, dict):
            yield path, value
        elif isinstance(value, list):
            yield from (((*path, at), one) for at, one in enumerate(value) if isinstance(one, dict))
