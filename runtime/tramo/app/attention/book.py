"""Flow documents as they were when a run went through them, for those who tell people about it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from tramo.graph import load
from tramo.model.flow import Flow
from tramo.model.problem import TramoError
from tramo.model.scope import system_scope
from tramo.store import flow as store
from tramo.store.database import Database

KEPT: Final = 200


class FlowBook:
    """Reads versions, and keeps those read last. It compiles nothing: a version whose connector is
    gone can still be named."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._flows: OrderedDict[tuple[str, str, str], Flow] = OrderedDict()

    async def get(self, workspace_id: str, flow_id: str, version: str) -> Flow | None:
        """Return a version of a flow; None when it cannot be read any more."""
        place = (workspace_id, flow_id, version)
        known = self._flows.get(place)
        if known is not None:
            self._flows.move_to_end(place)
            return known
        scope = system_scope(workspace_id)
        row = await self._database.read(lambda c: store.get_version(c, scope, flow_id, version))
        if row is None:
            return None
        try:
            flow = load(row.document)
        except TramoError:
            return None
        self._flows[place] = flow
        if len(self._flows) > KEPT:
            self._flows.popitem(last=False)
        return flow


def title_of(flow: Flow | None, node_id: str) -> str:
    """Return what people call a node."""
    nodes = flow.nodes if flow is not None else ()
    return next((node.title for node in nodes if node.id == node_id), node_id)
