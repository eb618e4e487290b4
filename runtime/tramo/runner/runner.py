"""The runner: begins runs, takes them up, and advances them: decide, write, then carry out.

What a run does next is the engine's word. What is here is the order of things in the world: the
segment that holds a start is on the disk before the send; an answer is decided upon and written; a
run that only waits leaves memory and costs a row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from tramo.engine import (
    Began,
    Cancelled,
    Due,
    Happening,
    Perform,
    Recovered,
    Wait,
    Woken,
    decide,
    encode_segment,
)
from tramo.engine.decide import StaleHappening
from tramo.engine.journal import Moment
from tramo.graph.plan import Plan
from tramo.model.event import Key
from tramo.model.run import CONCURRENCY
from tramo.model.value import decode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.observer import SILENT, Observer
from tramo.ports.spawn import Spawn
from tramo.ports.wakeup import Wakeup
from tramo.runner import row
from tramo.runner.attempt import Attempts
from tramo.runner.begin import Begun, begun, new_run, queued
from tramo.runner.hand import MARGIN_MS, Hand
from tramo.runner.holding import Holding
from tramo.runner.live import LiveRun, Outcome
from tramo.runner.load import Loader, occurred
from tramo.runner.news import Feed, News
from tramo.runner.plan import PlanCache
from tramo.runner.room import SLOTS, Room
from tramo.runner.tell import Teller
from tramo.runner.waiter import Waiters
from tramo.runner.watch import RETRY_S, Watch
from tramo.store import lease
from tramo.store import run as store
from tramo.store.blob import lighten
from tramo.store.commit import StoreUnavailable
from tramo.store.database import Database
from tramo.store.echo import Change
from tramo.store.follow import Follower
from tramo.store.lease import Claim
from tramo.store.step import StoredStep
from tramo.store.wait import read_awaited, read_matched


class Runner:
    """One process's hands. Several may work on one database."""

    def __init__(
        self,
        *,
        database: Database,
        plans: PlanCache,
        attempts: Attempts,
        feed: Feed,
        clock: Clock,
        ids: Ids,
        spawn: Spawn,
        wakeup: Wakeup,
        variables: Callable[[str], Mapping[str, Any]] = lambda _: {},
        followers: Callable[[str], Sequence[Follower]] = lambda _: (),
        slots: int = SLOTS,
        observer: Observer = SILENT,
    ) -> None:
        self._database, self._loader = database, Loader(database, plans)
        self._news = News(feed, observer)
        self._clock, self._now_ms = clock, clock.now_ms
        self._spawn, self._wakeup = spawn, wakeup
        self._variables, self._followers = variables, followers
        """Which flows start when a run of a workspace fails."""
        self._ids, self.owner = ids, ids.new("own")
        self._runs = Holding()
        self.rung = self._runs.rung
        self.waiters = Waiters()
        self.wait_for = self.waiters.of
        self._awaited: set[tuple[str, str]] = set()
        """(workspace, event type) that runs wait for, or did."""
        self._closing = self._gone = False
        self._room = Room(slots)
        self._hand = Hand(attempts, self.advance, self._store, self._room, clock, database)
        self.teller = Teller(
            owner=self.owner,
            database=database,
            clock=clock,
            spawn=spawn,
            loader=self._loader,
            runs=self._runs,
            advance=self.advance,
            drop=self._drop,
        )
        self.tell = self.teller.tell
        self._watch = Watch(
            owner=self.owner,
            database=database,
            clock=clock,
            spawn=spawn,
            wakeup=wakeup,
            read_ahead=self._loader.read_ahead,
            take_up=self._take_up,
            room=self.room,
            batch=self._room.batch,
            in_hand=self._runs.own,
            renewed=self._runs.renewed,
            expire=self._expire,
            come_due=self._come_due,
            suspecting=lambda: self._runs.suspecting,
            observer=observer,
        )

    # Life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take over what an earlier process left, and begin to watch for due runs."""
        self._awaited |= await self._database.read(read_awaited)
        await self._watch.start()

    def halt(self) -> None:
        """Begin nothing from now on."""
        self._closing = True
        for live in self._runs.values():
            live.state.halted = True
        self._room.close()

    async def close(self, grace_s: float = 10.0) -> None:
        """Let what is in flight end, begin nothing, then stop.

        What is open goes back: whoever starts next takes it up.
        """
        self.halt()
        until_s = self._clock.monotonic_s() + grace_s
        with suppress(StoreUnavailable, TimeoutError):  # What has begun comes into hand.
            async with asyncio.timeout(grace_s):
                await self._database.write(lambda _: None, plain=True)
        while tasks := self._in_flight():
            left_s = until_s - self._clock.monotonic_s()
            if left_s <= 0:
                break
            await asyncio.wait(tasks, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._gone = True
        await self._watch.close()
        self.waiters.close()

    def _in_flight(self) -> set[asyncio.Task[None]]:
        of_runs = {task for live in self._runs.values() for task in live.tasks.values()}
        return of_runs | self._watch.taking | self.teller.telling

    # Beginning ---------------------------------------------------------------------------------

    def begin(
        self,
        workspace_id: str,
        plan: Plan,
        trigger: int,
        output: Any,
        *,
        keys: tuple[Key, ...] = (),
        by_hand: bool = False,
        restored_from: int | None = None,
    ) -> Begun:
        """Decide a new run up to where it needs the world; nothing is written yet."""
        live = new_run(workspace_id, plan, trigger, self._ids.new("run"), keys, restored_from)
        at = self._now_ms()
        live.state.halted = self._closing
        commands = decide(live.state, Began(at, output, dict(self._variables(workspace_id))))
        if not self._room.free and any(type(command) is Perform for command in commands):
            return queued(live, at, by_hand)
        moments = live.state.take()
        columns = row.row_of(live, commands, now=at, owner=self.owner)
        failure = row.failure_of(live, at, self._followers, self._ids)
        waits = self._waits(live, moments, at)
        self._runs.arriving.add(live)
        return begun(live, commands, moments, columns, by_hand, waits, failure)

    def adopt(
        self, begun: Begun, taken: Sequence[tuple[str, str]] = (), held_back: str | None = None
    ) -> None:
        """Go on with a run whose first commit is durable, unless it was held back there."""
        live = begun.live
        self._runs.arriving.discard(live)
        if held_back is not None:
            live.held_back = Outcome(live.state.run_id, held_back, CONCURRENCY)
            return
        if live.held_back is not None:  # There was no room for it here.
            self._wakeup.wake([live.state.run_id])
            return
        self._news.tell(live, begun.moments)
        if live.finish is not None:
            self.waiters.resolve(live)
        elif live.working and self._database.shared and self._now_ms() >= live.leased_until:
            self._watch.look()  # It was written so late that another may have claimed it already.
        elif not self._gone:  # Else it went back with the others, or will when its lease ends.
            self._runs[live.state.run_id] = live
            self._carry_out(live, begun.commands, taken)
            self._settle(live)

    # Ringing -----------------------------------------------------------------------------------

    def ring(self, run_ids: Sequence[str]) -> None:
        """Let runs have a look at what happened to what they wait for."""
        for run_id in run_ids:
            live = self._runs.get(run_id)
            if live is None:
                self._watch.hint(self._now_ms())
            elif not self._closing:
                self._start(live, (-1, run_id), self._look(live), "look")

    def room(self) -> int:
        """Return how many more runs may be taken up."""
        return self._room.kept - len(self._runs)

    @property
    def at_rest(self) -> bool:
        """Whether this process works on no run and is about to take none up."""
        return not self._runs and not self._watch.looking

    def look_now(self) -> None:
        """Look for due runs at once: the clock has jumped."""
        self._watch.look()

    def awaits(self, workspace_id: str, type: str) -> bool:
        """Tell whether some run waits for events of a type, or did since this process began."""
        return (workspace_id, type) in self._awaited

    async def wake_parked(self, workspace_id: str) -> None:
        """Let runs that wait for a connection try again."""
        now = self._now_ms()
        parked = await self._database.write(lambda c: lease.wake_parked(c, workspace_id, now))
        if parked:
            self._wakeup.wake(parked)

    async def _look(self, live: LiveRun) -> None:
        """Read what others wrote about a run in hand, and go on."""
        run_id = live.state.run_id
        (rung, stop_by), matched = await self._database.read(
            lambda c: (lease.read_ring(c, run_id), read_matched(c, run_id))
        )
        live.rung = rung
        now = self._now_ms()
        # A stop comes first: what is due else would begin, and be sent.
        stop = [Cancelled(now, stop_by)] if stop_by is not None else []
        await self.advance(live, *stop, *occurred(live, matched, now), Woken(now))

    async def _take_up(self, claim: Claim) -> None:
        """Go on with a run whose time has come, or whose worker is gone."""
        if (loaded := await self._loader.take_up(claim)) is None:
            return
        live = loaded.live
        live.interrupted = loaded.begun
        self._runs.take(live)
        with live.kept():  # All that it is told in line may be to wait.
            entered = await self._room.enter(live)
        if not entered or self._closing or live.finish is not None:
            self._drop(live)
            return
        now = self._now_ms()
        happened = loaded.missed(now)
        if loaded.begun:
            recovered = [Recovered(now)] if live.interrupted else []
            happened = [*recovered, *happened, Due(now)]
        elif not happened:
            variables = dict(self._variables(claim.workspace_id))
            happened.append(Began(now, decode(loaded.payload), variables))
        await self.advance(live, *happened)

    def _expire(self) -> None:
        """Let go of runs that somebody else may take over soon: nothing more is sent for them."""
        by = self._now_ms() + MARGIN_MS if self._database.shared else 0
        for live in self._runs.expiring(by):
            live.cancel()
            self._drop(live)

    def _come_due(self, now: int) -> int | None:
        """Tell runs in hand what is due for them; return when the next of them is."""
        if self._closing:
            return None
        due, following = self._runs.due(now)
        for live, due_at in due:
            live.due_at = None
            self._start(live, (-2, due_at), self.advance(live, Due(now)), "due")
        return following

    # The heart ---------------------------------------------------------------------------------

    async def advance(self, live: LiveRun, *happened: Happening) -> bool:
        """Decide, write, then carry out; False where another worker has the run by now. What comes
        too late for the run is passed over; raises StaleHappening where it is all there is.
        """
        if live.storing.locked():
            async with live.storing:
                pass
        if live.interrupted and type(happened[0]) is not Recovered:  # It is told in line.
            recovered = Recovered(self._now_ms())
            if not await self.advance(live, recovered):
                return False
        live.interrupted, live.state.halted = False, self._closing
        commands: list[Any] = []
        keys: list[Key] = []
        changes: list[Change] = []
        for happening in happened:
            try:
                decided = decide(live.state, happening)
            except StaleHappening:
                if len(happened) == 1:
                    self._settle(live)
                    raise
                continue
            commands = [each for each in commands if type(each) is not Wait] + decided
            keys += row.fresh_keys(live, happening)
            if (change := row.change_of(live, happening, self._now_ms())) is not None:
                changes.append(change)
        if not live.working:
            self._room.leave(live)
        return await self._write(live, commands, live.state.take(), keys, changes)

    async def _write(
        self,
        live: LiveRun,
        commands: list[Any],
        moments: list[Moment],
        keys: list[Key],
        changes: Sequence[Change] = (),
    ) -> bool:
        if self._runs.came_further(live, moments):
            self._watch.hint(self._now_ms())
        unit = self._unit(live, commands, moments, keys, changes=changes)
        with live.kept():
            written = await self._commit(live, unit)
        if written.fenced:
            self._drop(live, fenced=True)
            return False
        self._news.tell(live, moments)
        self.ring(written.woken)
        if live.finish is not None:
            self.waiters.resolve(live)
        else:
            self._carry_out(live, commands, written.taken)
        if live.state.response is not None or live.state.status == "asking":
            self.waiters.resolve(live)
        self._settle(live)
        return True

    def _unit(
        self,
        live: LiveRun,
        commands: list[Any],
        moments: list[Moment],
        keys: Sequence[Key] = (),
        stored: StoredStep | None = None,
        changes: Sequence[Change] = (),
    ) -> store.Advance:
        now = self._now_ms()
        live.seq += 1
        columns = row.row_of(live, commands, now=now, owner=self.owner)
        return store.Advance(
            workspace_id=live.workspace_id,
            flow_id=live.state.plan.flow.id,
            run_id=live.state.run_id,
            token=live.token,
            seq=live.seq,
            segment=encode_segment(moments) if moments else None,
            row=columns,
            keys=keys,
            claims=row.claims_of(live, commands),
            releases=row.releases_of(live, moments),
            waits=self._waits(live, moments, now),
            stored=stored,
            ending=row.ending_of(live, now, self._followers, self._ids),
            changes=changes,
        )

    async def _commit(self, live: LiveRun, unit: store.Advance) -> store.Advanced:
        """Write, and go on trying while the disk cannot: the run's memory is ahead of it.

        What the run decided later waits: written before, it would fence this one off.
        """
        async with live.writing:
            while True:
                try:
                    if unit.segment is not None:
                        blobs = self._database.blobs
                        unit.segment = await lighten(blobs, unit.run_id, unit.segment)
                    written = await self._database.submit(unit)
                    if not written.fenced:
                        until = unit.row["lease_until"]
                        live.leased_until = max(until, live.leased_until) if until else 0
                    return written
                except StoreUnavailable:
                    if self._closing:
                        raise
                    await self._clock.sleep(RETRY_S)

    async def _store(
        self,
        live: LiveRun,
        step: Callable[[int], StoredStep],
        heard: Callable[[Any], Happening],
    ) -> None:
        """Write a stored step's result with what it changed, then decide on it."""
        async with live.storing:
            if live.finish is not None:
                return
            with live.kept():
                unit = self._unit(live, [], [], stored=step(self._now_ms()))
                written = await self._commit(live, unit)
            if written.fenced:
                self._drop(live, fenced=True)
                return
            happening = heard(written.result)
            commands = decide(live.state, happening)
            moments = live.state.take()
            if self._runs.came_further(live, moments):
                self._watch.hint(self._now_ms())
            if written.result.segment is not None:
                row.drop_written(moments)
        self.ring(written.woken)
        await self._write(live, commands, moments, row.fresh_keys(live, happening))

    def _waits(self, live: LiveRun, moments: list[Moment], now: int) -> Any:
        waits = row.waits_of(live, moments, now)
        if waits is not None:
            for wait in waits.opened:
                self._awaited.update((live.workspace_id, m.type) for m in wait.pause.matches)
        return waits

    def _carry_out(
        self, live: LiveRun, commands: list[Any], taken: Sequence[tuple[str, str]]
    ) -> None:
        if live.due_at is not None:  # Not before the commit: the watch looks at what is stored.
            self._watch.hint(live.due_at)
        for place, work, name in self._hand.work(live, commands, taken):
            self._start(live, place, work, name)
        if live.working:
            self._room.take(live)

    def _start(self, live: LiveRun, place: Any, work: Any, name: str) -> None:
        task = self._spawn.start(self._quietly(live, work), name=f"step.{name}")
        live.tasks[place] = task
        task.add_done_callback(lambda done: self._done(live, place, done, work))

    async def _quietly(self, live: LiveRun, work: Any) -> None:
        try:
            await work
        except StaleHappening:
            return  # It lost the race of a `merge first`, or the run was cancelled meanwhile.
        except StoreUnavailable:  # Only where this process stops: nobody could be told of it.
            live.cancel()  # What was decided is not stored, so nothing may be added to it.
            self._drop(live)
            raise
        except Exception as error:
            # Memory may be ahead of what is stored: whoever takes the run up reads it anew.
            self._drop(live)
            await self._watch.give_up(live.state.run_id, live.token, error)
            raise

    def _done(self, live: LiveRun, place: Any, task: asyncio.Task[None], work: Any) -> None:
        work.close()  # Where the task was cancelled before it began.
        if live.tasks.get(place) is task:
            del live.tasks[place]
        self._settle(live)

    # Leaving memory ------------------------------------------------------------------------------

    def _settle(self, live: LiveRun) -> None:
        """Forget a run that has ended or only waits."""
        if live.idle and (live.finish is not None or not live.working):
            if live.finish is None and self._runs.get(live.state.run_id) is live:
                self._loader.rest(live)
            self._drop(live)

    def _drop(self, live: LiveRun, *, fenced: bool = False) -> None:
        if fenced:
            self._news.lost(live.state.run_id)
        run_id = live.state.run_id
        if self._runs.get(run_id) is live:
            if self._runs.let_go(run_id):
                self._watch.hint(self._now_ms())
            self._watch.made_room()
        self._room.leave(live)
        self._loader.let_go(live)
        live.leased_until = 0  # What is still in flight of it sends nothing more.
