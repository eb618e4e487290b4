"""Getting hold of a run by name, be it in another worker's hands: to cancel it, or to answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Row

from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES
from tramo.ports.clock import Clock
from tramo.runner.watch import LEASE_MS
from tramo.store import lease
from tramo.store.database import Database
from tramo.store.standing import read_standings

PATIENCE_S: Final = 10.0
LOOK_S: Final = 0.1


class Reach:
    """Claims runs that nobody works on, and waits a while for those that somebody does."""

    def __init__(self, *, owner: str, database: Database, clock: Clock) -> None:
        self._owner = owner
        self._database = database
        self._clock = clock
        self.ring: Callable[[Sequence[str]], None] = lambda _: None
        """Lets other workers look at once at what happened to runs in their hands."""

    async def claim(self, run_id: str) -> lease.Claim:
        """Take a run over; raises TramoError when it has ended, is set aside, or another worker
        keeps it."""
        deadline = self._clock.monotonic_s() + PATIENCE_S
        while True:
            row = await self._row(run_id)
            if row is None or row.state in FINAL_RUN_STATES:
                raise TramoError(
                    "run.ended", "This run has already ended; nothing was changed.", status=409
                )
            if row.state == "quarantined":
                raise TramoError(
                    "run.quarantined",
                    "This run was set aside, for workers stopped in the middle of it again and "
                    "again; release it first.",
                    status=409,
                )
            if not self._is_held(row) and (claim := await self._claim(run_id)) is not None:
                return claim
            if self._clock.monotonic_s() >= deadline:
                raise busy()
            await self._clock.sleep(LOOK_S)

    async def ask_to_stop(self, run_id: str, actor: str) -> bool:
        """Ask whoever works on a run to stop before its next step; False when nobody does."""
        row = await self._row(run_id)
        if row is None or row.state in FINAL_RUN_STATES or not self._is_held(row):
            return False
        now = self._clock.now_ms()
        await self._database.write(lambda c: lease.ask_to_stop(c, [run_id], actor, now))
        self.ring([run_id])
        return True

    async def _row(self, run_id: str) -> Row[Any] | None:
        rows = await self._database.read(lambda c: read_standings(c, [run_id]))
        return rows[0] if rows else None

    def _is_held(self, row: Row[Any]) -> bool:
        """Tell whether another worker has a run, and will go on having it for a while."""
        others = row.owner is not None and row.owner != self._owner
        return others and (row.lease_until or 0) > self._clock.now_ms()

    async def _claim(self, run_id: str) -> lease.Claim | None:
        now = self._clock.now_ms()
        return await self._database.write(
            lambda c: lease.claim_run(c, run_id, owner=self._owner, now=now, lease_ms=LEASE_MS)
        )


def busy() -> TramoError:
    """Return what somebody is told whose word did not reach a run."""
    return TramoError(
        "run.busy",
        "A step of this run is being carried out right now; nothing was changed. Try again when it "
        "is over.",
        status=409,
    )
