"""Steps and runs as the store's stored functions meet them, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import update
from tramo.model.effect import effect_key
from tramo.model.event import Event, Key
from tramo.store import table
from tramo.store.database import Database
from tramo.store.run import Accept, NewRun
from tramo.store.stored import StepStore

WORKSPACE = "ws_1"


async def add_run(
    database: Database,
    run_id: str,
    *,
    flow_id: str = "flow_a",
    state: str = "running",
    keys: tuple[Key, ...] = (),
    copied_from: str | None = None,
    workspace_id: str = WORKSPACE,
) -> None:
    """Write a run that some worker is at."""
    event = Event(
        id=f"evt_{run_id}",
        type="core.manual",
        source=flow_id,
        delivery_id=run_id,
        received_at=0,
        payload=b"{}",
    )
    run = NewRun(
        id=run_id,
        workspace_id=workspace_id,
        flow_id=flow_id,
        version="v",
        trigger="start",
        state=state,
        reason=None,
        error=None,
        origin=copied_from or run_id,
        copied_from=copied_from,
        owner="own_1",
        lease_until=1,
        due_at=1,
        started_at=0,
        ended_at=None,
        segment=b"[]",
        keys=keys,
    )
    await database.submit(Accept(workspace_id, event, [run]))


async def end_run(database: Database, run_id: str, state: str = "cancelled") -> None:
    """End a run as its row shows it."""
    await database.write(
        lambda c: c.execute(
            update(table.run)
            .where(table.run.c.id == run_id)
            .values(state=state, ended_at=1, due_at=None, owner=None)
        )
    )


class Step:
    """One step of a run; calls are commits of their own."""

    def __init__(
        self,
        database: Database,
        run_id: str = "run_1",
        node_id: str = "node",
        *,
        workspace_id: str = WORKSPACE,
        flow_id: str = "flow_a",
        origin: str | None = None,
        iteration: tuple[int, ...] = (),
        depth: int = 0,
    ) -> None:
        self._database = database
        self._place: dict[str, Any] = {
            "workspace_id": workspace_id,
            "run_id": run_id,
            "flow_id": flow_id,
            "node_id": node_id,
            "iteration": iteration,
            "key": effect_key(origin or run_id, node_id, iteration, 0),
            "depth": depth,
            "keys": {},
        }
        self.woken: list[str] = []

    async def do(
        self, work: Callable[[StepStore], Any], *, now_ms: int = 1_000, held: bool = False
    ) -> Any:
        """Call a stored function and commit; what it wakes is kept in `woken`."""

        def inside(connection: Any) -> Any:
            store = StepStore(connection, now_ms=now_ms, held=held, **self._place)
            result = work(store)
            self.woken += store.woken
            return result

        return await self._database.write(inside)
