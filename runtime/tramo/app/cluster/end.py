"""Ends of runs that somebody waits for here and that another process works on.

A webhook that answers when its run has finished may have begun a run for which this process had no
room. The process that ends it says so on the bus; without the bus one query a second looks at all
runs that are waited for.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row

from tramo.app.run.history import History
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.scope import system_scope
from tramo.runner.live import Outcome, last_output
from tramo.runner.waiter import Waiters
from tramo.store.database import Database
from tramo.store.standing import read_standings

MOST: Final = 1_000
RESPOND: Final = "core.respond"


class Ends:
    """Tells those who wait here of what happened elsewhere."""

    def __init__(self, *, database: Database, history: History, waiters: Waiters) -> None:
        self._database = database
        self._history = history
        self._waiters = waiters
        self._looked: dict[str, int] = {}
        """By run: how far its journal was when it had not responded yet."""

    async def look(self, among: Collection[str] | None = None) -> None:
        """Look at the runs that are waited for, or at those of them that are named.

        Raises StoreUnavailable when the database cannot be asked.
        """
        waited = self._waiters.waited()
        self._looked = {run_id: seq for run_id, seq in self._looked.items() if run_id in waited}
        wanted = [run_id for run_id in waited if among is None or run_id in among]
        for start in range(0, len(wanted), MOST):
            some = wanted[start : start + MOST]
            for row in await self._database.read(lambda c, some=some: read_standings(c, some)):
                await self._tell(row)

    async def _tell(self, row: Row[Any]) -> None:
        over = row.state in FINAL_RUN_STATES or row.state == "asking"
        if not over and self._looked.get(row.id) == row.seq:
            return
        self._looked[row.id] = row.seq
        scope = system_scope(row.workspace_id)
        if not over and not await self._may_respond(row):
            return
        told = await self._history.tell(await self._history.row(scope, row.id))
        if told is None or (not over and told.state.response is None):
            return
        state = told.state
        self._waiters.tell(
            Outcome(row.id, row.state, row.reason, state.response, last_output(state))
        )

    async def _may_respond(self, row: Row[Any]) -> bool:
        plan = await self._history.plan(row)
        return any(node.node.type == RESPOND for node in plan.nodes)
