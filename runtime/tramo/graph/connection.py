"""Whether a flow's nodes find the accounts they work with; only a draft may wait for one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tramo.graph.message import render
from tramo.model.flow import Flow, Node
from tramo.model.node_type import NodeTypes
from tramo.model.problem import Problem, pointer


def check_connections(
    flow: Flow,
    node_types: NodeTypes,
    connectors: Mapping[str, str],
    notifiers: Collection[str] = (),
) -> list[Problem]:
    """Return a problem for each node whose connection is missing, unknown or another system's,
    and for alerts whose connection brings no messages.

    `connectors` tells the connector of every connection that the flow may use; `notifiers` names
    the connectors that bring messages.
    """
    problems = []
    for index, node in enumerate(flow.nodes):
        code = _code(node, node_types, connectors)
        if code is not None:
            params = {"node": node.title}
            path = pointer("nodes", index, "connection")
            problems.append(Problem(path, code, render(code, params), params=params))
    chosen = flow.alerts.connection
    if chosen is not None and connectors.get(chosen) not in notifiers:
        code = "alerts.connection_unknown"
        problems.append(Problem(pointer("alerts", "connection"), code, render(code, {})))
    return problems


def _code(node: Node, node_types: NodeTypes, connectors: Mapping[str, str]) -> str | None:
    kind = node_types(node.type, node.v)
    if node.disabled or kind is None or kind.connection == "none":
        return None
    if node.connection is None:
        return "node.connection_missing" if kind.connection == "required" else None
    if connectors.get(node.connection) != kind.connector:
        return "node.connection_unknown"
    return None
