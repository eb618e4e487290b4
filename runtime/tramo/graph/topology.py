"""How the nodes of a draft hang together: order, circles, reach, who comes before whom.

Everything here is linear in nodes and edges, except ancestor sets, which are bit sets and are made
for a flow of the allowed size only. The draft may be wrong in any way; what cannot be drawn is left
out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from tramo.graph.draft import Draft
from tramo.model import limit


class Topology:
    """A draft's nodes as positions, and the edges between them that can be drawn."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        count = len(draft.nodes)
        self.after: list[list[int]] = [[] for _ in range(count)]
        self.before: list[list[int]] = [[] for _ in range(count)]
        self.edges: list[tuple[int, int, int]] = []
        """(start, end, index in the document) of edges between two different known nodes."""
        for index, edge, _ in draft.edges:
            start, end = draft.by_id.get(edge.from_), draft.by_id.get(edge.to)
            if start is not None and end is not None and start != end:
                self.after[start].append(end)
                self.before[end].append(start)
                self.edges.append((start, end, index))

    @cached_property
    def order(self) -> list[int]:
        """The nodes, each behind all that lead to it; those in or behind a circle are left out."""
        open_edges = [len(starts) for starts in self.before]
        order = [node for node, count in enumerate(open_edges) if count == 0]
        for node in order:
            for end in self.after[node]:
                open_edges[end] -= 1
                if open_edges[end] == 0:
                    order.append(end)
        return order

    @cached_property
    def ordered(self) -> frozenset[int]:
        return frozenset(self.order)

    @cached_property
    def ancestors(self) -> list[int] | None:
        """For each node the set of nodes before it, a bit each; None where the flow is too large.

        A node in or behind a circle has no order, so that everything counts as before it: the
        circle is the problem to solve first.
        """
        count = len(self.draft.nodes)
        if count > limit.NODES_PER_FLOW:
            return None
        everything = (1 << count) - 1
        found = [everything] * count
        for node in self.order:
            before = 0
            for start in self.before[node]:
                before |= found[start] | 1 << start
            found[node] = before
        return found

    def reach(self, starts: Iterable[int]) -> set[int]:
        """Return the nodes that some path leads to, the starts included.

        A node inside a loop is reached with its box, unless an edge leads to it.
        """
        inner: dict[int, list[int]] = {}
        for position, placed in enumerate(self.draft.nodes):
            box = self.draft.by_id.get(placed.node.inside or "")
            if box is not None and not self.before[position]:
                inner.setdefault(box, []).append(position)
        reached = set(starts)
        open_nodes = list(reached)
        while open_nodes:
            node = open_nodes.pop()
            for end in (*self.after[node], *inner.get(node, ())):
                if end not in reached:
                    reached.add(end)
                    open_nodes.append(end)
        return reached

    def circles(self) -> list[list[int]]:
        """Return one circle for each knot of nodes that lead to one another, in document order."""
        if len(self.order) == len(self.draft.nodes):
            return []
        # Imported here: most flows have no circle, and the library doubles the start-up time.
        import networkx

        graph = networkx.DiGraph(
            (start, end)
            for start, end, _ in self.edges
            if start not in self.ordered and end not in self.ordered
        )
        knots = networkx.strongly_connected_components(graph)
        return sorted(self._circle_in(knot) for knot in knots if len(knot) > 1)

    def _circle_in(self, knot: set[int]) -> list[int]:
        """Follow edges inside a knot until they come back; begins with the circle's first node."""
        node = min(knot)
        way: dict[int, int] = {}
        while node not in way:
            way[node] = len(way)
            node = next(end for end in self.after[node] if end in knot)
        circle = list(way)[way[node] :]
        first = circle.index(min(circle))
        return circle[first:] + circle[:first]
