"""The desk for runs that wait while their flow changes: they stay, move to the new version, or end.

A run moves by one word of its row, and only where the engine finds that its journal reads the same
under the new version (`tramo.engine.move`). What is not moved stays where it was: a crash in the
middle leaves every run on one version or the other.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from tramo.app.role import require_editor
from tramo.engine import State
from tramo.engine.move import Run, Stay, deadline_under, why_it_stays
from tramo.graph.plan import MissingType, Plan
from tramo.model.scope import Scope
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.wakeup import Wakeup
from tramo.runner.plan import PlanCache
from tramo.store import move as store
from tramo.store.act import Act, What, add_acts
from tramo.store.database import Database
from tramo.store.lease import ask_to_stop
from tramo.store.run import read_journal

Fate = Literal["stay", "move", "cancel"]
AT_A_TIME: Final = 100
LOOKED_AT: Final = 1_000
PATIENCE_S: Final = 2.0

Found = tuple[Row[Any], State | None, Stay | None]
"""A waiting run, how it stands, and why it cannot move."""


class WaitingDesk:
    """What people decide about runs that wait on older versions."""

    def __init__(
        self, *, database: Database, plans: PlanCache, wakeup: Wakeup, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._plans = plans
        self._wakeup = wakeup
        self._clock = clock
        self._ids = ids

    async def look(self, scope: Scope, plan: Plan) -> dict[str, Any]:
        """Return how many runs wait on other versions, and how many of them could move to `plan`.

        Beyond the first thousand they are only counted.
        """
        flow_id = plan.flow.id
        total = await self._database.read(
            lambda c: store.count_waiting(c, scope, flow_id, but=plan.version)
        )
        found: list[Found] = []
        after: str | None = None
        while len(found) < min(total, LOOKED_AT):
            some = await self._judged(scope, plan, after)
            if not some:
                break
            found += some
            after = some[-1][0].id
        stay = _grouped(found)
        kept = sum(group["runs"] for group in stay)
        return {"runs": total, "looked_at": len(found), "may_move": len(found) - kept, "stay": stay}

    async def settle(
        self, scope: Scope, plan: Plan, fate: Literal["move", "cancel"], after: str | None = None
    ) -> dict[str, Any]:
        """Move or cancel what waits on other versions than `plan`, as much as two seconds allow.

        `next` is where to go on; None at the end.
        """
        require_editor(scope)
        until_s = self._clock.monotonic_s() + PATIENCE_S
        done, stay = 0, []
        while True:
            count, kept, after = await self._some(scope, plan, fate, after)
            done += count
            stay += kept
            if after is None or self._clock.monotonic_s() >= until_s:
                return {"fate": fate, "done": done, "stay": _grouped(stay), "next": after}

    async def _some(
        self, scope: Scope, plan: Plan, fate: str, after: str | None
    ) -> tuple[int, list[Found], str | None]:
        if fate == "cancel":
            return await self._cancel(scope, plan, after)
        found = await self._judged(scope, plan, after)
        fit = [(row, state) for row, state, stay in found if stay is None and state is not None]
        moved = await self._database.write(partial(self._move, scope, plan, fit)) if fit else set()
        kept = [one for one in found if one[2] is not None]
        gone_on = [(row, None, Stay("busy")) for row, _ in fit if row.id not in moved]
        return len(moved), [*kept, *gone_on], _next(found)

    def _move(
        self,
        scope: Scope,
        plan: Plan,
        fit: list[tuple[Row[Any], State]],
        connection: Connection,
    ) -> set[str]:
        moved: list[Row[Any]] = []
        for row, state in fit:
            due_at = deadline_under(state, plan)
            if store.move_run(connection, row, version=plan.version, due_at=due_at):
                moved.append(row)
        add_acts(connection, scope, [self._act("move", row) for row in moved])
        return {row.id for row in moved}

    async def _cancel(
        self, scope: Scope, plan: Plan, after: str | None
    ) -> tuple[int, list[Found], str | None]:
        rows = await self._rows(scope, plan, after)
        ids, now = [row.id for row in rows], self._clock.now_ms()

        def write(connection: Connection) -> None:
            ask_to_stop(connection, ids, scope.actor, now)
            add_acts(connection, scope, [self._act("cancel", row) for row in rows])

        if ids:
            await self._database.write(write)
            self._wakeup.wake(ids)
        return len(ids), [], rows[-1].id if len(rows) == AT_A_TIME else None

    def _act(self, what: What, row: Row[Any]) -> Act:
        reference = row.version if what == "move" else None
        return Act(
            id=self._ids.new("act"),
            at=self._clock.now_ms(),
            what=what,
            run_id=row.id,
            reference=reference,
        )

    async def _rows(self, scope: Scope, plan: Plan, after: str | None) -> list[Row[Any]]:
        return await self._database.read(
            lambda c: store.list_waiting(
                c, scope, plan.flow.id, but=plan.version, limit=AT_A_TIME, after=after
            )
        )

    async def _judged(self, scope: Scope, plan: Plan, after: str | None) -> list[Found]:
        return [await self._judge(row, plan) for row in await self._rows(scope, plan, after)]

    async def _judge(self, row: Row[Any], plan: Plan) -> Found:
        try:
            old = await self._plans.get(row.workspace_id, row.flow_id, row.version)
        except MissingType:
            return row, None, Stay("missing")
        segments = await self._database.read(lambda c: read_journal(c, row.id))
        run = Run(
            id=row.id,
            trigger=row.trigger,
            output=decode(row.payload),
            segments=segments,
            origin=row.origin,
            generation=row.generation,
        )

        def judge() -> tuple[State, Stay | None]:
            state = run.stand(old)
            return state, why_it_stays(run, state, plan, self._clock.now_ms())

        return (row, *await asyncio.to_thread(judge))


def _next(found: list[Found]) -> str | None:
    return found[-1][0].id if len(found) == AT_A_TIME else None


def _grouped(found: list[Found]) -> list[dict[str, Any]]:
    """Return why runs stay, and how many for each reason, the most first."""
    reasons = Counter(
        (stay.why, stay.node, _title(state, stay.node)) for _, state, stay in found if stay
    )
    return [
        {"why": why, "node": node, "title": title, "runs": runs}
        for (why, node, title), runs in reasons.most_common()
    ]


def _title(state: State | None, node_id: str | None) -> str | None:
    if state is None or node_id is None:
        return None
    return state.plan.by_id[node_id].node.label
