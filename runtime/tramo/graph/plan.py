"""A version, compiled once: what the engine walks instead of the document.

Nodes become positions in arrays, params become closures, edges become lists per port, loops become
boxes of their own. Nothing here is made per run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tramo.expression import compile_value
from tramo.graph.local import own_items
from tramo.graph.order import captives, connect, order_nodes
from tramo.model.flow import Flow, Node
from tramo.model.node_type import Evaluate, Formula, NodeType, NodeTypes, Settle
from tramo.model.problem import pointer

VARIABLES: Final = ("run", "flow", "now", "vars")
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
        "body",
        "box",
        "captives",
        "disabled",
        "id",
        "incoming",
        "index",
        "loop",
        "node",
        "order",
        "params",
        "reads",
        "rule",
        "settle",
        "single",
        "slot",
        "sources",
        "type",
        "ways",
    )

    def __init__(self, index: int, node: Node, kind: NodeType) -> None:
        self.index = index
        self.id = node.id
        self.node = node
        self.type = kind
        self.rule = kind.rule
        self.disabled = node.disabled
        self.order = index
        """Position in Kahn's order; a loop's nodes follow the loop."""
        self.box: Box
        """The root, or the loop, that it stands in."""
        self.slot = 0
        """Position within its box."""
        self.body: Box | None = None
        """What a loop holds."""
        self.loop: LoopRule | None = None
        self.params: Evaluate | None = None
        self.settle: Settle | None = None
        self.reads: set[str] = set()
        """Names of the variables its params read."""
        self.arrows: dict[str, tuple[int, ...]] = {}
        """Port -> positions of the nodes its edges lead to, in document order."""
        self.ways: tuple[tuple[str, tuple[PlanNode, ...]], ...] = ()
        """The same, as the engine walks them."""
        self.incoming = 0
        self.single = False
        """Whether one edge alone decides about it."""
        self.sources: tuple[int, ...] = ()
        """Positions of the nodes whose edges lead here, in document order."""
        self.captives: tuple[int, ...] = ()
        """For `merge first`: the nodes from which every path leads here."""


class LoopRule:
    """How a loop goes through its items."""

    __slots__ = ("at_once", "collect", "collected", "goes_on", "item")

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.item: str = params.get("as") or "item"
        self.at_once: int = params.get("at_once", 1)
        self.goes_on = params.get("on_item_error") == "continue"
        """Whether an item that fails leaves the others alone."""
        self.collect: Evaluate | None = None
        self.collected: str | None = None
        """The node whose output is collected, where a node is named instead of a value."""


class Box:
    """The nodes of the root, or of one loop: what begins together."""

    __slots__ = ("incoming", "loop", "nodes", "reads", "starts")

    def __init__(self, loop: PlanNode | None) -> None:
        self.loop = loop
        self.nodes: list[PlanNode] = []
        self.incoming: list[int] = []
        """Edges into each node, by slot."""
        self.starts: tuple[PlanNode, ...] = ()
        """The nodes that no edge leads to, in Kahn's order."""
        self.reads: tuple[str, ...] = ()
        """Variables of outside that its nodes read."""


class Plan:
    """A compiled version."""

    __slots__ = (
        "at_once",
        "backwards",
        "by_id",
        "flow",
        "keys",
        "nodes",
        "root",
        "shown",
        "stores",
        "timeout_ms",
        "triggers",
        "uses_now",
        "version",
    )

    def __init__(self, flow: Flow, version: str, nodes: list[PlanNode], root: Box) -> None:
        self.flow = flow
        self.version = version
        self.nodes = nodes
        self.root = root
        self.by_id = {node.id: node for node in nodes}
        self.triggers = tuple(node.index for node in nodes if node.type.kind == "trigger")
        self.backwards = sorted(root.nodes, key=lambda node: node.order, reverse=True)
        """The root's nodes against Kahn's order, for finding the last one that did something."""
        self.keys: dict[str, Evaluate] = {}
        """Business keys of the flow's own, evaluated over the trigger's output."""
        self.shown = {"id": flow.id, "name": flow.name, "version": version}
        """What nodes see of the flow, as the variable `flow`."""
        self.at_once = flow.limits.at_once
        timeout_s = flow.limits.timeout_s
        self.timeout_ms = None if timeout_s is None else timeout_s * 1_000
        self.uses_now = any("now" in node.reads for node in nodes)
        self.stores = any(node.type.effect == "stored" for node in nodes)
        """Some step changes Tramo's own database: it may call other flows."""


