"""At which step runs failed, for lists: read from the end of their journals, without a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from tramo.app.attention.book import FlowBook
from tramo.app.run.item import run_item
from tramo.engine import decode_segment
from tramo.model.value import decode
from tramo.store.database import Database
from tramo.store.run_query import read_journal_end

LOOKED_AT: Final = 4
"""Segments before the end: a failure stands in the last of them, or just before it."""


class Faults:
    """Names the steps at which runs failed."""

    def __init__(self, *, database: Database, book: FlowBook) -> None:
        self._database = database
        self._book = book

    async def named(self, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
        """Return runs as lists show them; what failed has `failed_at`, the step by its words."""
        failed = [row for row in rows if row.state == "failed" and row.error]
        if not failed:
            return [run_item(row) for row in rows]
        nodes = await self._database.read(lambda c: {row.id: _node(c, row) for row in failed})
        return [await self._item(row, nodes.get(row.id)) for row in rows]

    async def _item(self, row: Row[Any], node_id: str | None) -> dict[str, Any]:
        item = run_item(row)
        if node_id is None:
            return item
        flow = await self._book.get(row.workspace_id, row.flow_id, row.version)
        nodes = flow.nodes if flow is not None else ()
        node = next((it for it in nodes if it.id == node_id), None)
        label, type = (node.label, node.type) if node is not None else (None, None)
        return {**item, "failed_at": {"node": node_id, "label": label, "type": type}}


def _node(connection: Connection, row: Row[Any]) -> str | None:
    """Return the node whose failure ended a run; of a loop, the one in it that failed."""
    error = decode(row.error)
    details = error.get("details")
    if isinstance(details, dict) and error["code"] == "loop.item_failed":
        return str(details["node"]) if "node" in details else None
    for fmt, body in read_journal_end(connection, row.id, LOOKED_AT):
        for _, transitions in reversed(decode_segment(fmt, body)):
            for transition in reversed(transitions):
                if transition[0] == "f" and transition[3] == error["code"]:
                    return str(transition[1])
    return None
