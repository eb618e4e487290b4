"""The desk for pinned data: what stands in for a node's output while somebody tries a draft.

It lies beside the draft and is no part of it: neither an export nor a version ever holds it, and
only runs by hand that ask for it use it. Numbers come back exactly as they came.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from tramo.app.flow import FlowDesk
from tramo.app.role import require_editor
from tramo.app.run.desk import RunDesk
from tramo.engine.instant import rfc3339
from tramo.graph.part import Lay
from tramo.model.problem import TramoError
from tramo.model.run import Iteration
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.store import pin as store
from tramo.store.database import Database

MOST_BYTES: Final = 1024 * 1024
"""What one pin holds at most, as JSON."""


class PinDesk:
    """What people do with pinned data."""

    def __init__(self, *, database: Database, flows: FlowDesk, runs: RunDesk, clock: Clock) -> None:
        self._database = database
        self._flows = flows
        self._runs = runs
        self._clock = clock

    async def list(self, scope: Scope, flow_id: str) -> dict[str, Any]:
        """Return what is pinned to the nodes of a flow's draft."""
        lay = Lay(await self._flows.document(scope, flow_id))
        rows = await self._database.read(lambda c: store.list_pins(c, scope, flow_id))
        return {"items": [_item(row) for row in rows if row.node_id in lay.before], "next": None}

    async def put(
        self, scope: Scope, flow_id: str, node: str, output: Any, port: str = "out"
    ) -> dict[str, Any]:
        """Pin data that somebody typed, pasted or changed."""
        return await self._put(scope, flow_id, node, output, port, None)

    async def put_from(
        self, scope: Scope, flow_id: str, node: str, run: str, iteration: Iteration = ()
    ) -> dict[str, Any]:
        """Pin what a step of a run gave; raises TramoError where it gave nothing."""
        require_editor(scope)
        step = await self._runs.step(scope, run, node, iteration)
        return await self._put(scope, flow_id, node, step.output, step.port or "out", run)

    async def _put(
        self, scope: Scope, flow_id: str, node: str, output: Any, port: str, source: str | None
    ) -> dict[str, Any]:
        require_editor(scope)
        if node not in Lay(await self._flows.document(scope, flow_id)).before:
            raise TramoError(
                "pin.node_unknown",
                f"This flow has no node “{node[:64]}” to pin data to.",
                status=404,
                params={"node": node[:64]},
            )
        body, now = encode(output), self._clock.now_ms()
        if len(body) > MOST_BYTES:
            raise TramoError(
                "pin.size",
                f"Pinned data may have {MOST_BYTES // 1024} KiB at most. Shorten its lists.",
                status=422,
                params={"most_kib": MOST_BYTES // 1024},
            )
        await self._database.write(
            lambda c: store.put_pin(
                c, scope, flow_id, node, port=port, output=body, source=source, now=now
            )
        )
        for item in (await self.list(scope, flow_id))["items"]:
            if item["node"] == node:
                return item
        raise AssertionError(node)

    async def delete(self, scope: Scope, flow_id: str, node: str) -> None:
        """Unpin a node; nothing happens where nothing was pinned."""
        require_editor(scope)
        await self._flows.document(scope, flow_id)
        await self._database.write(lambda c: store.delete_pin(c, scope, flow_id, node))


def _item(row: Row[Any]) -> dict[str, Any]:
    return {
        "node": row.node_id,
        "port": row.port,
        "output": decode(row.output),
        "run": row.source,
        "updated_at": rfc3339(row.updated_at),
        "updated_by": row.updated_by_name,
    }