def compile_plan(flow: Flow, version: str, node_types: NodeTypes) -> Plan:
    """Compile a checked flow.

    Raises MissingType for a node whose type or upgrade is not installed.
    """
    nodes = [PlanNode(index, *_current(node, node_types)) for index, node in enumerate(flow.nodes)]
    by_id = {node.id: node for node in nodes}
    connect(flow, nodes, by_id)
    root = _boxes(nodes, by_id)
    order_nodes(root)
    items = {node.node.params.get("as") or "item" for node in nodes if node.body is not None}
    items |= {name for node in nodes for _, name in own_items(node.type, node.node.params)}
    names = dict.fromkeys((*VARIABLES, "item", "index", *items), "")
    names |= {node.id: node.node.title for node in nodes}
    for node in nodes:
        _compile_node(node, flow, names)
    for node in nodes:
        if node.body is not None:
            _note_reads(node.body)
        if node.type.rule == "merge" and node.node.params.get("wait") == "first":
            node.captives = captives(node, node.box.nodes)
    plan = Plan(flow, version, nodes, root)
    for kind, template in flow.keys.items():
        if not isinstance(template, str):  # A text is a path; ingest follows it.
            plan.keys[kind] = _Compiler(flow, names, set(), flow.keys)(template)
    return plan


def _compile_node(node: PlanNode, flow: Flow, names: Mapping[str, str]) -> None:
    params = node.node.params
    compiler = _Compiler(flow, names, node.reads, params)
    if node.type.build is not None:
        node.settle = node.type.build(params, compiler)
    elif node.type.kind != "trigger":
        node.params = compiler(params)
    if node.type.rule != "loop":
        return
    rule = node.loop = LoopRule(params)
    collect = params.get("collect")
    inside = {child.id for child in node.body.nodes} if node.body else set()
    if collect is True and node.body and node.body.nodes:
        rule.collected = max(node.body.nodes, key=lambda child: child.order).id
    elif isinstance(collect, str) and collect in inside:
        rule.collected = collect
    elif collect is not None and not isinstance(collect, bool):
        rule.collect = compiler(collect)


def _boxes(nodes: list[PlanNode], by_id: Mapping[str, PlanNode]) -> Box:
    """Put every node into its box; return the root."""
    root = Box(None)
    for node in nodes:
        if node.type.rule == "loop":
            node.body = Box(node)
    for node in nodes:
        around = by_id[node.node.inside] if node.node.inside else None
        box = around.body if around is not None else root
        if box is None:
            raise ValueError(f"{node.id} stands in {node.node.inside}, which is no loop")
        node.box, node.slot = box, len(box.nodes)
        box.nodes.append(node)
        box.incoming.append(node.incoming)
    return root


def _note_reads(box: Box) -> None:
    """Note which variables the nodes of a loop, and of the loops in it, take from outside."""
    read = {"run", "flow", "vars"}
    inside: set[str] = set()
    boxes = [box]
    for each in boxes:
        for node in each.nodes:
            inside.add(node.id)
            read |= node.reads
            if node.body is not None:
                boxes.append(node.body)
    assert box.loop is not None
    read |= box.loop.reads  # `collect` is evaluated among the variables of an item.
    box.reads = tuple(sorted(read - inside))


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

    def __call__(self, template: Any, /) -> Formula:
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
