"""What people say to a run: answers, cancels. A run that nobody works on is taken up for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tramo.engine import Happening, Recovered, State, Woken
from tramo.engine.decide import StaleHappening
from tramo.model.problem import TramoError
from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.runner.holding import Holding
from tramo.runner.live import LiveRun
from tramo.runner.load import Loaded, Loader
from tramo.runner.reach import Reach, busy
from tramo.store import lease
from tramo.store.commit import StoreUnavailable
from tramo.store.database import Database
from tramo.store.lease import Claim


class Teller:
    """Brings to a run what somebody said."""

    def __init__(
        self,
        *,
        owner: str,
        database: Database,
        clock: Clock,
        spawn: Spawn,
        loader: Loader,
        runs: Holding,
        advance: Callable[..., Awaitable[bool]],
        drop: Callable[[LiveRun], None],
    ) -> None:
        self.reach = Reach(owner=owner, database=database, clock=clock)
        self._database = database
        self._now_ms = clock.now_ms
        self._spawn = spawn
        self.telling: set[asyncio.Task[None]] = set()
        """What is being told now."""
        self._loader = loader
        self._runs = runs
        self._advance = advance
        self._drop = drop

    async def tell(self, run_id: str, happening: Callable[[State, int], Happening]) -> None:
        """Tell a run something a person said: an answer, a cancel.

        Raises TramoError when the run is past it, or in another worker's hands for long. A caller
        that goes away is told nothing; the run goes on: what is on its way to the disk must be
        carried out.
        """
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        task = self._spawn.start(self._answer(told, run_id, happening), name=f"tell {run_id}")
        self.telling.add(task)
        task.add_done_callback(self.telling.discard)
        await told

    async def _answer(
        self, told: asyncio.Future[None], run_id: str, happening: Callable[[State, int], Happening]
    ) -> None:
        try:
            await self._tell(run_id, happening)
        except asyncio.CancelledError:  # This process stops.
            told.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
            if not told.done():
                told.set_exception(error)
        else:
            if not told.done():
                told.set_result(None)

    async def _tell(self, run_id: str, happening: Callable[[State, int], Happening]) -> None:
        live = self._runs.get(run_id)
        claim = None
        if live is None:
            claim = await self.reach.claim(run_id)
            live = await self._open(claim)
        try:
            heard = await self._advance(live, happening(live.state, self._now_ms()))
        except (StaleHappening, TramoError) as error:
            if claim is not None and live.token == claim.token and live.seq == claim.seq:
                self._drop(live)
                await self._database.write(lambda c: lease.put_back(c, claim))
            if isinstance(error, TramoError):
                raise
            raise TramoError(
                "run.not_asking",
                "This step is not waiting for an answer any more; reload to see how it stands.",
                status=409,
            ) from None
        if not heard:  # This worker was held up, and another one has gone on with the run.
            raise busy()

    async def _open(self, claim: Claim) -> LiveRun:
        """Load a run that somebody wants to tell something."""
        try:
            loaded = await self._loader.load(claim)
        except Exception:
            with suppress(StoreUnavailable):  # Else its lease ends.
                await self._database.write(lambda c: lease.put_back(c, claim))
            raise
        if loaded is None:
            raise TramoError(
                "run.held",
                "This run waits for a connector that is not installed; install it first.",
                status=409,
            )
        live = loaded.live
        self._runs.take(live)
        if loaded.begun and (before := self._before(loaded)):
            with live.kept():  # All it does may be to wait.
                await self._advance(live, *before)
        return live

    def _before(self, loaded: Loaded) -> list[Happening]:
        """Return what a run is to hear first: whoever rang for it rings no more, now that it is
        taken up."""
        live, now = loaded.live, self._now_ms()
        missed = loaded.missed(now)
        if not (live.working or missed or live.state.counted("turn")):
            return []
        return [Recovered(now) if live.working else Woken(now), *missed]
