"""The desk for retention: how long what is kept, for the workspace and for single flows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from tramo.app.role import require_editor
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.ports.clock import Clock
from tramo.store import flow as flow_store
from tramo.store import retention as store
from tramo.store.database import Database
from tramo.store.retention import Choice, Rules

OF_WORKSPACE = ("event_days", "act_days")
"""Deliveries and acts are nobody's but the workspace's: several flows may begin with one event."""


class RetentionDesk:
    """What people choose about keeping."""

    def __init__(
        self, *, database: Database, clock: Clock, sweep: Callable[[], Awaitable[Any]]
    ) -> None:
        self._database = database
        self._clock = clock
        self._sweep = sweep

    async def get(self, scope: Scope) -> dict[str, Any]:
        """Return what was chosen and what therefore holds, for the workspace and each flow with a
        choice of its own."""
        return await self._database.read(lambda c: _told(c, scope))

    async def put(self, scope: Scope, choice: Choice, flow_id: str | None = None) -> dict[str, Any]:
        """Choose for the workspace, or for a flow; what is null follows the workspace or the house.

        Raises TramoError for a flow that there is not, and for what only a workspace can choose.
        """
        require_editor(scope)
        now = self._clock.now_ms()
        if flow_id is not None:
            _refuse_workspace_fields(choice)
            if await self._database.read(lambda c: flow_store.get_flow(c, scope, flow_id)) is None:
                raise TramoError("flow.unknown", f"There is no flow {flow_id}.", status=404)
        await self._database.write(lambda c: store.choose(c, scope, flow_id, choice, now=now))
        return await self.get(scope)

    async def sweep(self, scope: Scope) -> dict[str, Any]:
        """Remove now what is over, instead of within the hour; return how much it was."""
        require_editor(scope)
        return msgspec.structs.asdict(await self._sweep())


def _refuse_workspace_fields(choice: Choice) -> None:
    for name in OF_WORKSPACE:
        if getattr(choice, name) is not None:
            raise TramoError(
                "retention.workspace_only",
                f"“{name}” holds for the whole workspace; choose it there.",
                path=f"/{name}",
                status=422,
                params={"field": name},
            )


def _told(connection: Connection, scope: Scope) -> dict[str, Any]:
    chosen = store.choices(connection, scope.workspace_id)
    own = chosen.get(scope.workspace_id, {})
    rules = Rules(chosen)
    return {
        "chosen": own.get("", Choice()),
        "holds": rules.of(scope.workspace_id),
        "flows": [
            {
                "flow_id": flow_id,
                "chosen": _of_flow(choice),
                "holds": _of_flow(rules.of(scope.workspace_id, flow_id)),
            }
            for flow_id, choice in sorted(own.items())
            if flow_id and choice != Choice()
        ],
    }


def _of_flow(said: msgspec.Struct) -> dict[str, Any]:
    return {k: v for k, v in msgspec.structs.asdict(said).items() if k not in OF_WORKSPACE}
