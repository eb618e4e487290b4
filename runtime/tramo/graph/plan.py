"""A version, compiled once: what the engine walks instead of the document.

Nodes become positions in arrays, params become closures, edges become lists per port. Nothing here
is made per run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from tramo.expression import compile_value
from tramo.model.flow import Flow, Node
from tramo.model.node_type import Evaluate, NodeType, NodeTypes, Settle
from tramo.model.problem import pointer

VARIABLES = ("run", "flow", "now", "vars")
"""Variables that every node sees, besides its ancestors' outputs."""


class MissingType(LookupError):
    """A node's type is not installed; runs of this version are held, not failed."""

    def __init__(self, type_name: str, v: int) -> None:
        super().__init__(f"{type_name} (version {v}) is not installed")
        self.type_name = type_name
        self.v = v


class PlanNode:
    """One node of a plan."""

    __slots__ = (
        "arrows",
        "captives",
        "id",
        "incoming",
        "index",
        "node",
        "order",
        "params",
        "settle",
        "single",
        "sources",
        "type",
    )

    def __init__(self, index: int, node: Node, kind: NodeType) -> None:
        self.index = index
        self.id = node.id
        self.node = node
        self.type = kind
        self.order = index
        """Position in Kahn's order."""
        self.params: Evaluate | None = None
        self.settle: Settle | None = None
        self.arrows: dict[str, tuple[int, ...]] = {}
        """Port -> positions of the nodes its edges lead to, in document order."""
        self.incoming = 0
        self.single = False
        """Whether one edge alone decides about it."""
        self.sources: tuple[int, ...] = ()
        """Positions of the nodes whose edges lead here, in document order."""
        self.captives: tuple[int, ...] = ()
        """For `merge first`: the nodes from which every path leads here."""


class Plan:
    """A compiled version."""

    __slots__ = (
        "at_once",
        "backwards",
        "by_id",
        "flow",
        "incoming",
        "keys",
        "nodes",
        "shown",
        "triggers",
        "uses_now",
        "version",
    )

    def __init__(self, flow: Flow, version: str, nodes: list[PlanNode], uses_now: bool) -> None:
        self.flow = flow
        self.version = version
        self.nodes = nodes
        self.by_id = {node.id: node for node in nodes}
        self.triggers = tuple(node.index for node in nodes if node.type.kind == "trigger")
        self.incoming = [node.incoming for node in nodes]
        self.backwards = sorted(nodes, key=lambda node: node.order, reverse=True)
        """The nodes against Kahn's order, for finding the last one that did something."""
        self.keys: dict[str, Evaluate] = {}
        """Business keys of the flow's own, evaluated over the trigger's output."""
        self.shown = {"id": flow.id, "name": flow.name, "version": version}
        """What nodes see of the flow, as the variable `flow`."""
        self.at_once = flow.limits.at_once
        self.uses_now = uses_now


def compile_plan(flow: Flow, version: str, node_types: NodeTypes) -> Plan:
    """Compile a checked flow.

    Raises MissingType for a node whose type or upgrade is not installed.
    """
    nodes = [PlanNode(index, *_current(node, node_types)) for index, node in enumerate(flow.nodes)]
    by_id = {node.id: node for node in nodes}
    _connect(flow, nodes, by_id)
    names = dict.fromkeys(VARIABLES, "") | {node.id: node.node.title for node in nodes}
    read: set[str] = set()
    for node in nodes:
        params = node.node.params
        compiler = _Compiler(flow, names, read, params)
        if node.type.build is not None:
            node.settle = node.type.build(params, compiler)
        elif node.type.kind != "trigger":
            node.params = compiler(params)
    for position, index in enumerate(_order(nodes)):
        nodes[index].order = position
    for node in nodes:
        if node.type.rule == "merge" and node.node.params.get("wait") == "first":
            node.captives = _captives(node, nodes)
    plan = Plan(flow, version, nodes, uses_now="now" in read)
    for kind, template in flow.keys.items():
        if not isinstance(template, str):  # A text is a path; ingest follows it.
            plan.keys[kind] = _Compiler(flow, names, read, flow.keys)(template)
    return plan


class _Compiler:
    """Compiles the values of one node's params, and notes which variables they read."""

    def __init__(
        self, flow: Flow, names: Mapping[str, str], read: set[str], params: Mapping[str, Any]
    ) -> None:
        self._flow = flow
        self._names = names
        self._read = read
        self._params = params

    @property
    def timezone(self) -> str:
        return self._flow.timezone

    def __call__(self, template: Any) -> Evaluate:
        compiled = compile_value(
            template,
            names=self._names,
            timezone=self._flow.timezone,
            language=self._flow.language,
            path=_path_to(template, self._params),
        )
        self._read.update(compiled.names)
        return compiled


def _path_to(template: Any, params: Any) -> str:
    """Return the JSON pointer of `template`, itself a part of `params`, so that errors name it."""
    parts = [("", params)]
    for path, value in parts:
        if value is template:
            return path
        if isinstance(value, dict):
            parts.extend((path + pointer(name), item) for name, item in value.items())
        elif isinstance(value, list):
            parts.extend((path + pointer(index), item) for index, item in enumerate(value))
    return ""


def _current(node: Node, node_types: NodeTypes) -> tuple[Node, NodeType]:
    """Find the node's type, carrying its params over to a newer type version where it must."""
    v, params = node.v, node.params
    while (kind := node_types(node.type, v)) is None:
        newer = node_types(node.type, v + 1)
        if newer is None or newer.upgrade is None:
            raise MissingType(node.type, v)
        params = newer.upgrade(dict(params))
        v += 1
    if v == node.v:
        return node, kind
    fields = {name: getattr(node, name) for name in node.__struct_fields__}
    return Node(**{**fields, "v": v, "params": params}), kind


def _connect(flow: Flow, nodes: Sequence[PlanNode], by_id: Mapping[str, PlanNode]) -> None:
    arrows: list[dict[str, list[int]]] = [{} for _ in nodes]
    sources: list[list[int]] = [[] for _ in nodes]
    for edge in flow.edges:
        start, end = by_id[edge.from_], by_id[edge.to]
        arrows[start.index].setdefault(edge.port, []).append(end.index)
        sources[end.index].append(start.index)
    for node in nodes:
        node.arrows = {port: tuple(ends) for port, ends in arrows[node.index].items()}
        node.sources = tuple(sources[node.index])
        node.incoming = len(node.sources)
        node.single = node.incoming == 1 and node.type.rule != "merge"


def _order(nodes: Sequence[PlanNode]) -> list[int]:
    """Kahn's algorithm; among nodes that are ready, the one that stands first in the document."""
    open_edges = [node.incoming for node in nodes]
    ready = [index for index, count in enumerate(open_edges) if count == 0]
    order: list[int] = []
    while ready:
        index = heappop(ready)
        order.append(index)
        for ends in nodes[index].arrows.values():
            for end in ends:
                open_edges[end] -= 1
                if open_edges[end] == 0:
                    heappush(ready, end)
    if len(order) != len(nodes):
        raise ValueError("a flow with a cycle has no order; check it before compiling")
    return order


def _captives(merge: PlanNode, nodes: Sequence[PlanNode]) -> tuple[int, ...]:
    captive = {merge.index}
    for node in sorted(nodes, key=lambda item: item.order, reverse=True):
        ends = [end for group in node.arrows.values() for end in group]
        if ends and all(end in captive for end in ends):
            captive.add(node.index)
    return tuple(sorted(captive - {merge.index}))
