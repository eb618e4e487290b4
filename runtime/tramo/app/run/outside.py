"""What a run would do outside Tramo: which node, what, on whose account. Runs nothing.

Practice accounts are not outside. What changes only Tramo's own tables is not either, but a called
flow may do anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Row

from tramo.graph.plan import PlanNode
from tramo.model.effect import Effect
from tramo.model.value import encode

CALL: Final = "core.call_flow"


def outside(
    nodes: Iterable[PlanNode], connections: Mapping[str, Row[Any]], done: Collection[str]
) -> list[dict[str, Any]]:
    """Return what these nodes may do outside; `done` are those that did it in an earlier run."""
    found: list[dict[str, Any]] = []
    for node in nodes:
        effect = effect_of(node)
        if node.disabled or not _reaches_out(node, effect):
            continue
        connection = connections.get(node.node.connection or "")
        if connection is not None and connection.target == "twin":
            continue
        if connection is None and node.type.connection == "required":
            continue  # It has no account to act on: the step says so.
        found.append(
            {
                "node": node.id,
                "title": node.node.title,
                "type": node.node.type,
                "action": node.type.title,
                "connection": connection.name if connection is not None else None,
                "account": connection.account if connection is not None else None,
                "host": _host(node),
                "effect": effect,
                "costly": node.type.costly,
                "done": node.id in done,
            }
        )
    return found


def effect_of(node: PlanNode) -> Effect:
    """Return what a node does, as far as its params say before a run: in doubt the strictest."""
    kind = node.type
    if kind.effect_of is None:
        return kind.effect
    try:
        return kind.effect_of(node.node.params)
    except Exception:  # noqa: BLE001 - a formula where a word is read
        return kind.effect


def digest_of(found: list[dict[str, Any]]) -> str:
    """Return what confirms exactly these effects."""
    said = [[it["node"], it["type"], it["connection"], it["host"], it["done"]] for it in found]
    return hashlib.sha256(encode(said)).hexdigest()[:16]


def _reaches_out(node: PlanNode, effect: Effect) -> bool:
    if node.type.kind == "trigger" or node.settle is not None:
        return False
    return effect not in ("pure", "stored") or node.node.type == CALL


def _host(node: PlanNode) -> str | None:
    url = node.node.params.get("url") if isinstance(node.node.params, dict) else None
    return urlsplit(url).hostname if isinstance(url, str) else None
