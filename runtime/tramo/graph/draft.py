"""A flow document as far as it is well-formed: what is broken is reported, the rest is kept.

So a document with ten faults shows ten problems at once, not the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from tramo.graph.report import Report
from tramo.graph.shape import Difference, Path, compare, spell_path
from tramo.model.flow import Edge, Flow, Node
from tramo.model.id import FLOW_ID, NODE_ID, NODE_TYPE
from tramo.model.node_type import NodeType, NodeTypes

T = TypeVar("T", Node, Edge)

_FLOW_SCHEMA: Final = msgspec.json.schema(Flow)
_SCHEMAS: Final[dict[Any, Mapping[str, Any]]] = {
    Node: {**_FLOW_SCHEMA, "$ref": "#/$defs/Node"},
    Edge: {**_FLOW_SCHEMA, "$ref": "#/$defs/Edge"},
}
_REQUIRED: Final[dict[Any, tuple[str, ...]]] = {Node: ("id", "type"), Edge: ("from", "to")}
_PLACEHOLDERS: Final[dict[Any, dict[str, str]]] = {
    Node: {"id": "a", "type": "a.a"},
    Edge: {"from": "", "to": ""},
}
_FIELD_NAMES: Final = {"from": "from_"}
_SOUND: Final[frozenset[str]] = frozenset()
_OWN_SENTENCES: Final = {
    ("id", "nodes"): ("node.id_invalid", NODE_ID),
    ("type", "nodes"): ("node.type_invalid", NODE_TYPE),
    ("id", ""): ("flow.id_invalid", FLOW_ID),
}


class Placed:
    """A node and where it stands in the document."""

    __slots__ = ("index", "is_typed", "node", "params", "position", "type")

    def __init__(self, index: int, node: Node, is_typed: bool) -> None:
        self.index = index
        self.position = 0
        """Among the nodes that could be read; a broken entry of the document is none of them."""
        self.node = node
        self.is_typed = is_typed
        """Whether its type can be looked up at all."""
        self.type: NodeType | None = None
        self.params: dict[str, Any] = node.params
        """In the form of the installed type version."""

    @property
    def path(self) -> Path:
        return ("nodes", self.index)

    @property
    def is_trigger(self) -> bool:
        return self.type is not None and self.type.kind == "trigger"

    def find_type(self, node_types: NodeTypes) -> None:
        """Look its type up, carrying its params over to a newer type version where it must."""
        name, v = self.node.type, self.node.v
        self.type = node_types(name, v)
        if self.type is None:
            following = node_types(name, v + 1)
            if following is not None and following.upgrade is not None:
                self.type, self.params = following, following.upgrade(dict(self.params))


class PlacedEdge(NamedTuple):
    """An edge and where it stands; of a broken one, the fields that are not right."""

    index: int
    edge: Edge
    broken: frozenset[str] = frozenset()


class Draft:
    """The well-formed part of a document."""

    def __init__(
        self, settings: Mapping[str, Any], nodes: list[Placed], *, is_whole: bool = True
    ) -> None:
        self.settings = settings
        self.is_whole = is_whole
        """Whether nodes and edges are there at all: else nothing leads anywhere for one reason."""
        self.nodes = nodes
        self.edges: list[PlacedEdge] = []
        self.by_id: dict[str, int] = {}
        """Node id -> position in `nodes`; of doubled ids the first."""
        for position, placed in enumerate(nodes):
            placed.position = position
            if placed.node.id:
                self.by_id.setdefault(placed.node.id, position)

    @cached_property
    def inside(self) -> dict[str, list[Placed]]:
        """Loop's id -> the nodes directly inside it."""
        found: dict[str, list[Placed]] = {}
        for placed in self.nodes:
            if placed.node.inside is not None:
                found.setdefault(placed.node.inside, []).append(placed)
        return found

    def find(self, node_id: str | None) -> Placed | None:
        position = self.by_id.get(node_id or "")
        return None if position is None else self.nodes[position]


