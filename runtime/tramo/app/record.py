"""The desk that starts a flow from a record: this order, that customer.

What a flow gets is what its trigger would have output: the newest event about the record that is
stored here. Nothing is fetched, and nothing is made up.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from tramo.app.flow import FlowDesk
from tramo.app.role import require_editor
from tramo.graph.plan import Plan, PlanNode
from tramo.ingest.subscription import AFTER
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.registry import Registry
from tramo.store import record as store
from tramo.store.database import Database


class RecordDesk:
    """Starts flows from what is known of a record."""

    def __init__(self, *, database: Database, flows: FlowDesk, registry: Registry) -> None:
        self._database = database
        self._flows = flows
        self._registry = registry

    async def start(
        self,
        scope: Scope,
        flow_id: str,
        kind: str,
        value: str,
        trigger: str | None = None,
        version: str = "draft",
    ) -> str:
        """Start a run from the newest event about a record; return its id after the commit.

        Without a trigger it is the one that the newest event is for.
        """
        require_editor(scope)
        plan = await self._flows.plan(scope, flow_id, version)
        nodes = self._flows.triggers(plan, trigger)

        def read(connection: Connection) -> list[tuple[PlanNode, Any]]:
            return [
                (node, event)
                for node in nodes
                if (
                    event := store.newest_event(connection, scope, _source(plan, node), kind, value)
                )
                is not None
            ]

        found = await self._database.read(read)
        if not found:
            raise self._nothing(nodes, kind, value)
        node, event = max(found, key=lambda pair: pair[1].received_at)
        live = await self._flows.begin(scope, plan, decode(event.payload), node.id)
        return live.state.run_id

    def _nothing(self, nodes: list[PlanNode], kind: str, value: str) -> TramoError:
        """Say what is missing, and with which node a person could look for it."""
        types = [node.node.type for node in nodes]
        connectors = {node.type.connector for node in nodes} - {"core"}
        reads = sorted(
            action.manifest.type
            for name in connectors
            if (known := self._registry.connectors.get(name)) is not None
            for action in known.actions.values()
            if action.manifest.effect == "pure"
        )
        sentence = (
            f"No event about {kind} {value} is stored that this flow starts from "
            f"({', '.join(types)}). Start it with the event itself, or when the next one has come."
        )
        if reads:
            sentence += f" {', '.join(reads)} can read it from the vendor."
        return TramoError(
            "record.no_event",
            sentence,
            status=404,
            params={"kind": kind, "value": value, "types": ", ".join(types), "reads": reads},
        )


def _source(plan: Plan, node: PlanNode) -> store.Source:
    """Say which stored events a trigger would have taken."""
    if node.node.type == AFTER:
        params = node.node.params
        return store.Source(type=params["type"], connection_id=params.get("connection"))
    if node.type.connector == "core":
        return store.Source(type=node.node.type, own=(plan.flow.id, node.id))
    return store.Source(type=node.node.type, connection_id=node.node.connection)
