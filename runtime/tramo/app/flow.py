"""The desk for flows: drafts, publishing, and starting by hand."""

from __future__ import annotations

from typing import Any

from tramo.app.publish import PublishDesk
from tramo.app.role import require_editor
from tramo.graph.plan import Plan, PlanNode
from tramo.ingest.intake import Intake
from tramo.ingest.key import trigger_keys
from tramo.ingest.subscription import AFTER, Route, awaited_events, route_of
from tramo.model.event import Key
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.store import flow as store
from tramo.store.wait import note_awaited


class FlowDesk(PublishDesk):
    """Everything that people do with flows."""

    def __init__(self, *, intake: Intake, **publishing: Any) -> None:
        super().__init__(**publishing)
        self._intake = intake

    async def start(
        self,
        scope: Scope,
        flow_id: str,
        event: Any,
        trigger: str | None = None,
        version: str = "draft",
    ) -> str:
        """Start a run with `event` as the trigger's output; return its id after the commit."""
        require_editor(scope)
        plan = await self.plan(scope, flow_id, version)
        live = await self.begin(scope, plan, event, trigger)
        return live.state.run_id

    async def plan(self, scope: Scope, flow_id: str, version: str) -> Plan:
        """Return the plan of a flow's `draft` or `published` version; raises TramoError for one
        that there is not, or that has problems."""
        row = await self._row(scope, flow_id)
        if version == "published" and row.version is None:
            raise _never_published()
        if version == "published":
            name = row.version
        else:
            name = await self._keep_draft(scope, flow_id, row.draft)
        return await self._plans.get(scope.workspace_id, flow_id, name)

    async def document(self, scope: Scope, flow_id: str, version: str = "draft") -> dict[str, Any]:
        """Return the document of a flow's `draft` or `published` version."""
        row = await self._row(scope, flow_id)
        if version == "draft":
            return decode(row.draft)
        if row.version is None:
            raise _never_published()
        return (await self.version(scope, flow_id, row.version))["document"]

    async def plan_of(self, scope: Scope, flow_id: str, document: dict[str, Any]) -> Plan:
        """Return the plan of a document to be tried, kept as a version nobody published; raises
        TramoError where it has problems."""
        version = await self._keep_draft(scope, flow_id, encode(document))
        plan = await self._plans.get(scope.workspace_id, flow_id, version)
        await self._await_events(scope.workspace_id, plan)
        return plan

    def triggers(self, plan: Plan, trigger: str | None) -> list[PlanNode]:
        """Return the trigger that was named, or all that may fire."""
        if trigger is not None:
            return [chosen_trigger(plan, trigger)]
        nodes = [plan.nodes[index] for index in plan.triggers]
        return [node for node in nodes if not node.node.disabled]

    async def _keep_draft(self, scope: Scope, flow_id: str, draft: bytes) -> str:
        flow, version = self._checked(draft)
        await self._database.write(
            lambda c: store.add_version(
                c,
                scope,
                flow_id=flow_id,
                version=version,
                name=flow.name,
                document=draft,
                published_at=None,
            )
        )
        return version

    async def begin(self, scope: Scope, plan: Plan, event: Any, trigger: str | None) -> Any:
        """Start a run of a plan by hand and return it."""
        node = chosen_trigger(plan, trigger)
        await self._await_events(scope.workspace_id, plan)
        taken = await self._intake.take(
            scope.workspace_id,
            type=node.node.type,
            source=f"{plan.flow.id}/by_hand",
            payload=encode(event),
            output=event,
            routes=[route_of(scope.workspace_id, plan, node)],
            keys=self.keys(node, event),
            by_hand=True,
        )
        return taken.runs[0]

    async def draft_route(self, address: str, type: str) -> Route | None:
        """Return the draft's trigger of this type behind a test address."""
        place = await self._database.read(lambda c: store.find_address(c, address))
        if place is None:
            return None
        workspace_id, flow_id, node_id = place
        scope = Scope(workspace_id, "test address", "editor")
        row = await self._database.read(lambda c: store.get_flow(c, scope, flow_id))
        if row is None:
            return None
        version = await self._keep_draft(scope, flow_id, row.draft)
        plan = await self._plans.get(workspace_id, flow_id, version)
        node = plan.by_id.get(node_id)
        if node is None or node.node.type != type:
            return None
        await self._await_events(workspace_id, plan)
        return route_of(workspace_id, plan, node)

    async def _await_events(self, workspace_id: str, plan: Plan) -> None:
        """Let every process know what the runs of a draft may wait for, before the first begins."""
        types = awaited_events(plan)
        if not types <= self._subscriptions.awaited_types(workspace_id):
            await self._database.write(lambda c: note_awaited(c, workspace_id, types))
            self._subscriptions.await_types(workspace_id, types)

    def keys(self, node: PlanNode, event: Any) -> tuple[Key, ...]:
        """Return what an event given by hand is about: the keys it would have had from outside."""
        kind, params = node.type, node.node.params
        if node.node.type == AFTER:
            kind = self._node_types(params["type"], 1) or kind
        return trigger_keys(kind, params, event, node.node.connection or "")


def _never_published() -> TramoError:
    return TramoError(
        "flow.never_published", "This flow was never published; publish it.", status=409
    )


def chosen_trigger(plan: Plan, trigger: str | None) -> PlanNode:
    """Return the trigger that was named, or the only one; one that is switched off never fires."""
    triggers = [plan.nodes[index] for index in plan.triggers]
    ids = [node.id for node in triggers if not node.node.disabled]
    if trigger is None and len(ids) == 1:
        return plan.by_id[ids[0]]
    if trigger is None:
        raise TramoError(
            "run.trigger_needed",
            f"This flow has several triggers ({', '.join(ids)}); say which one fires.",
            status=422,
            params={"triggers": ids},
        )
    if trigger in plan.by_id and plan.by_id[trigger].node.disabled:
        raise TramoError(
            "run.trigger_disabled",
            f"“{trigger}” is switched off; switch it on, or choose another trigger.",
            status=422,
            params={"triggers": ids},
        )
    if trigger not in ids:
        raise TramoError(
            "run.trigger_unknown",
            f"“{trigger}” is not a trigger of this flow; it has {', '.join(ids)}.",
            status=422,
            params={"triggers": ids},
        )
    return plan.by_id[trigger]
