"""The runner: begins runs and carries the engine's commands out, each after its commit.

What a run does next is the engine's word. What is here is the order of things in the world: the
segment that holds a start is on the disk before the send; an answer is decided upon and written; a
run that only waits leaves memory and costs a row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from tramo.engine import (
    Began,
    Claimed,
    Failed,
    Failure,
    Finish,
    Happening,
    Perform,
    Recovered,
    State,
    Wait,
    decide,
    encode_segment,
)
from tramo.engine.decide import StaleHappening
from tramo.engine.instant import rfc3339
from tramo.engine.journal import Moment
from tramo.graph.plan import Plan
from tramo.model.event import Key
from tramo.model.problem import TramoError
from tramo.model.value import encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.ports.spawn import Spawn
from tramo.ports.wakeup import Wakeup
from tramo.runner.attempt import Attempts, Call
from tramo.runner.live import LiveRun, Outcome
from tramo.runner.load import load_run
from tramo.runner.news import news
from tramo.runner.plan import PlanCache
from tramo.runner.watch import LEASE_MS, RETRY_S, Watch
from tramo.store import lease
from tramo.store import run as store
from tramo.store.commit import StoreUnavailable
from tramo.store.database import Database
from tramo.store.lease import Claim


class Feed(Protocol):
    """Where live changes are told. Costs next to nothing when nobody listens."""

    def listening(self, workspace_id: str, /) -> bool: ...

    def publish(self, workspace_id: str, event: str, data: dict[str, Any]) -> None: ...


class Begun(msgspec.Struct, frozen=True):
    """A run that has been decided upon as far as it goes without the world, and not yet written."""

    row: store.NewRun
    live: LiveRun
    commands: list[Any]
    moments: list[Moment]


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
    ) -> None:
        self._database = database
        self._plans = plans
        self._attempts = attempts
        self._feed = feed
        self._clock = clock
        self._now_ms = clock.now_ms
        self._spawn = spawn
        self._wakeup = wakeup
        self.owner = ids.new("own")
        self._ids = ids
        self._runs: dict[str, LiveRun] = {}
        self._waiters: dict[str, list[asyncio.Future[Outcome]]] = {}
        self._closing = False
        self._watch = Watch(
            owner=self.owner,
            database=database,
            clock=clock,
            spawn=spawn,
            wakeup=wakeup,
            take_up=self._take_up,
            in_hand=lambda: list(self._runs),
        )

    # Life --------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take over what an earlier process left, and begin to watch for due runs."""
        await self._watch.start()

    async def close(self, grace_s: float = 10.0) -> None:
        """Let attempts in flight end, then stop. What is open is taken up at the next start."""
        self._closing = True
        tasks = [task for live in self._runs.values() for task in live.tasks.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._watch.close()
        for waiters in self._waiters.values():
            for waiter in waiters:
                waiter.cancel()

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
    ) -> Begun:
        """Decide a new run up to where it needs the world; nothing is written yet."""
        run_id = self._ids.new("run")
        state = State(plan, run_id=run_id, trigger=trigger)
        at = self._now_ms()
        commands = decide(state, Began(at, output))
        moments = state.take()
        live = LiveRun(workspace_id, state, keys=keys)
        row = self._row(live, commands)
        new = store.NewRun(
            id=run_id,
            workspace_id=workspace_id,
            flow_id=plan.flow.id,
            version=plan.version,
            trigger=plan.nodes[trigger].id,
            origin=run_id,
            by_hand=by_hand,
            started_at=at,
            segment=encode_segment(moments),
            keys=keys,
            claims=self._claims(live, commands),
            state=row["state"],
            reason=row["reason"],
            error=row["error"],
            owner=row["owner"],
            lease_until=row["lease_until"],
            due_at=row["due_at"],
            ended_at=row["ended_at"],
        )
        return Begun(new, live, commands, moments)

    def adopt(self, begun: Begun, taken: Sequence[str] = ()) -> None:
        """Go on with a run whose first commit is durable."""
        live = begun.live
        self._tell(live, begun.moments)
        if live.finish is not None:
            self._resolve(live)
            return
        self._runs[live.state.run_id] = live
        self._carry_out(live, begun.commands, taken)
        self._settle(live)

    def wait_for(self, live: LiveRun) -> asyncio.Future[Outcome]:
        """Return a future of the run's end, its response or its question, whichever comes first."""
        if live.finish is not None or live.state.response is not None:
            future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            future.set_result(live.outcome())
            return future
        return self.ended(live.state.run_id)

    def ended(self, run_id: str) -> asyncio.Future[Outcome]:
        """Return such a future of a run that has not ended, be it in memory or not."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        waiters = self._waiters.setdefault(run_id, [])
        waiters.append(future)
        future.add_done_callback(lambda done: self._forget(run_id, done))
        return future

    def _forget(self, run_id: str, done: asyncio.Future[Outcome]) -> None:
        waiters = self._waiters.get(run_id, [])
        if done in waiters:
            waiters.remove(done)
        if not waiters:
            self._waiters.pop(run_id, None)

    # Telling -----------------------------------------------------------------------------------

    async def tell(self, run_id: str, happening: Callable[[State, int], Happening]) -> None:
        """Tell a run something a person said: an answer, a cancel.

        Raises TramoError when the run is past it.
        """
        live = self._runs.get(run_id)
        if live is None:
            now = self._now_ms()
            claim = await self._database.write(
                lambda c: lease.claim_run(c, run_id, owner=self.owner, now=now, lease_ms=LEASE_MS)
            )
            if claim is None:
                raise TramoError(
                    "run.ended", "This run has already ended; nothing was changed.", status=409
                )
            live = await self._load(claim)
            if live is None:
                raise TramoError(
                    "run.held",
                    "This run waits for a connector that is not installed; install it first.",
                    status=409,
                )
        try:
            await self._advance(live, happening(live.state, self._now_ms()))
        except StaleHappening:
            self._settle(live)
            raise TramoError(
                "run.not_asking",
                "This step is not waiting for an answer any more; reload to see how it stands.",
                status=409,
            ) from None

    async def wake_parked(self, workspace_id: str) -> None:
        """Let runs that wait for a connection try again."""
        now = self._now_ms()
        parked = await self._database.write(lambda c: lease.wake_parked(c, workspace_id, now))
        if parked:
            self._wakeup.wake(parked)

    async def _take_up(self, claim: Claim) -> None:
        """Go on with a run whose time has come, or whose worker is gone."""
        live = await self._load(claim)
        if live is not None:
            try:
                await self._advance(live, Recovered(self._now_ms()))
            except StaleHappening:
                self._settle(live)

    async def _load(self, claim: Claim) -> LiveRun | None:
        live = await load_run(self._database, self._plans, claim)
        if live is not None:
            self._runs[claim.id] = live
        return live

    # The heart ---------------------------------------------------------------------------------

    async def _advance(self, live: LiveRun, happening: Happening) -> None:
        """Decide, write, then carry out."""
        commands = decide(live.state, happening)
        moments = live.state.take()
        ended = any(t[0] in "dfao" for _, items in moments for t in items)
        if ended:
            live.crashes = 0
        keys = _fresh_keys(live, happening)
        claims = self._claims(live, commands)
        row = self._row(live, commands)
        live.seq += 1
        unit = store.Advance(
            workspace_id=live.workspace_id,
            flow_id=live.state.plan.flow.id,
            run_id=live.state.run_id,
            token=live.token,
            seq=live.seq,
            segment=encode_segment(moments) if moments else None,
            row=row,
            keys=keys,
            claims=claims,
            releases=_releases(live, moments),
        )
        live.unwritten += 1
        try:
            written = await self._commit(unit)
        finally:
            live.unwritten -= 1
        if written.fenced:
            self._drop(live)
            return
        self._tell(live, moments)
        if live.finish is not None:
            self._resolve(live)
        elif not self._closing:
            self._carry_out(live, commands, written.taken)
        if live.state.response is not None or live.state.status == "asking":
            self._resolve(live)
        self._settle(live)

    async def _commit(self, unit: store.Advance) -> store.Advanced:
        """Write, and go on trying while the disk cannot: the run's memory is ahead of it."""
        while True:
            try:
                return await self._database.submit(unit)
            except StoreUnavailable:
                if self._closing:
                    raise
                await self._clock.sleep(RETRY_S)

    def _row(self, live: LiveRun, commands: list[Any]) -> dict[str, Any]:
        """Say how the run's row reads after these commands."""
        state = live.state
        due: int | None = None
        for command in commands:
            if type(command) is Wait:
                due = command.due_at
            elif type(command) is Finish:
                live.finish = command
        final = live.finish is not None
        working = not final and any(step.state == "running" for step in state.open.values())
        lease = self._now_ms() + LEASE_MS if working else None
        if due is not None and not working:
            self._watch.hint(due)
        return {
            "state": state.status,
            "reason": state.reason,
            "error": encode(state.error) if state.error else None,
            "due_at": lease if working else due,
            "owner": self.owner if working else None,
            "lease_until": lease,
            "ended_at": self._now_ms() if final else None,
            "crashes": live.crashes,
        }

    def _claims(self, live: LiveRun, commands: list[Any]) -> tuple[tuple[str, str, str], ...]:
        return tuple(
            (live.state.plan.nodes[command.node].id, command.once, value)
            for command in commands
            if type(command) is Perform and command.once
            if (value := _key_value(live, command.once)) is not None
        )

    def _carry_out(self, live: LiveRun, commands: list[Any], taken: Sequence[str]) -> None:
        for command in commands:
            if type(command) is not Perform:
                continue
            node = live.state.plan.nodes[command.node]
            work = (
                self._claimed(live, command, held=node.id not in taken)
                if command.once
                else self._perform(live, command)
            )
            place = (command.node, command.iteration)
            task = self._spawn.start(work, name=f"step.{node.id}")
            live.tasks[place] = task
            task.add_done_callback(lambda done, place=place: self._done(live, place, done))

    def _done(self, live: LiveRun, place: tuple[int, Any], task: asyncio.Task[None]) -> None:
        if live.tasks.get(place) is task:
            del live.tasks[place]
        self._settle(live)

    async def _perform(self, live: LiveRun, perform: Perform) -> None:
        plan = live.state.plan
        node = plan.nodes[perform.node]
        call = Call(
            workspace_id=live.workspace_id,
            connector=node.type.connector,
            connection_id=node.node.connection,
            needs_connection=node.type.connection == "required",
            key=perform.key,
            attempt=perform.attempt,
            language=plan.flow.language,
            timezone=plan.flow.timezone,
            now=rfc3339(live.state.open[(perform.node, perform.iteration)].first_at),
        )
        happening = await self._attempts.carry_out(node, perform, call)
        try:
            await self._advance(live, happening)
        except StaleHappening:
            return  # It lost the race of a `merge first`, or the run was cancelled meanwhile.

    async def _claimed(self, live: LiveRun, perform: Perform, *, held: bool) -> None:
        at, place = self._now_ms(), (perform.node, perform.iteration)
        assert perform.once is not None
        if _key_value(live, perform.once) is None:
            failure = Failure(
                kind="params",
                code="once.key_missing",
                message=f"This run has no “{perform.once}” to be done once for. "
                "Choose a key that the trigger gives.",
            )
            await self._advance(live, Failed(at, *place, failure))
            return
        await self._advance(live, Claimed(at, *place, held))

    # Leaving memory ------------------------------------------------------------------------------

    def _settle(self, live: LiveRun) -> None:
        """Forget a run that has ended or only waits."""
        if not live.idle:
            return
        working = any(step.state == "running" for step in live.state.open.values())
        if live.finish is not None or not working:
            self._drop(live)

    def _drop(self, live: LiveRun) -> None:
        run_id = live.state.run_id
        if self._runs.get(run_id) is live:
            del self._runs[run_id]

    def _resolve(self, live: LiveRun) -> None:
        waiters = self._waiters.get(live.state.run_id)
        if waiters:
            outcome = live.outcome()
            for waiter in tuple(waiters):
                if not waiter.done():
                    waiter.set_result(outcome)

    def _tell(self, live: LiveRun, moments: list[Moment]) -> None:
        if not self._feed.listening(live.workspace_id):
            return
        for event, data in news(live, moments):
            self._feed.publish(live.workspace_id, event, data)


def _key_value(live: LiveRun, kind: str) -> str | None:
    return next((key.value for key in live.keys if key.kind == kind), None)


def _fresh_keys(live: LiveRun, happening: Happening) -> list[Key]:
    fresh = [key for key in getattr(happening, "keys", ()) if key not in live.keys]
    live.keys.extend(fresh)
    return fresh


def _releases(live: LiveRun, moments: list[Moment]) -> list[str]:
    """Name the steps with `once` that certainly did not happen: another run may do them."""
    nodes = live.state.plan.by_id
    return [
        transition[1]
        for _, items in moments
        for transition in items
        if transition[0] == "f" and nodes[transition[1]].node.once
    ]
