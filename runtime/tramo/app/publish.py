"""The desk for publishing: which version of a flow takes events, and whether it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Literal

from tramo.app.draft import form_nodes
from tramo.app.role import require_editor
from tramo.app.version import VersionDesk
from tramo.app.waiting import Fate, WaitingDesk
from tramo.engine.instant import rfc3339
from tramo.graph import check, check_connections, load, version_id
from tramo.graph.plan import Plan
from tramo.ingest.door import WEBHOOK
from tramo.ingest.form import FORM
from tramo.ingest.subscription import awaited_events, timers_of
from tramo.model.flow import Flow
from tramo.model.problem import Problem, TramoError, has_error
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.runner.plan import PlanCache
from tramo.store import flow as store
from tramo.store.connection import list_connections
from tramo.store.publication import add_publication
from tramo.store.timer import arm
from tramo.store.wait import note_awaited

Subscribed = Callable[[Scope, str], Awaitable[None]]
"""Told of a flow that takes events from now on, or none any more."""


class PublishDesk(VersionDesk):
    """What people do to let a flow take events, or none."""

    def __init__(
        self,
        *,
        plans: PlanCache,
        subscribed: Subscribed,
        waiting: WaitingDesk,
        notifiers: Collection[str] = (),
        force_twins: bool = False,
        **drafts: Any,
    ) -> None:
        super().__init__(**drafts)
        self._notifiers = notifiers
        self._force_twins = force_twins
        self._plans = plans
        self._subscribed = subscribed
        self._waiting = waiting

    async def publish(
        self,
        scope: Scope,
        flow_id: str,
        etag: str | None = None,
        *,
        name: str | None = None,
        waiting: Fate = "stay",
    ) -> dict[str, Any]:
        """Make the draft the version that events start from now on; say what becomes of the runs
        that wait on older ones."""
        require_editor(scope)
        row = await self._row(scope, flow_id)
        if etag is not None and row.etag != etag:
            raise await self._changed_elsewhere(row)
        flow, version = self._checked(row.draft)
        await self._check_connections(scope, flow)
        _check_forms(flow)
        tokens = {
            node.id: (self._ids.token(), node.params.get("slug"))
            for node in flow.nodes
            if node.type in (WEBHOOK, FORM)
        }
        now = self._clock.now_ms()
        plan = self._plans.add(scope.workspace_id, flow_id, version, row.draft)
        awaited = awaited_events(plan)

        def write(connection: Any) -> tuple[dict[str, str], int]:
            store.add_version(
                connection,
                scope,
                flow_id=flow_id,
                version=version,
                name=flow.name,
                document=row.draft,
                published_at=now,
            )
            published = add_publication(
                connection,
                scope,
                flow_id,
                version=version,
                name=name,
                document=row.draft,
                now=now,
            )
            store.set_state(connection, scope, flow_id, state="active", version=version, now=now)
            arm(connection, scope, flow_id, timers_of(plan), now)
            note_awaited(connection, scope.workspace_id, awaited)
            addresses = {
                node_id: store.ensure_address(connection, scope, flow_id, node_id, token, slug)
                for node_id, (token, slug) in tokens.items()
            }
            return addresses, published

        addresses, number = await self._database.write(write)
        self._subscriptions.set_flow(scope.workspace_id, plan, addresses)
        await self._subscribed(scope, flow_id)
        self._tell(scope, flow_id, what="published", version=version, number=number)
        settled = None
        if waiting != "stay":
            settled = await self._waiting.settle(scope, plan, waiting)
        return {
            "version": version,
            "number": number,
            "published_at": rfc3339(now),
            "addresses": self._addresses(addresses, form_nodes(decode(row.draft))),
            "waiting": settled,
        }

    async def waiting(self, scope: Scope, flow_id: str, version: str) -> dict[str, Any]:
        """Return how many runs wait on other versions than the `draft` or the `published` one, and
        how many of them could move to it."""
        return await self._waiting.look(scope, await self._target(scope, flow_id, version))

    async def settle_waiting(
        self, scope: Scope, flow_id: str, fate: Literal["move", "cancel"], after: str | None
    ) -> dict[str, Any]:
        """Move runs that wait on older versions to the published one, or cancel them."""
        require_editor(scope)
        plan = await self._target(scope, flow_id, "published")
        return await self._waiting.settle(scope, plan, fate, after)

    async def _target(self, scope: Scope, flow_id: str, version: str) -> Plan:
        row = await self._row(scope, flow_id)
        if version == "draft":
            _, name = self._checked(row.draft)
            return self._plans.add(scope.workspace_id, flow_id, name, row.draft)
        if row.version is None:
            raise _never_published()
        return await self._plans.get(scope.workspace_id, flow_id, row.version)

    async def _check_connections(self, scope: Scope, flow: Flow) -> None:
        """Refuse a flow whose nodes would find no account; only a draft may wait for one.

        Where twins are forced, every node finds one.
        """
        if self._force_twins:
            return
        rows = await self._database.read(lambda c: list_connections(c, scope))
        connectors = {row.id: row.connector for row in rows}
        problems = check_connections(flow, self._node_types, connectors, self._notifiers)
        if problems:
            raise _problems(problems)

    def _checked(self, draft: bytes) -> tuple[Flow, str]:
        problems = check(decode(draft), self._node_types)
        if has_error(problems):
            raise _problems(problems)
        flow = load(draft)
        return flow, version_id(flow)

    async def pause(self, scope: Scope, flow_id: str, reason: str | None = None) -> dict[str, Any]:
        """Let the flow take no more events; runs in flight go on.

        `reason` says why, where it was no person's wish.
        """
        require_editor(scope)
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
                reason=reason,
            )
        )
        self._subscriptions.remove_flow(scope.workspace_id, flow_id)
        await self._subscribed(scope, flow_id)
        return await self.get(scope, flow_id)

    async def delete(self, scope: Scope, flow_id: str) -> None:
        """Take the flow away; runs in flight end on their version."""
        require_editor(scope)
        await self._row(scope, flow_id)
        now = self._clock.now_ms()
        await self._database.write(lambda c: store.delete_flow(c, scope, flow_id, now))
        self._subscriptions.remove_flow(scope.workspace_id, flow_id)
        await self._subscribed(scope, flow_id)

    async def resume(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Let a paused flow take events again, with the version it had."""
        require_editor(scope)
        row = await self._row(scope, flow_id)
        if row.version is None:
            raise _never_published()
        plan = await self._plans.get(scope.workspace_id, flow_id, row.version)
        now = self._clock.now_ms()

        def write(connection: Any) -> dict[str, str]:
            store.set_state(
                connection, scope, flow_id, state="active", version=row.version, now=now
            )
            arm(connection, scope, flow_id, timers_of(plan), now)
            return store.addresses(connection, scope, flow_id)

        addresses = await self._database.write(write)
        self._subscriptions.set_flow(scope.workspace_id, plan, addresses)
        await self._subscribed(scope, flow_id)
        return await self.get(scope, flow_id)


def _check_forms(flow: Flow) -> None:
    """Refuse forms that nobody could fill in."""
    for place, node in enumerate(flow.nodes):
        if node.type != FORM:
            continue
        seen: set[str] = set()
        for number, field in enumerate(node.params.get("fields", ())):
            path = f"/nodes/{place}/params/fields/{number}"
            if field["name"] in seen:
                raise TramoError(
                    "form.field_twice",
                    f"Two fields of the form are called “{field['name']}”; give each its own name.",
                    path=f"{path}/name",
                    status=422,
                    params={"name": field["name"]},
                )
            if field.get("kind") == "choice" and not field.get("options"):
                raise TramoError(
                    "form.no_options",
                    f"“{field['label']}” has nothing to choose from; add its choices.",
                    path=f"{path}/options",
                    status=422,
                    params={"label": field["label"]},
                )
            seen.add(field["name"])


def _never_published() -> TramoError:
    return TramoError(
        "flow.never_published", "This flow was never published; publish it.", status=409
    )


def _problems(problems: list[Problem]) -> TramoError:
    return TramoError(
        "flow.problems",
        "This flow has problems; mend them, then publish.",
        status=422,
        problems=problems,
    )
