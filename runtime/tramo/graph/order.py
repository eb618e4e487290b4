"""Wires, order and races of a plan's nodes: Kahn's algorithm box by box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from tramo.model.flow import Flow

if TYPE_CHECKING:
    from tramo.graph.plan import Box, PlanNode


def connect(flow: Flow, nodes: Sequence[PlanNode], by_id: Mapping[str, PlanNode]) -> None:
    """Give every node its arrows and sources."""
    arrows: list[dict[str, list[int]]] = [{} for _ in nodes]
    sources: list[list[int]] = [[] for _ in nodes]
    for edge in flow.edges:
        start, end = by_id[edge.from_], by_id[edge.to]
        arrows[start.index].setdefault(edge.port, []).append(end.index)
        sources[end.index].append(start.index)
    for node in nodes:
        node.arrows = {port: tuple(ends) for port, ends in arrows[node.index].items()}
        node.ways = tuple(
            (port, tuple(nodes[end] for end in ends)) for port, ends in node.arrows.items()
        )
        node.sources = tuple(sources[node.index])
        node.incoming = len(node.sources)
        node.single = node.incoming == 1 and node.type.rule != "merge"


def order_nodes(root: Box) -> None:
    """Number all nodes; a loop's nodes stand right behind it, ordered among themselves."""
    boxes = [iter(_order(root))]
    position = 0
    while boxes:
        node = next(boxes[-1], None)
        if node is None:
            boxes.pop()
            continue
        node.order = position
        position += 1
        if node.body is not None:
            boxes.append(iter(_order(node.body)))


def _order(box: Box) -> list[PlanNode]:
    """Kahn's algorithm; among nodes that are ready, the one that stands first in the document."""
    by_index = {node.index: node for node in box.nodes}
    open_edges = {node.index: node.incoming for node in box.nodes}
    ready = [index for index, count in open_edges.items() if count == 0]
    box.starts = tuple(by_index[index] for index in ready)
    order: list[PlanNode] = []
    while ready:
        node = by_index[heappop(ready)]
        order.append(node)
        for ends in node.arrows.values():
            for end in ends:
                open_edges[end] -= 1
                if open_edges[end] == 0:
                    heappush(ready, end)
    if len(order) != len(box.nodes):
        raise ValueError("a flow with a cycle has no order; check it before compiling")
    return order


def captives(merge: PlanNode, nodes: Sequence[PlanNode]) -> tuple[int, ...]:
    """Return the nodes from which every path leads to a merge."""
    captive = {merge.index}
    for node in sorted(nodes, key=lambda item: item.order, reverse=True):
        ends = [end for group in node.arrows.values() for end in group]
        if ends and all(end in captive for end in ends):
            captive.add(node.index)
    return tuple(sorted(captive - {merge.index}))
