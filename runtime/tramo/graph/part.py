"""Parts of a flow: what lies before and behind a node, and a document of some nodes only.

Works on the document itself, which may be wrong elsewhere: a part is tried whatever the rest of the
draft looks like. Knows no run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_LOOKS = ("notes", "alerts")


class Lay:
    """How the nodes of a document lie: edges both ways, and loops around and inside."""

    def __init__(self, document: dict[str, Any]) -> None:
        nodes = [node for node in document.get("nodes", ()) if _has_id(node)]
        edges = [edge for edge in document.get("edges", ()) if isinstance(edge, dict)]
        self.ids = [node["id"] for node in nodes]
        self.after: dict[str, list[str]] = {id: [] for id in self.ids}
        self.before: dict[str, list[str]] = {id: [] for id in self.ids}
        self.body: dict[str, list[str]] = {id: [] for id in self.ids}
        self.inside: dict[str, str] = {}
        for edge in edges:
            start, end = edge.get("from"), edge.get("to")
            if start in self.after and end in self.before:
                self.after[start].append(end)
                self.before[end].append(start)
        for node in nodes:
            around = node.get("inside")
            if around in self.body:
                self.inside[node["id"]] = around
                self.body[around].append(node["id"])

    def around(self, node: str) -> list[str]:
        """Return the loops that a node stands in, innermost first; a circle ends it."""
        loops: list[str] = []
        while (loop := self.inside.get(node)) is not None and loop not in loops:
            loops.append(loop)
            node = loop
        return loops

    def behind(self, nodes: Iterable[str]) -> set[str]:
        """Return nodes with everything that follows from them: what their edges lead to, what
        loops hold, and what comes after a loop that they stand in."""
        found: set[str] = set()
        open_nodes = list(nodes)
        while open_nodes:
            node = open_nodes.pop()
            if node in found:
                continue
            found.add(node)
            open_nodes += self.after[node]
            open_nodes += self.body[node]
            for loop in self.around(node):
                found.add(loop)
                open_nodes += self.after[loop]
        return found

    def whole(self, nodes: Iterable[str]) -> set[str]:
        """Return nodes with everything that they need: what leads to them, the loops around them,
        and of a loop whose output is used all that it holds."""
        found: set[str] = set()
        frames: set[str] = set()
        """Loops that are there only to hold something."""
        open_nodes = list(nodes)
        while open_nodes:
            node = open_nodes.pop()
            if node in found:
                continue
            found.add(node)
            open_nodes += self.before[node]
            open_nodes += self.body[node]
            for loop in self.around(node):
                frames.add(loop)
                open_nodes += self.before[loop]
        return found | frames


def prune(document: dict[str, Any], keep: set[str]) -> dict[str, Any]:
    """Return a document of these nodes only, which must be whole (see `Lay.whole`).

    A loop that lost some of what it holds collects nothing; notes and alerts are left out, for
    nobody is to be told of a trial.
    """
    lay = Lay(document)
    nodes = [
        _part_of(node, lay, keep)
        for node in document["nodes"]
        if _has_id(node) and node["id"] in keep
    ]
    edges = [
        edge
        for edge in document.get("edges", ())
        if isinstance(edge, dict) and edge.get("from") in keep and edge.get("to") in keep
    ]
    rest = {name: value for name, value in document.items() if name not in _LOOKS}
    layout = rest.get("layout")
    if isinstance(layout, dict):
        rest["layout"] = {id: at for id, at in layout.items() if id in keep}
    return {**rest, "nodes": nodes, "edges": edges}


def _part_of(node: dict[str, Any], lay: Lay, keep: set[str]) -> dict[str, Any]:
    params = node.get("params")
    if keep.issuperset(lay.body[node["id"]]) or not isinstance(params, dict):
        return node
    return {**node, "params": {name: it for name, it in params.items() if name != "collect"}}


def _has_id(node: Any) -> bool:
    return isinstance(node, dict) and isinstance(node.get("id"), str)
