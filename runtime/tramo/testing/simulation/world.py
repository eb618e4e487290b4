"""One simulated world, from a seed: a database, processes on it, a vendor, people, and faults.

First things go wrong; then they heal: no further fault, an honest vendor, people who answer. From
then on every run must end within a bounded time, and what must hold must hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import Context
from typing import Any, Final

import msgspec
from sqlalchemy import insert

from tramo.graph import load, version_id
from tramo.graph.plan import Plan
from tramo.ingest.subscription import timers_of
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.value import encode
from tramo.store import flow as flow_store
from tramo.store import table, timer
from tramo.store.commit import StoreUnavailable
from tramo.testing.simulation.audit import Audit
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.database import MemoryBlobs, SimulatedDatabase
from tramo.testing.simulation.file import Place, RunFile
from tramo.testing.simulation.nemesis import Nemesis, Temper, temper_of
from tramo.testing.simulation.order import order
from tramo.testing.simulation.person import People, scope_of
from tramo.testing.simulation.poll import next_poll
from tramo.testing.simulation.port import START_MS, SimulatedClock, Time, pause
from tramo.testing.simulation.process import Process
from tramo.testing.simulation.restore import go_back
from tramo.testing.simulation.retry import Helpers
from tramo.testing.simulation.schedule import following, intervals
from tramo.testing.simulation.server import Refused, Server
from tramo.testing.simulation.shape import Document, Shape
from tramo.testing.simulation.sweep import look_at_sweep
from tramo.testing.simulation.tenure import Tenure
from tramo.testing.simulation.vendor import Vendor
from tramo.testing.simulation.worker import (
    SharedPlans,
    Worker,
    flow_home,
    registry,
)

HEALED_S: Final = 60 * 86_400.0
"""Within which everything must have ended, once nothing goes wrong any more."""
OUTAGES_S: Final = (
    (0.2, 3.0, 20.0),
    (0.2, 20.0, 50.0),
    (20.0, 50.0, 700.0),
    (700.0, 90_000.0),  # A day and more: vendors forget keys meanwhile.
)
STOPPED_S: Final = 90.0
"""Within which a process that is told to stop has stopped."""
TROUBLE_S: Final = 3 * 86_400.0
"""For how long things may go wrong at most."""
CALMING_S: Final = 120.0
"""After so long nobody stands still any more, and nothing is held up."""
SWEPT: Final = 60
"""Within so many commits it is seen what retention would do."""
NOWHERE: Final[Any] = None
NEAR_S: Final = 10.0
"""A time nearer than this is waited for step by step; to a later one the world jumps."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How a world is: how many processes, how much goes wrong."""

    workers: int
    temper: Temper
    unruly: float
    slow: float
    crash_at: int | None = None
    restored: bool = False
    """Some time a backup is restored."""
    outages_s: tuple[float, ...] = (0.2, 3.0)
    """For how long nobody takes the place of who was killed."""
    crowded: bool = False
    """Deliveries are kept as they came, and read later."""


def terms_of(chance: Chance) -> Terms:
    """Draw how a world is."""
    return Terms(
        workers=chance.choice((1, 1, 2, 3)),
        temper=temper_of(chance),
        unruly=chance.choice((0.0, 0.1, 0.3)),
        slow=chance.choice((0.0, 0.05, 0.2)),
        outages_s=chance.choice(OUTAGES_S),
        restored=chance.happens(0.15),
        crowded=chance.happens(0.3),
    )


