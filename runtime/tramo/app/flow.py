"""The desk for flows: drafts, checks, versions, starting by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Row

from tramo.app.page import cursor_of, read_cursor
from tramo.engine.instant import rfc3339
from tramo.graph import check, load, version_id
from tramo.ingest.intake import Intake
from tramo.ingest.subscription import Route, Subscriptions
from tramo.model.flow import Flow
from tramo.model.node_type import NodeTypes
from tramo.model.problem import Problem, TramoError, has_error
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.runner.plan import PlanCache
from tramo.store import flow as store
from tramo.store.database import Database

LISTED = 50

Subscribed = Callable[[Scope, list[Route]], Awaitable[None]]


class FlowDesk:
    """What people do with flows."""

    def __init__(
        self,
        *,
        database: Database,
        node_types: NodeTypes,
        plans: PlanCache,
        subscriptions: Subscriptions,
        intake: Intake,
        clock: Clock,
        ids: Ids,
        url: Callable[[], str],
        subscribed: Subscribed,
    ) -> None:
        self._database = database
        self._node_types = node_types
        self._plans = plans
        self._subscriptions = subscriptions
        self._intake = intake
        self._clock = clock
        self._ids = ids
        self._url = url
        self._subscribed = subscribed

    # Reading -----------------------------------------------------------------------------------

    async def list(
        self, scope: Scope, limit: int = LISTED, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return the flows, last changed first."""
        before = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: store.list_flows(c, scope, limit=limit + 1, before=before)
        )
        items = [self._item(row) for row in rows[:limit]]
        more = len(rows) > limit
        last = rows[limit - 1] if more else None
        return {"items": items, "next": cursor_of(last.updated_at, last.id) if last else None}

    def _item(self, row: Row[Any]) -> dict[str, Any]:
        draft = decode(row.draft)
        nodes = draft.get("nodes")
        types = [
            node["type"]
            for node in (nodes if isinstance(nodes, list) else [])
            if isinstance(node, dict) and isinstance(node.get("type"), str)
        ]
        triggers = [name for name in types if (kind := self._kind(name)) and kind.kind == "trigger"]
        problems = check(draft, self._node_types)
        last = None
        if row.run_id:
            last = {
                "id": row.run_id,
                "state": row.run_state,
                "started_at": rfc3339(row.started_at),
            }
        return {
            "id": row.id,
            "name": row.name,
            "state": row.state,
            "version": row.version,
            "draft_changed": row.version is None or _draft_version(draft, problems) != row.version,
            "problem_count": sum(problem.level == "error" for problem in problems),
            "triggers": triggers,
            "updated_at": rfc3339(row.updated_at),
            "last_run": last,
        }

    def _kind(self, name: str) -> Any:
        return self._node_types(name, 1)

    async def get(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Return a flow with its draft, its problems and its published version."""
        row = await self._row(scope, flow_id)
        document = decode(row.draft)
        return {
            "id": row.id,
            "document": document,
            "etag": row.etag,
            "state": row.state,
            "published": await self._published(scope, row),
            "problems": check(document, self._node_types),
        }

    async def _published(self, scope: Scope, row: Row[Any]) -> dict[str, Any] | None:
        if row.version is None:
            return None
        version = row.version
        found, by_node = await self._database.read(
            lambda c: (
                store.get_version(c, scope, row.id, version),
                store.addresses(c, scope, row.id),
            )
        )
        return {
            "version": version,
            "published_at": rfc3339(found.published_at) if found else None,
            "addresses": self._addresses(by_node),
        }

    def _addresses(self, by_node: dict[str, str]) -> list[dict[str, str]]:
        url = self._url()
        return [
            {"node": node, "url": f"{url}/in/{token}", "test_url": f"{url}/in/test/{token}"}
            for node, token in by_node.items()
        ]

    async def _row(self, scope: Scope, flow_id: str) -> Row[Any]:
        row = await self._database.read(lambda c: store.get_flow(c, scope, flow_id))
        if row is None:
            raise TramoError(
                "flow.unknown", f"There is no flow {flow_id}.", status=404, params={"id": flow_id}
            )
        return row

    async def check(self, scope: Scope, document: Any) -> list[Problem]:
        """Return every problem of a document, saved or not."""
        del scope
        return check(document, self._node_types)

    async def export(self, scope: Scope, flow_id: str) -> Any:
        """Return the draft document."""
        return decode((await self._row(scope, flow_id)).draft)

    async def versions(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Return the published versions, newest first."""
        await self._row(scope, flow_id)
        rows = await self._database.read(lambda c: store.list_versions(c, scope, flow_id))
        items = [
            {
                "version": row.version,
                "name": row.name,
                "published_at": rfc3339(row.published_at),
                "published_by": row.published_by,
            }
            for row in rows
        ]
        return {"items": items, "next": None}

    async def version(self, scope: Scope, flow_id: str, version: str) -> dict[str, Any]:
        """Return one version with its document."""
        row = await self._database.read(lambda c: store.get_version(c, scope, flow_id, version))
        if row is None:
            raise TramoError(
                "flow.version_unknown",
                f"The flow {flow_id} has no version {version[:12]}.",
                status=404,
            )
        return {"version": row.version, "document": decode(row.document)}

    # Writing -----------------------------------------------------------------------------------

    async def create(
        self, scope: Scope, document: Any = None, name: str | None = None
    ) -> dict[str, Any]:
        """Keep a new flow as a draft; an empty one when only a name is given."""
        _require_editor(scope)
        if document is None:
            document = {
                "format": 1,
                "id": self._ids.new("flow"),
                "name": name or "Flow",
                "nodes": [],
                "edges": [],
            }
        flow_id, title = _identity(document)
        draft = encode(document)
        etag = _etag(draft)
        now = self._clock.now_ms()
        added = await self._database.write(
            lambda c: store.add_flow(
                c, scope, flow_id=flow_id, name=title, draft=draft, etag=etag, now=now
            )
        )
        if not added:
            raise TramoError(
                "flow.exists",
                f"There is a flow {flow_id} already; save its draft, or give this one another id.",
                path="/id",
                status=409,
            )
        return await self.get(scope, flow_id)

    async def save_draft(
        self, scope: Scope, flow_id: str, document: Any, etag: str | None = None
    ) -> dict[str, Any]:
        """Replace the draft, problems and all; refused when somebody else changed it meanwhile."""
        _require_editor(scope)
        found_id, title = _identity(document)
        if found_id != flow_id:
            raise TramoError(
                "flow.id_changed",
                f"The document says it is {found_id}, but this is {flow_id}.",
                path="/id",
                status=422,
            )
        row = await self._row(scope, flow_id)
        draft = encode(document)
        fresh = _etag(draft)
        now = self._clock.now_ms()
        saved = await self._database.write(
            lambda c: store.save_draft(
                c,
                scope,
                flow_id=flow_id,
                name=title,
                draft=draft,
                etag=fresh,
                expected=etag,
                now=now,
            )
        )
        if not saved:
            row = await self._row(scope, flow_id)
            raise TramoError(
                "flow.changed_elsewhere",
                "This flow was changed somewhere else since it was opened here.",
                status=412,
                params={"etag": row.etag, "by": row.updated_by, "at": rfc3339(row.updated_at)},
            )
        return {"etag": fresh, "problems": check(document, self._node_types)}

    async def put(self, scope: Scope, document: Any) -> dict[str, Any]:
        """Create the flow, or replace its draft if it is there."""
        flow_id, _ = _identity(document)
        row = await self._database.read(lambda c: store.get_flow(c, scope, flow_id))
        if row is None:
            created = await self.create(scope, document)
            return {"id": flow_id, "etag": created["etag"], "problems": created["problems"]}
        return {"id": flow_id, **await self.save_draft(scope, flow_id, document)}

    async def publish(self, scope: Scope, flow_id: str, etag: str | None = None) -> dict[str, Any]:
        """Make the draft the version that events start from now on."""
        _require_editor(scope)
        row = await self._row(scope, flow_id)
        if etag is not None and row.etag != etag:
            raise TramoError(
                "flow.changed_elsewhere",
                "This flow was changed somewhere else since it was opened here.",
                status=412,
                params={"etag": row.etag, "by": row.updated_by, "at": rfc3339(row.updated_at)},
            )
        flow, version = self._checked(row.draft)
        webhooks = [node.id for node in flow.nodes if node.type == "core.webhook"]
        tokens = {node_id: self._ids.token() for node_id in webhooks}
        now = self._clock.now_ms()
        plan = self._plans.add(scope.workspace_id, flow_id, version, row.draft)

        def write(connection: Any) -> dict[str, str]:
            store.add_version(
                connection,
                scope,
                flow_id=flow_id,
                version=version,
                name=flow.name,
                document=row.draft,
                published_at=now,
            )
            store.set_state(connection, scope, flow_id, state="active", version=version, now=now)
            return {
                node_id: store.ensure_address(connection, scope, flow_id, node_id, token)
                for node_id, token in tokens.items()
            }

        addresses = await self._database.write(write)
        routes = self._subscriptions.set_flow(scope.workspace_id, plan, addresses)
        await self._subscribed(scope, routes)
        return {
            "version": version,
            "published_at": rfc3339(now),
            "addresses": self._addresses(addresses),
        }

    def _checked(self, draft: bytes) -> tuple[Flow, str]:
        problems = check(decode(draft), self._node_types)
        if has_error(problems):
            raise TramoError(
                "flow.problems",
                "This flow has problems; mend them, then publish.",
                status=422,
                problems=problems,
            )
        flow = load(draft)
        return flow, version_id(flow)

    async def pause(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Let the flow take no more events; runs in flight go on."""
        _require_editor(scope)
        row = await self._row(scope, flow_id)
        now = self._clock.now_ms()
        await self._database.write(
            lambda c: store.set_state(
                c,
                scope,
                flow_id,
                state="paused" if row.version else "draft",
                version=row.version,
                now=now,
            )
        )
        self._subscriptions.remove_flow(scope.workspace_id, flow_id)
        return await self.get(scope, flow_id)

    async def resume(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Let a paused flow take events again, with the version it had."""
        _require_editor(scope)
        row = await self._row(scope, flow_id)
        if row.version is None:
            raise TramoError(
                "flow.never_published", "This flow was never published; publish it.", status=409
            )
        plan = await self._plans.get(scope.workspace_id, flow_id, row.version)
        now = self._clock.now_ms()

        def write(connection: Any) -> dict[str, str]:
            store.set_state(
                connection, scope, flow_id, state="active", version=row.version, now=now
            )
            return store.addresses(connection, scope, flow_id)

        addresses = await self._database.write(write)
        routes = self._subscriptions.set_flow(scope.workspace_id, plan, addresses)
        await self._subscribed(scope, routes)
        return await self.get(scope, flow_id)

    async def delete(self, scope: Scope, flow_id: str) -> None:
        """Take the flow away; runs in flight end on their version."""
        _require_editor(scope)
        await self._row(scope, flow_id)
        now = self._clock.now_ms()
        await self._database.write(lambda c: store.delete_flow(c, scope, flow_id, now))
        self._subscriptions.remove_flow(scope.workspace_id, flow_id)

    # Starting by hand ----------------------------------------------------------------------------

    async def start(
        self,
        scope: Scope,
        flow_id: str,
        event: Any,
        trigger: str | None = None,
        version: str = "draft",
    ) -> str:
        """Start a run with `event` as the trigger's output; return its id after the commit."""
        _require_editor(scope)
        row = await self._row(scope, flow_id)
        if version == "published" and row.version is None:
            raise TramoError(
                "flow.never_published", "This flow was never published; publish it.", status=409
            )
        if version == "published":
            name = row.version
        else:
            name = await self._keep_draft(scope, flow_id, row.draft)
        plan = await self._plans.get(scope.workspace_id, flow_id, name)
        live = await self.begin(scope, plan, event, trigger)
        return live.state.run_id

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

    async def begin(self, scope: Scope, plan: Any, event: Any, trigger: str | None) -> Any:
        """Start a run of a plan by hand and return it."""
        node = _chosen_trigger(plan, trigger)
        route = Route(
            scope.workspace_id,
            plan.flow.id,
            plan.version,
            node.id,
            node.node.type,
            node.node.v,
            node.node.connection,
            node.node.params,
        )
        taken = await self._intake.take(
            scope.workspace_id,
            type=node.node.type,
            source=f"{plan.flow.id}/by_hand",
            payload=encode(event),
            output=event,
            routes=[route],
            keys=_keys(node, event),
            by_hand=True,
        )
        return taken.runs[0]

    async def draft_route(self, address: str) -> Route | None:
        """Return the draft's trigger behind a test address."""
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
        if node is None:
            return None
        return Route(
            workspace_id,
            flow_id,
            version,
            node_id,
            node.node.type,
            node.node.v,
            None,
            node.node.params,
        )


def _keys(node: Any, event: Any) -> Any:
    from tramo.ingest.key import extract_keys

    manifest = node.type.trigger
    return extract_keys(manifest.keys, event, node.node.connection or "") if manifest else ()


def _chosen_trigger(plan: Any, trigger: str | None) -> Any:
    """Return the trigger that was named, or the only one."""
    ids = [plan.nodes[index].id for index in plan.triggers]
    if trigger is None and len(ids) == 1:
        return plan.by_id[ids[0]]
    if trigger is None:
        raise TramoError(
            "run.trigger_needed",
            f"This flow has several triggers ({', '.join(ids)}); say which one fires.",
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


def _identity(document: Any) -> tuple[str, str]:
    """Return the id and name of a document that can be kept as a draft, problems and all."""
    from tramo.model.id import FLOW_ID

    if not isinstance(document, dict):
        raise TramoError("flow.not_a_flow", "A flow document is an object.", path="", status=422)
    flow_id, name = document.get("id"), document.get("name")
    if not isinstance(flow_id, str) or not FLOW_ID.match(flow_id):
        raise TramoError(
            "flow.id", "A flow's id is flow_ and letters, digits, - or _.", path="/id", status=422
        )
    if not isinstance(name, str) or not name.strip():
        raise TramoError("flow.name", "Give the flow a name.", path="/name", status=422)
    return flow_id, name[:200]


def _etag(draft: bytes) -> str:
    return hashlib.sha256(draft).hexdigest()[:32]


def _draft_version(draft: Any, problems: list[Problem]) -> str | None:
    return None if has_error(problems) else version_id(load(encode(draft)))


def _require_editor(scope: Scope) -> None:
    if not scope.may_write:
        raise TramoError(
            "role.viewer", "You may look at this, but not change it. Ask an owner.", status=403
        )
