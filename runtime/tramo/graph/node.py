"""The rules of single nodes: their id, their type, their connection and their settings."""

from __future__ import annotations

from collections.abc import Mapping

from tramo.graph.draft import Draft, Placed
from tramo.graph.edge import ERROR, has_error_port
from tramo.graph.report import Report
from tramo.graph.topology import Topology
from tramo.model.id import RESERVED_NODE_IDS
from tramo.model.node_type import NodeType, NodeTypes

_VERSIONS_LOOKED_AT = 20


def check_ids(draft: Draft, report: Report) -> None:
    """Report ids that two nodes share and ids that mean something else in an expression."""
    seen: set[str] = set()
    for placed in draft.nodes:
        node_id = placed.node.id
        if node_id in RESERVED_NODE_IDS:
            report.add((*placed.path, "id"), "node.id_reserved", id=node_id)
        elif node_id and node_id in seen:
            report.add((*placed.path, "id"), "node.id_twice", id=node_id)
        seen.add(node_id)


def find_types(draft: Draft, node_types: NodeTypes, report: Report) -> None:
    """Look every node's type up, and report those that are not installed."""
    other_versions: dict[str, bool] = {}
    for placed in draft.nodes:
        if not placed.is_typed:
            continue
        placed.find_type(node_types)
        if placed.type is not None:
            continue
        node = placed.node
        if node.type not in other_versions:
            other_versions[node.type] = any(
                node_types(node.type, v + 1) for v in range(_VERSIONS_LOOKED_AT)
            )
        installed = other_versions[node.type]
        code, field = ("node.version_unknown", "v") if installed else ("node.type_unknown", "type")
        report.add((*placed.path, field), code, node=node.title, type=node.type, v=node.v)


def check_settings(placed: Placed, kinds: Mapping[str, str], report: Report) -> None:
    """Report what a node's type does not allow it: connection, once, on_doubt."""
    node, kind = placed.node, placed.type
    assert kind is not None
    if kind.connection == "required" and node.connection is None:
        report.add((*placed.path, "connection"), "node.connection_missing", node=node.title)
    if kind.connection == "none" and node.connection is not None:
        report.add((*placed.path, "connection"), "node.connection_unused", node=node.title)
    if kind.costly and node.on_doubt == "repeat":
        report.add((*placed.path, "on_doubt"), "node.repeat_costly", node=node.title)
    for name in _unused_settings(placed):
        report.add((*placed.path, name), "node.setting_unused", node=node.title, setting=name)
    if node.once is not None and node.once not in kinds:
        report.add(
            (*placed.path, "once"),
            "node.once_unknown",
            node=node.title,
            key=node.once,
            known=list(kinds),
            near=report.nearest(node.once, kinds),
        )


def _unused_settings(placed: Placed) -> list[str]:
    """Name the settings that a node of this type takes no notice of.

    What the engine settles by itself is not tried again; only what waits has a time limit.
    """
    node, kind = placed.node, placed.type
    if kind is None or kind.kind == "trigger":
        return []
    by_itself = kind.build is not None
    unused = {
        "retry": node.retry is not None and (by_itself or kind.effect == "stored"),
        "timeout_s": node.timeout_s is not None and by_itself and kind.type not in _WAITING,
    }
    return [name for name, is_unused in unused.items() if is_unused]


_WAITING = ("core.wait", "core.approve", "core.brake")


def check_reach(draft: Draft, topology: Topology, report: Report) -> None:
    """Report nodes that no trigger leads to; a flow without a trigger is one problem, not many."""
    triggers = [at for at, placed in enumerate(draft.nodes) if placed.is_trigger]
    unknown = [at for at, placed in enumerate(draft.nodes) if placed.type is None]
    if not any(not draft.nodes[at].node.disabled for at in triggers):
        if not unknown:
            report.add(("nodes",), "flow.no_trigger")
        return
    # What stands behind an unknown type may well be reached: that type may be a trigger.
    reached = topology.reach([*triggers, *(at for at in unknown if not topology.before[at])])
    for position, placed in enumerate(draft.nodes):
        if position not in reached:
            report.add(placed.path, "node.unreachable", node=placed.node.title)


def check_wiring(draft: Draft, topology: Topology, report: Report) -> None:
    """Report merges with nothing to merge, and error ports that lead nowhere."""
    wired = {edge.from_ for _, edge, _ in draft.edges if edge.port == ERROR}
    for position, placed in enumerate(draft.nodes):
        if placed.type is None:
            continue
        if placed.type.rule == "merge" and len(topology.before[position]) < 2:
            report.add(placed.path, "node.merge_single", node=placed.node.title)
        if has_error_port(placed) and placed.node.id not in wired:
            path = (*placed.path, "on_error")
            report.add(path, "node.error_port_unused", node=placed.node.title)


def check_answers(draft: Draft, report: Report) -> None:
    """Report webhooks that wait for an answer nobody gives, and answers that nobody waits for."""
    waiting = [p for p in draft.nodes if p.is_trigger and p.params.get("answer") == "respond"]
    answering = [p for p in draft.nodes if p.type is not None and p.type.rule == "respond"]
    for placed in waiting if not answering else ():
        path = (*placed.path, "params", "answer")
        report.add(path, "webhook.respond_missing", node=placed.node.title)
    for placed in answering if not waiting else ():
        report.add(placed.path, "node.respond_unheard", node=placed.node.title)


def find_trigger(name: str, node_types: NodeTypes) -> NodeType | None:
    """Return the trigger of a name in its lowest installed version."""
    for v in range(1, _VERSIONS_LOOKED_AT + 1):
        kind = node_types(name, v)
        if kind is not None:
            return kind if kind.kind == "trigger" else None
    return None


def key_kinds(draft: Draft, node_types: NodeTypes) -> dict[str, str]:
    """Return the kinds of business keys that the flow's events may carry."""
    kinds: dict[str, str] = {}
    for placed in draft.nodes:
        if placed.type is None or placed.type.trigger is None:
            continue
        kinds.update(placed.type.trigger.keys)
        own = placed.params.get("keys")
        kinds.update(dict.fromkeys(own, "") if isinstance(own, dict) else {})
        if placed.type.trigger.source == "event":  # It passes on what another trigger hears.
            key, name = placed.params.get("key"), placed.params.get("type")
            kinds.update({key: ""} if isinstance(key, str) else {})
            heard = find_trigger(name, node_types) if isinstance(name, str) else None
            kinds.update(heard.trigger.keys if heard is not None and heard.trigger else {})
    flow_keys = draft.settings.get("keys")
    kinds.update(dict.fromkeys(flow_keys, "") if isinstance(flow_keys, dict) else {})
    return kinds