class World:
    """Everything there is."""

    def __init__(self, seed: int, shape: Shape, terms: Terms) -> None:
        self.seed = seed
        self.shape = shape
        self.terms = terms
        self.trace: list[str] = []
        self.violations: list[str] = []
        self.acked: list[str] = []
        self.loop = asyncio.get_running_loop()
        self.time = Time(self.loop)
        self.blobs = MemoryBlobs()
        self.server = Server(self.blobs.get_now)
        self.slots: list[Worker | None] = [None] * terms.workers
        self._names = 0
        self.fires: dict[str, int] = {}
        """How many milliseconds lie between two firings, by the schedule that is their source."""
        self.primed_s: float | None = None
        """Since when polls have their place."""
        self.restored = False
        """A backup was restored."""
        self._chance = Chance(seed, "world")
        self._healed_at_s = 0.0
        self._over = asyncio.Event()
        self._plans: dict[tuple[str, str], Plan] = {}
        self._owners: dict[str, Worker] = {}
        self.nemesis = Nemesis(
            Chance(seed, "nemesis"),
            terms.temper,
            crash_at=terms.crash_at,
            kill=self.kill,
            stop=self.stop,
            set_clock=self._set_clock,
        )
        sweeps = Chance(seed, "sweep")
        self.audit = Audit(
            self.server,
            self.time,
            plan_of=lambda flow_id, version: self._plans[(flow_id, version)],
            tenure=Tenure(
                self.time,
                alive=lambda owner: owner in self._owners and self._owners[owner].process.alive,
                told_at_s=lambda run_id: self.people.told.get(run_id, -TROUBLE_S),
                calm_since_s=self._calm_since_s,
                hit_until_s=lambda owner: self._owners[owner].process.hit_until,
                broken=self.broken,
            ),
            blob=self.blobs.get_now,
            broken=self.broken,
            tell=self.tell,
            began=self._began,
            asked=self._asked,
            ended=self._ended,
            sweeps=[sweeps.randint(1, SWEPT) for _ in range(2)],
        )
        self.audit.shared = terms.workers > 1
        self.vendor = Vendor(
            Chance(seed, "vendor"),
            unruly=terms.unruly,
            slow=terms.slow,
            sending=self.audit.sending,
            broken=self.broken,
            crash=self.kill,
            tell=self.tell,
        )
        self.audit.vendor = self.vendor
        self.people = People(
            Chance(seed, "people"),
            self.vendor,
            find=self._find,
            tell=self.tell,
            acked=self._acknowledged,
            broken=self.broken,
            restores=lambda: int(self.restored),
            poison=shape.poison,
        )
        self.helpers = Helpers(
            self.people,
            Chance(seed, "helpers"),
            self.vendor,
            self.audit,
            tell=self.tell,
            settled=self.look,
            changes=self.shape.changes,
            gives=self.shape.gives,
        )

    # Telling -----------------------------------------------------------------------------------

    def tell(self, words: str) -> None:
        """Write a line of the trace."""
        self.trace.append(f"{self.loop.time():.4f} {words}")

    def broken(self, words: str) -> None:
        """Note that something does not hold that must."""
        self.tell(f"BROKEN {words}")
        self.violations.append(words)
        self._over.set()

    def _failed(self, name: str, error: BaseException) -> None:
        """Take note of an error in background work; only those that we planted are none."""
        if isinstance(error, (StoreUnavailable, Refused)):
            self.tell(f"{name}: {type(error).__name__}")
        else:
            self.broken(f"work.failed: {name}: {type(error).__name__}: {error}")

    # Flows -------------------------------------------------------------------------------------

    def publish(self, document: Document, number: int) -> Plan:
        """Let a flow take events, by a version whose requests carry this number."""
        raw = encode(document)
        version = version_id(load(raw))
        flow_id, workspace_id = document["id"], flow_home(document)
        scope = scope_of(workspace_id)

        def write(connection: Any) -> None:
            flow_store.add_flow(
                connection, scope, flow_id=flow_id, name=flow_id, draft=raw, etag="", now=START_MS
            )
            flow_store.add_version(
                connection,
                scope,
                flow_id=flow_id,
                version=version,
                name=flow_id,
                document=raw,
                published_at=START_MS,
            )
            flow_store.set_state(
                connection, scope, flow_id, state="active", version=version, now=START_MS
            )
            timer.arm(connection, scope, flow_id, timers_of(plan), START_MS)

        place = (workspace_id, flow_id, version, raw)
        plan = SharedPlans(NOWHERE, registry().node_type).add(*place)
        self.server.do(write)
        self.fires |= {f"{flow_id}/{id}": every for id, every in intervals(document).items()}
        self._plans[(flow_id, version)] = plan
        self.audit.versions[version] = number
        if (limit := plan.flow.limits.concurrency) is not None:
            self.audit.limits.of[(workspace_id, flow_id)] = limit
        for worker in self._alive():
            worker.learn(*place)
        self.tell(f"{flow_id} is published: {version[:8]}")
        return plan

    # Processes ---------------------------------------------------------------------------------

    def _alive(self) -> list[Worker]:
        return [worker for worker in self.slots if worker is not None and worker.process.alive]

    def _start(self, slot: int) -> None:
        name = f"p{self._names}"
        self._names += 1
        process = Process(self.loop, name)
        self.tell(f"{name} starts")
        chance = Chance(self.seed, name)
        database = SimulatedDatabase(
            self.server,
            self.blobs,
            process,
            self.nemesis,
            self.audit,
            chance,
            shared=self.terms.workers > 1,
        )
        clock = SimulatedClock(
            self.time,
            process,
            skew_ms=chance.randint(-20, 20) if self.terms.workers > 1 else 0,
            own_skew_ms=chance.choice((-600_000, -90_000, 0, 90_000, 600_000)),
        )
        worker = process.run(
            Worker,
            process,
            database,
            self.vendor,
            self.nemesis,
            clock,
            chance,
            ring=self._ring,
            failed=self._failed,
            polls=bool(self.shape.news),
            crowded=self.terms.crowded,
            looked=self.look,
        )
        process.owner = worker.runner.owner
        self._owners[process.owner] = worker
        self.slots[slot] = worker
        worker.spawn.start(worker.start(), name="watch: start")

    def kill(self, process: Process, label: str) -> None:
        """Kill a process, and let another take its place some time later."""
        if not process.alive:
            return
        self.tell(f"{process.name} is killed at {label}")
        process.kill()
        self._replace(process, self._chance.choice(self.shape.outages_s or self.terms.outages_s))

    def kill_all(self) -> None:
        """Kill every process at once, as whoever restores a backup has to."""
        for worker in self._alive():
            self.kill(worker.process, "the restore")

    def stop(self, process: Process) -> None:
        """Let a process end in order, as when it is told to, and another take its place."""
        worker = next((each for each in self._alive() if each.process is process), None)
        if worker is None or not worker.ready:
            return
        self.tell(f"{process.name} is told to stop")
        worker.ready = False
        worker.spawn.start(self._stop(worker), name="stop")

    async def _stop(self, worker: Worker) -> None:
        began_s, frozen = self.loop.time(), worker.process.frozen_until
        await worker.close()
        process = worker.process
        if self.loop.time() - began_s > STOPPED_S and process.frozen_until == frozen:
            self.broken(f"stop.late: {process.name} took {self.loop.time() - began_s:.0f} s")
        left = [
            run_id
            for (run_id,) in self.server.ask("SELECT id FROM run WHERE owner = ?", process.owner)
            if self.people.told.get(run_id, -TROUBLE_S) < began_s - 60
        ]
        if left:
            self.broken(f"stop.kept: {process.name} stopped and still holds {left}")
        self.tell(f"{process.name} has stopped")
        process.kill()
        self._replace(process, 1.0)

    def _replace(self, process: Process, after_s: float) -> None:
        for slot, worker in enumerate(self.slots):
            if worker is not None and worker.process is process:
                self.slots[slot] = None
                self.loop.call_later(after_s, self._start, slot, context=Context())

    def _calm_since_s(self) -> float | None:
        """Return since when everybody works and nothing goes wrong; None: it is not so."""
        if self.nemesis.active or not all(worker and worker.ready for worker in self.slots):
            return None
        since = [worker.ready_at_s for worker in self.slots if worker is not None]
        return max(self._healed_at_s + CALMING_S, *since)

    def _ring(self, run_ids: Sequence[str]) -> None:
        for worker in self._alive():
            if not self._chance.happens(0.2):
                worker.process.later(
                    self._chance.uniform(0.001, 0.1), worker.wakeup.hear, list(run_ids)
                )

    def _find(self, run_id: str | None) -> Worker | None:
        alive = [worker for worker in self._alive() if worker.ready]
        file = self.audit.files.get(run_id or "")
        if file is not None and file.row is not None:
            holder = self._owners.get(file.row.owner or "")
            if holder in alive:
                return holder
        return self._chance.choice(alive) if alive else None

    def _set_clock(self, seconds: float) -> None:
        self.audit.note_time()
        if seconds < 0:
            self.audit.excuse()
        self.time.set_by_ms += round(seconds * 1_000)
        for worker in self._alive():
            worker.process.hit()
        self.tell(f"the clock is set by {seconds:.0f} s")

    # Time --------------------------------------------------------------------------------------

    def horizon(self, when: float) -> float:
        """Say where time may jump to: over the looks of workers that have nothing to do."""
        if not all(worker.at_rest for worker in self._alive()):
            return when
        found = [self.loop.next_timer(of_world=True)]  # type: ignore[attr-defined]
        ((due_at,),) = self.server.ask("SELECT min(due_at) FROM run WHERE due_at IS NOT NULL")
        if due_at is not None:
            found.append(self.loop.time() + (due_at - self.time.now_ms()) / 1_000)
        if self.shape.news and (polled_at := next_poll(self)) is not None:
            found.append(self.loop.time() + (polled_at - self.time.now_ms()) / 1_000)
        if (fires_at := following(self, self.time.now_ms())) is not None:
            found.append(self.loop.time() + (fires_at - self.time.now_ms()) / 1_000)
        nearest = min((at for at in found if at is not None), default=when)
        return nearest if nearest > when + NEAR_S else when

    # Life --------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Let everything happen: trouble, then healing, then the reckoning."""
        self.loop.horizon = self.horizon  # type: ignore[attr-defined]
        homes = dict.fromkeys(map(flow_home, self.shape.flows))
        rows = [{"id": id, "name": "Simulated", "created_at": START_MS} for id in homes]
        self.server.do(lambda c: c.execute(insert(table.workspace), rows))
        self.audit.may_move, self.audit.lists_change = self.shape.moves, self.shape.changes
        for document in self.shape.flows:
            self.publish(document, 1)
        for slot in range(self.terms.workers):
            self._start(slot)
        order(self, self._chance)
        if self.terms.restored and not self.shape.changes:
            self.people.do(go_back(self, Chance(self.seed, "restore")))
        drawn_s = self._chance.choice((120.0, 3_600.0, TROUBLE_S))
        lasts_s = self.shape.lasts_s or drawn_s
        await self._until_over(300.0 if self.terms.crash_at is not None else lasts_s)
        if self.violations:
            return
        self.tell("nothing goes wrong from here on")
        self.nemesis.active = False
        self._healed_at_s = self.loop.time()
        self.vendor.honest = self.people.hurried = True
        look_at_sweep(self.server, self.time.now_ms(), self.broken)
        self.look()
        if not await self._until_over(HEALED_S):
            self._complain()
        elif not self.violations:
            await pause(self.shape.tail_s)

    async def _until_over(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return False
        return True

    def publish_later(self, document: Document, number: int) -> None:
        plan = self.publish(document, number)
        if self.shape.moves:
            self.helpers.move(plan)

    def _asked(self, file: RunFile, place: Place, why: str) -> None:
        self.people.ask(file, place, why)

    def _ended(self, file: RunFile) -> None:
        if self.shape.reruns:
            self.helpers.help(file)
        self.look()

    def _began(self, file: RunFile) -> None:
        if self.shape.cancels and self._chance.happens(0.5):
            self.people.cancel(file, self._chance.choice((0.0, 0.3, 15.0, 60.0, 3_600.0)))

    def _complain(self) -> None:
        rows = self.server.ask("SELECT id, state, reason, owner, due_at FROM run ORDER BY id")
        for row in rows:
            if row[1] not in FINAL_RUN_STATES:
                self.broken(f"liveness.run: {row} has not ended")
        if self.people.busy:
            self.broken(f"liveness.door: {self.people.busy} deliveries are not acknowledged")

    def end(self) -> None:
        """Let every process die."""
        for worker in self._owners.values():
            worker.process.kill()

    def bury(self) -> bool:
        """Let what is left of dead processes end; False when nothing is."""
        left = [worker.process.bury() for worker in self._owners.values()]
        return any(left)

    # What people do ------------------------------------------------------------------------------

    def _acknowledged(self, id: str) -> None:
        self.acked.append(id)
        self.look()

    def look(self) -> None:
        """See whether everything has come to its end."""
        if not self.people.busy and not self.nemesis.active:
            rows = self.server.ask(
                "SELECT DISTINCT state FROM run UNION SELECT 'kept' FROM backlog"
            )
            if all(state in FINAL_RUN_STATES for (state,) in rows):
                self._over.set()
