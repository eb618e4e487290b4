"""Compiled versions, kept while they are in use."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from tramo.graph import load
from tramo.graph.plan import Plan, compile_plan
from tramo.model.node_type import NodeTypes
from tramo.model.problem import TramoError
from tramo.model.scope import system_scope
from tramo.store.database import Database
from tramo.store.flow import get_version

KEPT: Final = 500

_Place = tuple[str, str, str]


class PlanCache:
    """Plans by (workspace, flow, version); the least recently used make room."""

    def __init__(self, database: Database, node_types: NodeTypes) -> None:
        self._database = database
        self._node_types = node_types
        self._plans: OrderedDict[_Place, Plan] = OrderedDict()

    def peek(self, workspace_id: str, flow_id: str, version: str) -> Plan | None:
        """Return a plan that is at hand."""
        place = (workspace_id, flow_id, version)
        plan = self._plans.get(place)
        if plan is not None:
            self._plans.move_to_end(place)
        return plan

    async def get(self, workspace_id: str, flow_id: str, version: str) -> Plan:
        """Return a plan, compiling it if it is not at hand.

        Raises MissingType for a node type that is not installed.
        """
        plan = self.peek(workspace_id, flow_id, version)
        if plan is not None:
            return plan
        scope = system_scope(workspace_id)
        row = await self._database.read(lambda c: get_version(c, scope, flow_id, version))
        if row is None:
            raise TramoError(
                "flow.version_unknown",
                f"The flow {flow_id} has no version {version[:12]}.",
                status=404,
            )
        return self.add(workspace_id, flow_id, version, row.document)

    def add(self, workspace_id: str, flow_id: str, version: str, document: bytes) -> Plan:
        """Compile a version's document and keep the plan."""
        plan = compile_plan(load(document), version, self._node_types)
        self._plans[(workspace_id, flow_id, version)] = plan
        if len(self._plans) > KEPT:
            self._plans.popitem(last=False)
        return plan