def read_draft(document: dict[str, Any], report: Report) -> Draft:
    """Report every place where the document departs from a flow's shape, and return the rest."""
    settings = {name: value for name, value in document.items() if name not in ("nodes", "edges")}
    lists = {name: value for name, value in document.items() if name in ("nodes", "edges")}
    outline = settings | {name: [] if isinstance(v, list) else v for name, v in lists.items()}
    for difference in compare(outline, _FLOW_SCHEMA):
        _note(difference, report)
        settings.pop(str(difference.path[0]), None)
    nodes = [
        Placed(index, node, "type" not in broken)
        for index, node, broken in _read_all(lists.get("nodes"), Node, "nodes", report)
    ]
    is_whole = all(isinstance(lists.get(name), list) for name in ("nodes", "edges"))
    draft = Draft(settings, nodes, is_whole=is_whole)
    draft.edges.extend(
        PlacedEdge(*read) for read in _read_all(lists.get("edges"), Edge, "edges", report)
    )
    return draft


def _read_all(
    raw: Any, kind: type[T], section: str, report: Report
) -> Iterator[tuple[int, T, frozenset[str]]]:
    """Yield each entry that is an object: its index, its sound fields, the names of the others."""
    if not isinstance(raw, list):
        return
    for index, item in enumerate(raw):
        try:
            whole = msgspec.convert(item, kind)
        except msgspec.ValidationError:
            yield from _repair(item, kind, (section, index), report)
            continue
        if isinstance(whole, Node) and not (
            NODE_ID.match(whole.id) and NODE_TYPE.match(whole.type)
        ):
            yield from _repair(item, kind, (section, index), report)
        else:
            yield index, whole, _SOUND


def _repair(
    raw: Any, kind: type[T], path: Path, report: Report
) -> Iterator[tuple[int, T, frozenset[str]]]:
    """Report what is wrong with an entry, and yield it without what is wrong."""
    if report.is_full:
        return
    label = (raw.get("label") or raw.get("id") or "") if isinstance(raw, dict) else ""
    broken: set[str] = set()
    for difference in compare(raw, _SCHEMAS[kind], path=path):
        _note(difference, report, node=label if isinstance(label, str) else "")
        broken.update(str(step) for step in difference.path[len(path) : len(path) + 1])
    if isinstance(raw, dict):
        kept = {name: value for name, value in raw.items() if name not in broken}
        # An id of the wrong form is kept: it is reported once, not by each edge that names it.
        required = {
            name: raw[name] if isinstance(raw.get(name), str) else "" for name in _REQUIRED[kind]
        }
        tolerant = msgspec.convert({**kept, **_PLACEHOLDERS[kind]}, kind)
        fields = {_FIELD_NAMES.get(name, name): value for name, value in required.items()}
        yield int(path[-1]), msgspec.structs.replace(tolerant, **fields), frozenset(broken)


def note_difference(
    report: Report,
    difference: Difference,
    family: str,
    *,
    node: str,
    field: str,
    warning: bool = False,
) -> None:
    """Report a difference under the codes of a family; an unknown name gets a proposal."""
    params = dict(difference.params)
    if difference.kind == "unknown":
        near = report.nearest(str(difference.path[-1]), params.pop("known"))
        params |= {"near": near} if near else {}
    params |= {"node": node} if node else {}
    code = family + difference.kind
    report.add(difference.path, code, warning=warning, field=field, **params)


def _note(difference: Difference, report: Report, node: str = "") -> None:
    path = difference.path
    section = str(path[0]) if len(path) == 3 else ""
    own = _OWN_SENTENCES.get((str(path[-1]), section)) if path and len(path) in (1, 3) else None
    if own is not None and difference.kind in ("pattern", "empty"):
        report.add(path, own[0], found=difference.params.get("found", ""))
        return
    inner = path[2:] if len(path) > 2 and path[0] in ("nodes", "edges") else path
    note_difference(report, difference, "flow.field_", node=node, field=spell_path(inner))
