"""Keeps the world in step with the active flows: vendors' subscriptions, schedules and polls."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import Connection

from tramo import sdk
from tramo.graph.plan import MissingType, Plan
from tramo.ingest.poll import Poller
from tramo.ingest.schedule import Scheduler
from tramo.ingest.subscription import Subscriptions, awaited_events, timers_of
from tramo.model.scope import Scope, system_scope
from tramo.ports.clock import Clock
from tramo.registry import Registry
from tramo.runner.plan import PlanCache
from tramo.store import flow as store
from tramo.store.timer import arm
from tramo.store.wait import note_awaited, noted_awaited
from tramo.vault.keeper import Keeper

_log = logging.getLogger("tramo")


class Subscriber:
    """Tells vendors which events active flows want, scheduler and poller when to act."""

    def __init__(
        self,
        *,
        registry: Registry,
        keeper: Keeper,
        subscriptions: Subscriptions,
        scheduler: Scheduler,
        poller: Poller,
        clock: Clock,
        url: Callable[[], str | None],
    ) -> None:
        self._registry = registry
        self._keeper = keeper
        self._subscriptions = subscriptions
        self._scheduler = scheduler
        self._poller = poller
        self._clock = clock
        self._url = url
        self.on_change: Callable[[], None] = lambda: None
        """Called when a flow takes events from now on, or none any more."""

    async def load(self, plans: PlanCache) -> None:
        """Build the index of routes at start-up, and arm its timers."""
        routed = await self.follow(plans)
        now = self._clock.now_ms()

        def arm_all(connection: Connection) -> None:
            active = store.active_versions(connection)
            for (workspace_id, flow_id), plan in routed.items():
                if active.get((workspace_id, flow_id)) != plan.version:
                    continue  # Another process has published meanwhile.
                arm(connection, system_scope(workspace_id), flow_id, timers_of(plan), now)
                note_awaited(connection, workspace_id, awaited_events(plan))

        await self._keeper.database.write(arm_all)

    async def follow(self, plans: PlanCache) -> dict[tuple[str, str], Plan]:
        """Bring the index of routes into step with the active flows; return what was routed anew.

        Whoever changes a flow does so for its own process at once; the others follow.
        """
        rows, by_flow, awaited = await self._keeper.database.read(
            lambda c: (store.active_flows(c), store.all_addresses(c), noted_awaited(c))
        )
        for workspace_id, types in awaited.items():
            self._subscriptions.await_types(workspace_id, types)
        standing = self._subscriptions.standing()
        routed: dict[tuple[str, str], Plan] = {}
        for row in rows:
            place = (row.workspace_id, row.id)
            addresses = by_flow.get(place, {})
            if standing.pop(place, None) == (row.version, addresses):
                continue
            try:
                plan = plans.add(*place, row.version, row.document)
            except MissingType as error:
                _log.warning("The flow %s takes no events: %s", row.id, error)
                continue
            self._subscriptions.set_flow(row.workspace_id, plan, addresses)
            routed[place] = plan
        for workspace_id, flow_id in standing:
            self._subscriptions.remove_flow(workspace_id, flow_id)
        self._tell()
        return routed

    def _tell(self) -> None:
        self._scheduler.changed()
        self._poller.changed()

    async def subscribed(self, scope: Scope, flow_id: str) -> None:
        """Act on a flow's new routes. A vendor that cannot be told now does not undo a publish."""
        self._tell()
        self.on_change()
        wanted = self._subscriptions.connections_of(scope.workspace_id, flow_id)
        for connection_id in sorted(wanted):
            try:
                await self._subscribe(scope, connection_id)
            except sdk.ActionError as error:
                _log.warning("Subscribing %s failed: %s", connection_id, error.message)

    async def _subscribe(self, scope: Scope, connection_id: str) -> None:
        opened = await self._keeper.open_connection(scope.workspace_id, connection_id)
        definition, url = opened.definition, self._url()
        live = opened.connection.target == "live"
        if definition.subscribe is None or (live and url is None):
            return
        types = self._subscriptions.using_connection(scope.workspace_id, connection_id)
        topics = sorted(
            trigger.manifest.trigger.topic
            for trigger in definition.triggers.values()
            if trigger.manifest.type in types
            and trigger.manifest.trigger is not None
            and trigger.manifest.trigger.topic is not None
        )
        if topics:
            address = (
                f"{(url or 'https://tramo.invalid').rstrip('/')}/in/{opened.connection.address}"
            )
            await definition.subscribe(self._keeper.context(opened), topics, address)
