"""The sweeper: lets go of what is not to be kept any longer, quietly, beside everything else.

It works in commits of a few hundred rows with pauses between them, gives way while others wait for
the writer, and gives the room that it has freed back to the disk. What it removes is overwritten,
not only forgotten, where the database can do that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, select

from tramo.app.run.history import History
from tramo.model.problem import TramoError
from tramo.model.run import Step, StepError
from tramo.model.scope import system_scope
from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.store import retention as store
from tramo.store import table
from tramo.store.database import Database
from tramo.store.erasure import overwriting
from tramo.store.retention import Rules

FIRST_S: Final = 60.0
PASS_S: Final = 3_600.0
STRIP_S: Final = 15.0
PAUSE_S: Final = 0.05
ORPHAN_S: Final = 24 * 3_600.0
"""How old a blob must be before it may be one that nobody names: its commit may be under way."""

_log = logging.getLogger("tramo")


class Report(msgspec.Struct):
    """What one pass did."""

    runs: int = 0
    events: int = 0
    stripped: int = 0
    others: int = 0
    """Rejected deliveries, acts, notices and alerts."""
    blobs: int = 0
    """Runs and events whose files went without their rows: a crash had left them."""


class Sweeper:
    """Removes what is over."""

    def __init__(self, *, database: Database, history: History, clock: Clock, spawn: Spawn) -> None:
        self._database = database
        self._history = history
        self._clock = clock
        self._spawn = spawn
        self._loop: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._whole_since: dict[tuple[str, str | None], str] = {}
        """Runs before these are stripped already."""

    def start(self) -> None:
        """Begin to sweep, a while after the start."""
        self._loop = self._spawn.start(self._watch(), name="sweeper")

    async def close(self) -> None:
        """Stop; a pass that is under way ends where it is, and the next goes on."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)

    async def _watch(self) -> None:
        wait_s = FIRST_S
        while True:
            slept_s = 0.0
            while slept_s < wait_s:
                await self._clock.sleep(min(STRIP_S, wait_s - slept_s))
                slept_s += STRIP_S
                await self._quietly(self.strip)
            await self._quietly(self.sweep)
            wait_s = PASS_S

    async def _quietly(self, work: Callable[[], Any]) -> None:
        try:
            await work()
        except TramoError as error:
            _log.warning("Sweeping stopped: %s", error)
        except Exception:  # noqa: BLE001 - the loop must outlive every mistake
            _log.exception("Sweeping failed")

    # A pass --------------------------------------------------------------------------------------

    async def sweep(self, now: int | None = None) -> Report:
        """Remove everything that is over at `now` (milliseconds), and say what it was."""
        at = self._clock.now_ms() if now is None else now
        async with self._one_at_a_time:
            rules = Rules(
                await self._database.read(store.choices),
                await self._database.read(store.open_since),
            )
            report = Report(stripped=await self._strip(rules))
            gone = [*await self._sweep_runs(rules, at), *await self._sweep_events(rules, at)]
            report.runs = sum(one.startswith("run_") for one in gone)
            report.events = sum(one.startswith("evt_") for one in gone)
            report.others = await self._sweep_aged(rules, at)
            report.blobs = await self._sweep_orphans(at)
            if report.runs or report.events or report.stripped or report.others:
                await self._database.tidy()
        return report

    async def _sweep_runs(self, rules: Rules, now: int) -> list[str]:
        gone: list[str] = []
        after: str | None = ""
        while after is not None:
            swept = await self._write(
                lambda c, after=after: store.sweep_runs(c, rules, now=now, after=after)
            )
            await self._drop(swept.gone)
            gone += swept.gone
            after = swept.after
            if after is not None:
                await self._give_way()
        return gone

    async def _sweep_events(self, rules: Rules, now: int) -> list[str]:
        gone: list[str] = []
        after: str | None = ""
        while after is not None:
            found, after = await self._database.read(
                lambda c, after=after: store.lonely_events(c, rules, now=now, after=after)
            )
            for start in range(0, len(found), store.ROWS):
                some = found[start : start + store.ROWS]
                swept = await self._write(
                    lambda c, some=some: store.sweep_events(c, rules, some, now=now)
                )
                await self._drop(swept)
                gone += swept
                await self._give_way()
        return gone

    async def _write(self, work: Callable[[Connection], Any]) -> Any:
        return await self._database.write(lambda c: overwriting(c, work))

    async def _drop(self, owners: tuple[str, ...] | list[str]) -> None:
        if (blobs := self._database.blobs) is not None:
            await asyncio.to_thread(lambda: [blobs.drop(owner) for owner in owners])

    async def _give_way(self) -> None:
        await self._clock.sleep(PAUSE_S)
        while self._database.committer.waiting:
            await self._clock.sleep(PAUSE_S)

    async def _sweep_aged(self, rules: Rules, now: int) -> int:
        workspaces = await self._database.read(
            lambda c: list(c.execute(select(table.workspace.c.id)).scalars())
        )
        total = 0
        for workspace_id in workspaces:
            for ageing in store.AGEING:
                removed = store.ROWS
                while removed == store.ROWS:
                    removed = await self._write(
                        lambda c, ageing=ageing, workspace_id=workspace_id: store.sweep_aged(
                            c, ageing, rules, workspace_id, now=now
                        )
                    )
                    total += removed
                    if removed:
                        await self._give_way()
        return total

    async def _sweep_orphans(self, now: int) -> int:
        blobs = self._database.blobs
        if blobs is None:
            return 0
        until_s = now / 1_000 - ORPHAN_S
        owners = await asyncio.to_thread(lambda: list(blobs.owners(until_s)))
        dropped = 0
        for start in range(0, len(owners), store.ROWS):
            some = owners[start : start + store.ROWS]
            there = await self._database.read(lambda c, some=some: store.existing(c, some))
            orphans = [owner for owner in some if owner not in there]
            await self._drop(orphans)
            dropped += len(orphans)
        return dropped

    # Metadata only -------------------------------------------------------------------------------

    async def strip(self) -> int:
        """Take the data from ended runs of which metadata is all that stays; return how many."""
        async with self._one_at_a_time:
            rules = Rules(await self._database.read(store.choices))
            return await self._strip(rules)

    async def _strip(self, rules: Rules) -> int:
        stripped = 0
        for place in rules.thin():
            workspace_id = place[0]
            since = self._whole_since.get(place, "")
            found = await self._database.read(
                lambda c, place=place, since=since: store.strippable(c, *place, since)
            )
            for run_id, of_flow in found:
                if rules.of(workspace_id, of_flow).metadata_only:
                    await self._strip_run(workspace_id, run_id)
                    stripped += 1
            first = await self._database.read(
                lambda c, place=place, since=since: store.first_whole(c, *place, since)
            )
            self._whole_since[place] = first or since
        return stripped

    async def _strip_run(self, workspace_id: str, run_id: str) -> None:
        row = await self._history.row(system_scope(workspace_id), run_id)
        told = await self._history.tell(row)
        steps = [_bare(step) for step in told.steps] if told else []
        now = self._clock.now_ms()
        await self._drop(await self._write(lambda c: store.strip_run(c, run_id, steps, now=now)))
        await self._give_way()


def _bare(step: Step) -> Step:
    """Return a step without what went in and what came out."""
    error = (
        step.error
        if step.error is UNSET
        else StepError(step.error.code, step.error.message, params=step.error.params)
    )
    return msgspec.structs.replace(step, input=UNSET, output=UNSET, error=error)
