"""Looks a whole flow document over and names everything that is wrong with it.

A broken part hides nothing: whatever can still be understood is looked at, so that one check is
enough to correct a document. The rules themselves stand in the modules beside this one.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tramo.graph.alert import check_alerts
from tramo.graph.awaited import check_awaited
from tramo.graph.document import read_document
from tramo.graph.draft import Draft, read_draft
from tramo.graph.edge import check_edges, check_own_ports
from tramo.graph.form import is_path, is_timezone
from tramo.graph.format import UnknownFormat, upgrade
from tramo.graph.loop import check_loops
from tramo.graph.node import (
    check_answers,
    check_ids,
    check_reach,
    check_settings,
    check_wiring,
    find_types,
    key_kinds,
)
from tramo.graph.param import Place, check_params, check_template
from tramo.graph.reference import visible_at_start, visible_to
from tramo.graph.report import Report
from tramo.graph.shape import marker_of
from tramo.graph.topology import Topology
from tramo.model import limit
from tramo.model.flow import FORMAT
from tramo.model.node_type import NodeTypes
from tramo.model.problem import Problem

_NODES_NAMED = 20


def check(document: bytes | dict[str, Any], node_types: NodeTypes) -> list[Problem]:
    """Return every problem of a flow document, in the order of the document.

    Never raises for what a document holds. A flow past the node limit is looked at as a whole, but
    the params of its first nodes only: it has to be split anyway.
    """
    with _collector_at_rest():
        return _check(document, node_types)


def _check(document: bytes | dict[str, Any], node_types: NodeTypes) -> list[Problem]:
    value, report = read_document(document)
    if value is None:
        return report.problems()
    try:
        value = upgrade(value)
    except UnknownFormat:
        if type(value.get("format")) is int:
            found = value["format"]
            report.add(("format",), "flow.format_unknown", format=found, newest=FORMAT)
            return report.problems()
    draft = read_draft(value, report)
    topology = Topology(draft)
    find_types(draft, node_types, report)
    _check_flow(draft, report)
    check_alerts(draft, report)
    check_ids(draft, report)
    check_edges(draft, report)
    check_loops(draft, report)
    _check_circles(draft, topology, report)
    if draft.is_whole:
        check_reach(draft, topology, report)
        check_wiring(draft, topology, report)
    check_answers(draft, report)
    kinds = key_kinds(draft, node_types)
    check_awaited(draft, kinds, node_types, report)
    for placed in draft.nodes[: limit.NODES_PER_FLOW]:
        if placed.type is not None:
            check_settings(placed, kinds, report)
            check_own_ports(placed, report)
            check_params(draft, placed, visible_to(draft, topology, placed, report), report)
    return report.problems()


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from walking a growing document over and over.

    A check makes no reference cycles worth collecting, and this halves the time for a large one.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _check_flow(draft: Draft, report: Report) -> None:
    """Report what concerns the flow as a whole."""
    count = len(draft.nodes)
    if count > limit.NODES_PER_FLOW:
        report.add(("nodes",), "flow.too_many_nodes", count=count, limit=limit.NODES_PER_FLOW)
    zone = draft.settings.get("timezone", "UTC")
    if not is_timezone(zone):
        report.add(("timezone",), "flow.timezone_unknown", found=zone)
    for node_id in draft.settings.get("layout", ()):
        if node_id not in draft.by_id:
            report.add(("layout", node_id), "flow.layout_unknown", id=node_id)
    _check_notes(draft, report)
    visible = visible_at_start(draft, report)
    for name, value in draft.settings.get("keys", {}).items():
        path = ("keys", name)
        if marker_of(value) is not None:
            place = Place(draft, None, path, label=name, warning=False)
            check_template(value, visible, place, report)
        elif not isinstance(value, str) or not is_path(value):
            report.add(path, "flow.key_invalid", key=name)
    key = draft.settings.get("limits", {}).get("concurrency") or {}
    place = Place(draft, None, ("limits", "concurrency", "key"), label="concurrency", warning=False)
    check_template(key.get("key"), visible, place, report)


def _check_notes(draft: Draft, report: Report) -> None:
    """Report notes that share an id, and groups of nodes that are not there."""
    seen: set[str] = set()
    for index, note in enumerate(draft.settings.get("notes", ())):
        note_id = note.get("id", "")
        if note_id in seen:
            report.add(("notes", index, "id"), "flow.note_twice", id=note_id)
        elif note_id:
            seen.add(note_id)
        for position, node_id in enumerate(note.get("nodes", ())):
            if node_id not in draft.by_id:
                path = ("notes", index, "nodes", position)
                report.add(path, "flow.note_unknown", id=node_id)


def _check_circles(draft: Draft, topology: Topology, report: Report) -> None:
    """Report each circle once, at the edge that closes it."""
    closing = {(start, end): index for start, end, index in topology.edges}
    for circle in topology.circles():
        pairs = zip(circle, [*circle[1:], circle[0]], strict=True)
        index = max(closing[pair] for pair in pairs)
        titles = [draft.nodes[position].node.title for position in circle[:_NODES_NAMED]]
        if len(circle) > _NODES_NAMED:
            titles.append(f"… ({len(circle)})")
        else:
            titles.append(titles[0])
        report.add(("edges", index), "flow.cycle", nodes=" → ".join(titles))
