"""Which variables a node sees: outputs of the nodes before it, and what its loops name.

A node sees its ancestors only. Inside a loop it sees what stands before the loop as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from tramo.graph.draft import Draft, Placed
from tramo.graph.loop import LOOP_TYPE, boxes_around, item_name
from tramo.graph.report import Report
from tramo.graph.topology import Topology
from tramo.model import limit
from tramo.model.node_type import NodeType

ALWAYS: Final = ("run", "flow", "now", "vars")
"""Variables that every node sees."""
LOOP_WORDS: Final = ("item", "index")


class Visible(Mapping[str, str]):
    """The variables that a node sees, name -> label; looked up, never copied."""

    def __init__(
        self, draft: Draft, before: int | None, words: frozenset[str], report: Report
    ) -> None:
        self._draft = draft
        self._report = report
        self._before = before
        self._words = words

    def with_words(self, words: frozenset[str]) -> Visible:
        """Return what is seen where there are further variables."""
        return Visible(self._draft, self._before, self._words | words, self._report)

    def with_nodes(self, nodes: int) -> Visible:
        """Return what is seen where the nodes of a bit set have run as well."""
        before = None if self._before is None else self._before | nodes
        return Visible(self._draft, before, self._words, self._report)

    def __getitem__(self, name: str) -> str:
        if name in self._words:
            return name
        position = self._draft.by_id.get(name)
        if position is None or not self._sees(position):
            raise KeyError(name)
        return self._draft.nodes[position].node.title

    def __iter__(self) -> Iterator[str]:
        # Listed to propose a like name, which takes time: a document full of misses gets a few.
        if not self._report.may_propose():
            return
        yield from sorted(self._words)
        names = (name for name, at in self._draft.by_id.items() if self._sees(at))
        yield from islice(names, limit.NODES_PER_FLOW)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _sees(self, position: int) -> bool:
        return self._before is None or bool(self._before >> position & 1)


def visible_to(draft: Draft, topology: Topology, placed: Placed, report: Report) -> Visible:
    """Return what a node's params may read."""
    words = set(ALWAYS)
    sets = topology.ancestors
    before = None if sets is None else sets[placed.position]
    for box in boxes_around(draft, placed):
        if box.node.type == LOOP_TYPE:
            words |= {item_name(box), "index"}
        if sets is not None and before is not None:
            before |= sets[box.position]
    if before is not None:
        before &= ~(1 << placed.position)
    return Visible(draft, before, frozenset(words), report)


def visible_inside(draft: Draft, placed: Placed, visible: Visible) -> Visible:
    """Return what can be read at the end of an item, when the nodes inside a loop have run."""
    nodes = 0
    for inner in draft.inside.get(placed.node.id, ()):
        nodes |= 1 << inner.position
    return visible.with_nodes(nodes).with_words(frozenset({item_name(placed), "index"}))


def visible_at_start(draft: Draft, report: Report) -> Visible:
    """Return what can be read before any node has run: the triggers' outputs."""
    triggers = 0
    for placed in draft.nodes:
        if placed.is_trigger:
            triggers |= 1 << placed.position
    return Visible(draft, triggers, frozenset(ALWAYS), report)


def known_fields(draft: Draft, names: frozenset[str]) -> dict[str, dict[str, Any]]:
    """Return the schema of each variable whose fields are known for certain.

    A node that hands on its error instead of failing may output either: nothing is certain of it.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        placed = draft.find(name)
        if placed is not None and placed.type is not None and placed.node.on_error == "stop":
            schema = closed_output(placed.type)
            if schema is not None:
                found[name] = schema
    return found


def closed_output(kind: NodeType) -> dict[str, Any] | None:
    """Return a node type's output schema, in which an object with named fields has no others.

    Outputs are written from typed Structs, so that a field that is not named never exists.
    """
    return None if kind.output_schema is None else _close(kind.output_schema)


def _close(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_close(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _close(item) for name, item in schema.items()}
    if "properties" in schema and schema.get("type") == "object":
        closed.setdefault("additionalProperties", False)
    return closed


def explain_unseen(
    draft: Draft, placed: Placed | None, name: str
) -> tuple[str, dict[str, Any]] | None:
    """Return the code and params that say why a node cannot read a name, if it is known."""
    if name in LOOP_WORDS:
        return "expression.not_in_loop", {"name": name}
    target = draft.find(name)
    if target is None:
        return None
    if target is placed:
        return "expression.own_output", {}
    around = {box.index for box in boxes_around(draft, placed)} if placed else set()
    inside = next(iter(boxes_around(draft, target)), None)
    if inside is not None and inside.index not in around:
        return "expression.inside_loop", {"name": target.node.title, "box": inside.node.title}
    return "expression.not_before", {"name": target.node.title}
