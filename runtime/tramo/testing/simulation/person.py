"""People of the simulated world: who send orders, settle doubts, approve, cancel and release.

A person looks at the vendor before saying what happened, tries again when Tramo cannot be reached,
and answers late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any

from tramo.engine import Answered, Cancelled, Happening, Replied, State, encode_segment
from tramo.model.problem import TramoError
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.store import quarantine
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.file import Place, RunFile
from tramo.testing.simulation.port import begin, pause
from tramo.testing.simulation.vendor import Vendor
from tramo.testing.simulation.worker import CONNECTION, Worker

Find = Callable[[str | None], Worker | None]
"""Gives a worker that can be talked to: the one that has this run in hand, where one has."""


def scope_of(workspace_id: str) -> Scope:
    """Return what somebody of a workspace may do there: everything."""
    return Scope(workspace_id, "user_simulated", "owner")


class People:
    """Everybody outside. Their patience is endless, and their time is the world's."""

    def __init__(
        self,
        chance: Chance,
        vendor: Vendor,
        *,
        find: Find,
        tell: Callable[[str], None],
        acked: Callable[[str], None],
        broken: Callable[[str], None],
        restores: Callable[[], int],
        poison: bool,
    ) -> None:
        self._chance = chance
        self._vendor = vendor
        self._find = find
        self._tell = tell
        self._acked = acked
        self._broken = broken
        self._restores = restores
        """How often the database went back: what was written is not, then."""
        self._poison = poison
        self._loop = asyncio.get_running_loop()
        self.hurried = False
        """They answer within minutes."""
        self.told: dict[str, float] = {}
        """When somebody last said something to a run."""
        self.said: dict[tuple[str, Place], set[str]] = {}
        """What they answered, by run and step."""
        self.busy = 0
        """Deliveries that were not acknowledged yet, and whatever else they are about."""

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin something outside of every process."""
        Context().run(begin, work, "people")

    def takes_s(self) -> float:
        """Draw how long somebody takes."""
        if self.hurried:
            return self._chance.uniform(5, 300)
        return self._chance.choice((2.0, 40.0, 900.0, 7_200.0, 90_000.0))

    # Deliveries --------------------------------------------------------------------------------

    async def send(
        self,
        topic: str,
        id: str,
        payload: Any,
        after_s: float,
        connection_id: str = CONNECTION,
        also: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Deliver something until it is acknowledged; now and then more often than that. `also`
        are more of its topic that the same delivery tells of, each by its id."""
        self.busy += 1
        await pause(after_s)
        told = [{"topic": topic, "id": it, "payload": what} for it, what in [(id, payload), *also]]
        body = encode(told)
        if self._chance.happens(0.15):
            soon_s = self._chance.choice((0.0, 0.001, 0.02, 1.0))
            self.do(self._copy(body, soon_s, connection_id))
        wait_s = 1.0
        while not await self._deliver(id, body, connection_id):
            await pause(wait_s)
            wait_s = min(wait_s * 3, 1_800.0)
        self._tell(f"acknowledged {id}")
        for each in told:
            self._acked(f"{connection_id}/{topic}:{each['id']}")
        self.busy -= 1
        if self._chance.happens(0.2):
            late_s = self._chance.choice((1.0, 30.0, 3_600.0, 260_000.0))
            self.do(self._copy(body, late_s, connection_id))

    async def _copy(self, body: bytes, after_s: float, connection_id: str) -> None:
        await pause(after_s)
        await self._deliver("a copy", body, connection_id)

    async def _deliver(self, id: str, body: bytes, connection_id: str) -> bool:
        worker = self._find(None)
        if worker is None:
            return False
        answers: list[Any] = []

        async def deliver() -> None:
            answers.append(await worker.deliver(body, connection_id))

        await self.inside(worker, deliver(), "delivery")
        status = answers[0].status if answers else None
        self._tell(f"{id} at {worker.process.name}: {status}")
        return status is not None and 200 <= status < 300

    async def inside(self, worker: Worker, work: Coroutine[Any, Any, None], name: str) -> bool:
        """Let a process do something, and wait for it as long as a caller would; tell whether it
        said that it is done."""
        doing = worker.process.run(begin, work, name)
        done, _ = await asyncio.wait({doing}, timeout=30.0)
        if not done:
            doing.cancel()
        elif not doing.cancelled():
            if not isinstance(doing.exception(), TramoError | None):
                worker.spawn.report(doing)
            return doing.exception() is None and worker.process.alive
        return False

    # Questions ---------------------------------------------------------------------------------

    def ask(self, file: RunFile, place: Place, why: str) -> None:
        """Put to somebody a doubt, a question, or a run in quarantine."""
        match why:
            case "doubt":
                for _ in range(2 if self._chance.happens(0.25) else 1):
                    self.do(self._settle(file, place))
            case "ask":
                self.do(self._approve(file, place))
            case "connection":
                self.do(self._reconnect(file, place))
            case _:
                self.do(self._release(file))

    async def _settle(self, file: RunFile, place: Place) -> None:
        step = file.steps[place]
        while True:
            await pause(self.takes_s())
            if file.ended or not step.asked:
                return
            if self._vendor.flying(step.key):
                continue
            if self._set_aside(file):  # Nobody is heard before it is released.
                await pause(900.0)
                continue
            outcome, output = self._truth(file, place)

            def happening(state: State, at: int, said: Any = (outcome, output)) -> Happening:
                index = state.plan.by_id[place[0]].index
                return Answered(at, index, place[1], said[0], said[1], "user_simulated")

            self._tell(f"a person says of {file.id} {place}: {outcome}")
            if self._chance.happens(0.2):  # They click twice.
                self.do(self._click(file, happening))
            answers = step.answers
            await self._say(file, happening, lambda: step.answers > answers)  # noqa: B023

    async def _click(self, file: RunFile, happening: Callable[[State, int], Happening]) -> None:
        await pause(self._chance.choice((0.0, 0.05, 0.5)))
        await self._say(file, happening, lambda: True)

    def _truth(self, file: RunFile, place: Place) -> tuple[str, Any]:
        """Say what became of a step, as the vendor's own pages show it."""
        key = file.steps[place].key
        sent = {send.step for send in self._vendor.sends if send.key == key}
        done = [effect for step in sorted(sent) for effect in self._vendor.done(step)]
        if done:
            return "happened", {"deed": 0, "value": done[-1].value}
        return ("resend" if self._chance.happens(0.75) else "abort"), None

    async def _approve(self, file: RunFile, place: Place) -> None:
        step = file.steps[place]
        port = self._chance.choice(("yes", "no"))
        await pause(self.takes_s())
        wait_s = 30.0
        while not (file.ended or step.over):

            def happening(state: State, at: int) -> Happening:
                index = state.plan.by_id[place[0]].index
                return Replied(at, index, place[1], port, None, "user_simulated")

            self._tell(f"a person answers {file.id} {place}: {port}")
            self.said.setdefault((file.id, place), set()).add(port)
            await self._say(file, happening, lambda: step.over)
            await pause(wait_s)
            wait_s = min(wait_s * 2, 1_800.0)  # It may be set aside for a day.

    async def _reconnect(self, file: RunFile, place: Place) -> None:
        """Mend the connection, and see that the step goes on."""
        step, wait_s = file.steps[place], 60.0
        await pause(self.takes_s())
        while step.parked and not (file.ended or step.over):
            worker = await self.reach(None)
            self._tell(f"a person mends the connection for {file.id} {place}")
            await self.inside(worker, worker.runner.wake_parked(file.workspace_id), "reconnect")
            await pause(wait_s)
            wait_s = min(wait_s * 2, 3_600.0)

    def cancel(self, file: RunFile, after_s: float) -> None:
        """Let somebody cancel a run."""
        self.do(self._cancel(file, after_s))

    async def _cancel(self, file: RunFile, after_s: float) -> None:
        await pause(after_s)
        wait_s = 20.0
        while not (file.ended or file.cancelled or self._set_aside(file) or _refused(file)):
            self._tell(f"a person cancels {file.id}")
            await self._say(
                file,
                lambda _, at: Cancelled(at, "user_simulated"),
                lambda: file.cancelled or file.ended,
            )
            await pause(wait_s)
            wait_s = min(wait_s * 2, 1_800.0)

    def _set_aside(self, file: RunFile) -> bool:
        return file.row is not None and file.row.state == "quarantined"

    async def reach(self, run_id: str | None) -> Worker:
        """Wait until somebody is there to be talked to, looking less and less often."""
        wait_s = 10.0
        while (worker := self._find(run_id)) is None:
            await pause(wait_s)
            wait_s = min(wait_s * 2, 3_600.0)
        return worker

    async def _say(
        self,
        file: RunFile,
        happening: Callable[[State, int], Happening],
        heard: Callable[[], bool],
    ) -> None:
        """Say something to a run. Who is told that it was heard finds it written."""
        times = self._restores()
        worker = await self.reach(file.id)
        self.told[file.id] = self._loop.time()
        if not await self.inside(worker, worker.runner.tell(file.id, happening), "tell"):
            return
        if not heard() and times == self._restores():
            self._broken(f"tell.lost: {file.id} was told something, and knows nothing of it")

    # Quarantine --------------------------------------------------------------------------------

    async def _release(self, file: RunFile) -> None:
        await pause(self.takes_s())
        while self._set_aside(file):
            worker = await self.reach(None)
            now = worker.clock.now_ms()
            self._tell(f"a person {'ends' if self._poison else 'releases'} {file.id}")
            say = self._end if self._poison else self._free
            await self.inside(worker, say(worker, file, now), "release")
            await pause(10.0)

    async def _free(self, worker: Worker, file: RunFile, now: int) -> None:
        scope = scope_of(file.workspace_id)
        await worker.database.write(lambda c: quarantine.release(c, scope, file.id, now=now))
        worker.wakeup.wake([file.id])

    async def _end(self, worker: Worker, file: RunFile, now: int) -> None:
        scope = scope_of(file.workspace_id)
        end: Any = [("c", scope.actor), ("e", "cancelled", "cancelled", None)]
        segment = encode_segment([(now, end)])
        woken = await worker.database.write(
            lambda c: quarantine.end(c, scope, file.id, segment=segment, now=now)
        )
        worker.runner.ring(woken or [])


def _refused(file: RunFile) -> bool:
    """Tell whether a run ended before it began."""
    return file.row is not None and file.row.state in FINAL_RUN_STATES
