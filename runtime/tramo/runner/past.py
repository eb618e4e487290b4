"""What the runs before one did, as far as it is about the nodes that this one has.

A later version may have another kind of node under an id that was in use before: the editor names
nodes after what they do, and two shops both have an order to get. What the one did says nothing of
the other.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from tramo.engine import decode_segment
from tramo.engine.journal import encode_segment
from tramo.graph import load
from tramo.graph.plan import Plan
from tramo.model.scope import Scope
from tramo.runner.prior import Segments
from tramo.store.flow import get_version
from tramo.store.rerun import runs_before
from tramo.store.row import JOURNAL_FORMAT
from tramo.store.run import read_journal

_OF_NO_NODE: Final = frozenset("cxe")


def read_past(connection: Connection, scope: Scope, plan: Plan, run_id: str | None) -> Segments:
    """Return the journals of a run and of all that it is a re-run of, the oldest first, without
    what nodes did in whose place `plan` has one of another type."""
    segments: list[tuple[int, bytes]] = []
    known: dict[str, frozenset[str]] = {}
    for before in runs_before(connection, run_id):
        if before.version not in known:
            known[before.version] = replaced(connection, scope, plan, before.version)
        gone = known[before.version]
        found = read_journal(connection, before.id)
        segments += [_without(gone, *segment) for segment in found] if gone else found
    return segments


def replaced(connection: Connection, scope: Scope, plan: Plan, version: str) -> frozenset[str]:
    """Return the ids under which another version of a flow has a node of another type."""
    if version == plan.version:
        return frozenset()
    row = get_version(connection, scope, plan.flow.id, version)
    kinds = {node.id: node.type for node in plan.flow.nodes}
    nodes = load(row.document).nodes if row is not None else []
    return frozenset(node.id for node in nodes if kinds.get(node.id, node.type) != node.type)


def _without(gone: frozenset[str], fmt: int, body: bytes) -> tuple[int, bytes]:
    moments = [
        (at, [it for it in transitions if it[0] in _OF_NO_NODE or it[1] not in gone])
        for at, transitions in decode_segment(fmt, body)
    ]
    return JOURNAL_FORMAT, encode_segment(moments)
