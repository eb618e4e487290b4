"""The rules of edges: both ends exist, the port exists, nothing crosses a loop's border."""

from __future__ import annotations

from typing import Any, Final

from tramo.graph.draft import Draft, Placed, PlacedEdge
from tramo.graph.report import Report
from tramo.model.flow import Edge

OUT: Final = "out"
"""The port that an edge leaves by where it names none."""

ERROR: Final = "error"
"""The port of every node whose `on_error` is `branch`."""


def own_ports(placed: Placed) -> list[tuple[tuple[str | int, ...], str]]:
    """Return the ports that a node's params name, each with its place in the params."""
    pattern = placed.type.own_ports if placed.type else None
    if not pattern:
        return []
    found: list[tuple[tuple[str | int, ...], Any]] = [((), placed.params)]
    for step in pattern.strip("/").split("/"):
        deeper: list[tuple[tuple[str | int, ...], Any]] = []
        for path, value in found:
            if step == "*" and isinstance(value, list):
                deeper.extend(((*path, index), item) for index, item in enumerate(value))
            elif isinstance(value, dict) and step in value:
                deeper.append(((*path, step), value[step]))
        found = deeper
    return [(path, value) for path, value in found if isinstance(value, str)]


def port_names(placed: Placed) -> list[str]:
    """Return the ports that edges may leave by, in the order people see them."""
    assert placed.type is not None
    names = [port.name for port in placed.type.ports]
    if placed.type.own_ports:
        names = list(dict.fromkeys([*(name for _, name in own_ports(placed)), *names]))
    if has_error_port(placed):
        names.append(ERROR)
    return names


def has_error_port(placed: Placed) -> bool:
    return placed.node.on_error == "branch" and not placed.is_trigger


def check_own_ports(placed: Placed, report: Report) -> None:
    """Report ports named twice or by a name that is taken."""
    assert placed.type is not None
    taken = {port.name for port in placed.type.ports}
    for path, name in own_ports(placed):
        where = (*placed.path, "params", *path)
        if name == ERROR:
            report.add(where, "port.error_reserved", node=placed.node.title)
        elif name in taken:
            report.add(where, "port.twice", node=placed.node.title, port=name)
        taken.add(name)


def check_edges(draft: Draft, report: Report) -> None:
    """Report every edge that cannot be."""
    seen: set[tuple[str, str, str]] = set()
    ports: dict[int, list[str]] = {}
    for placed in draft.edges:
        index, edge, _ = placed
        start = _end(draft, placed, "from", edge.from_, report)
        end = _end(draft, placed, "to", edge.to, report)
        if end is not None and end.is_trigger:
            report.add(("edges", index, "to"), "edge.into_trigger", node=end.node.title)
        if start is not None and start.type is not None and "port" not in placed.broken:
            known = ports.get(start.index)
            if known is None:
                known = ports[start.index] = port_names(start)
            if edge.port not in known:
                _refuse_port(start, edge, index, known, report)
        if start is not None and end is not None:
            _check_ends(start, end, index, report)
            if (edge.from_, edge.port, edge.to) in seen:
                report.add(
                    ("edges", index),
                    "edge.twice",
                    port=edge.port,
                    node=start.node.title,
                    to=end.node.title,
                )
            seen.add((edge.from_, edge.port, edge.to))


def _end(
    draft: Draft, placed: PlacedEdge, field: str, node_id: str, report: Report
) -> Placed | None:
    if field in placed.broken:
        return None
    found = draft.find(node_id)
    if found is None:
        near = report.nearest(node_id, draft.by_id)
        report.add(("edges", placed.index, field), "edge.node_unknown", id=node_id, near=near)
    return found


def _check_ends(start: Placed, end: Placed, index: int, report: Report) -> None:
    if start is end:
        report.add(("edges", index), "edge.self_loop", node=start.node.title)
    elif start.node.inside != end.node.inside:
        path = ("edges", index)
        report.add(path, "edge.crosses_box", node=start.node.title, to=end.node.title)


def _refuse_port(start: Placed, edge: Edge, index: int, known: list[str], report: Report) -> None:
    path = ("edges", index, "port")
    if edge.port == ERROR and not start.is_trigger:
        report.add(path, "edge.error_port_off", node=start.node.title)
        return
    if not known and edge.port == OUT:
        report.add(path, "edge.after_end", node=start.node.title)
        return
    near = report.nearest(edge.port, known)
    report.add(
        path, "edge.port_unknown", node=start.node.title, port=edge.port, ports=known, near=near
    )
