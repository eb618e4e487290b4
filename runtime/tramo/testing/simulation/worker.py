"""What one process of a simulated Tramo runs: the real runner, intake, door and engine, wired to
simulated ports."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from tramo import sdk
from tramo.graph.plan import Plan
from tramo.ingest.backlog import CROWD, Backlog
from tramo.ingest.door import Door, DoorAnswer
from tramo.ingest.intake import Intake
from tramo.ingest.poll import Poller
from tramo.ingest.schedule import Scheduler
from tramo.ingest.subscription import Subscriptions
from tramo.nodes import connector as core
from tramo.outbound.client import Account
from tramo.outbound.context import CallContext
from tramo.outbound.host import reach_of
from tramo.outbound.pause import Pause
from tramo.outbound.redact import Redactor
from tramo.registry import Registry
from tramo.runner.attempt import Attempts, Call
from tramo.runner.plan import PlanCache
from tramo.runner.runner import Runner
from tramo.sdk.definition import Definition
from tramo.store.backlog import Kept
from tramo.store.flow import active_flows
from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.connector import SECRET, connector
from tramo.testing.simulation.database import SimulatedDatabase
from tramo.testing.simulation.nemesis import Nemesis
from tramo.testing.simulation.port import (
    SimulatedClock,
    SimulatedIds,
    SimulatedSpawn,
    SimulatedWakeup,
    pause,
)
from tramo.testing.simulation.process import Process
from tramo.testing.simulation.vendor import SimulatedHttp, Vendor

WORKSPACE: Final = "ws_simulated"
NEIGHBOUR: Final = "ws_neighbour"
CONNECTION: Final = "conn_simulated"
OTHER_CONNECTION: Final = "conn_other"
THEIR_CONNECTION: Final = "conn_theirs"
DOORS: Final = {CONNECTION: "simulated", OTHER_CONNECTION: "other", THEIR_CONNECTION: "theirs"}
"""At which address each connection's deliveries arrive."""
HOMES: Final = {THEIR_CONNECTION: NEIGHBOUR}
"""Whose a connection is, where it is not the one workspace's that most worlds have."""
SLOTS: Final = (1, 2, 200, 200)
"""How many runs a process works on at once."""


def home_of(connection_id: str) -> str:
    """Return the workspace that a connection is of."""
    return HOMES.get(connection_id, WORKSPACE)


def flow_home(document: dict[str, Any]) -> str:
    """Return the workspace that a flow is of: its trigger's connection tells."""
    return home_of(document["nodes"][0].get("connection", ""))


@cache
def registry() -> Registry:
    """Return Tramo's own nodes and the simulated vendor's."""
    found = Registry()
    found.add(core.tramo_connector())
    found.add(connector.tramo_connector())
    return found


_compiled: dict[bytes, Plan] = {}


def forget_plans() -> None:
    """Let every version be compiled anew."""
    _compiled.clear()


class SharedPlans(PlanCache):
    """Plans of all worlds: a version that was compiled once is compiled."""

    def add(self, workspace_id: str, flow_id: str, version: str, document: bytes) -> Plan:
        plan = _compiled.get(document)
        if plan is None:
            if len(_compiled) > 2_000:
                _compiled.clear()
            plan = _compiled[document] = super().add(workspace_id, flow_id, version, document)
        self._plans[(workspace_id, flow_id, version)] = plan
        return plan


class OpenConnection(msgspec.Struct, frozen=True):
    """A connection, as the door wants to see it."""

    workspace_id: str
    id: str
    definition: Definition
    public: Mapping[str, Any]
    secrets: Mapping[str, Any]


class _Connections:
    """Where the door finds them."""

    async def by_address(self, address: str) -> OpenConnection | None:
        definition = registry().connectors["sim"]
        for id, own in DOORS.items():
            if own == address:
                return OpenConnection(home_of(id), id, definition, {}, {"secret": SECRET})
        return None


class _Drafts:
    async def draft_route(self, address: str, type: str) -> None:
        del address, type


class _Twins:
    async def learn(
        self, workspace_id: str, connection_id: str | None, type: str, output: Any
    ) -> None:
        """The vendor here knows by itself."""


class _Feed:
    def listening(self, workspace_id: str, /) -> bool:
        del workspace_id
        return False

    def publish(self, workspace_id: str, event: str, data: dict[str, Any]) -> None:
        """Nobody watches."""


class _Contexts:
    """Makes the contexts of attempts: the real ones, with the simulated vendor at their end."""

    def __init__(
        self,
        http: SimulatedHttp,
        process: Process,
        nemesis: Nemesis,
        clock: SimulatedClock,
        chance: Chance,
    ) -> None:
        definition = registry().connectors["sim"]
        self._account = Account(
            id=CONNECTION,
            definition=definition,
            credential=sdk.Credential(),
            reach=reach_of(definition, {}),
            redactor=Redactor(()),
        )
        self._http = http
        self._process = process
        self._nemesis = nemesis
        self._clock = clock
        self._chance = chance
        self._pause = Pause(clock)

    async def open(self, call: Call) -> CallContext:
        verdict = self._nemesis.pass_by("send.before", self._process)
        await self._clock.sleep(verdict.seconds or self._chance.uniform(0.0001, 0.01))
        return CallContext(
            self._account,
            connection_id=CONNECTION,
            http=self._http,
            dial=_no_dial,
            clock=self._clock,
            pause=self._pause,
            user_agent="Tramo",
            key=call.key,
            attempt=call.attempt,
            language=call.language,
            timezone=call.timezone,
            now=call.now,
            may_send=call.may_send,
        )

    async def refused(self, call: Call) -> None:
        """Whoever is asked for it sees the runs that wait for it."""


async def _no_dial(host: str, port: int) -> Any:
    raise NotImplementedError(f"nobody dials {host}:{port}")


class _Watching:
    """Starts background work that only waits for its time, under a name that says so."""

    def __init__(self, spawn: SimulatedSpawn) -> None:
        self._spawn = spawn

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        if name.startswith("poll "):  # It asks the vendor.
            return self._spawn.start(work, name=name)
        return self._spawn.start(work, name=f"watch: {name}")

    async def close(self, grace_s: float) -> None:
        await self._spawn.close(grace_s)


class Worker:
    """One process that serves and works."""

    def __init__(
        self,
        process: Process,
        database: SimulatedDatabase,
        vendor: Vendor,
        nemesis: Nemesis,
        clock: SimulatedClock,
        chance: Chance,
        *,
        ring: Callable[[Sequence[str]], None],
        failed: Callable[[str, BaseException], None],
        polls: bool,
        crowded: bool,
        looked: Callable[[], None],
    ) -> None:
        self.process = process
        self.clock = clock
        self.database: Any = database
        self.nemesis = nemesis
        self.ids = SimulatedIds(process.name, chance)
        self.spawn = SimulatedSpawn(process, failed)
        self.wakeup = SimulatedWakeup(ring)
        self.plans = SharedPlans(self.database, registry().node_type)
        self.subscriptions = Subscriptions()
        http = SimulatedHttp(vendor, process, nemesis)
        contexts = _Contexts(http, process, nemesis, clock, chance)
        self.runner = Runner(
            database=self.database,
            plans=self.plans,
            attempts=Attempts(registry().action, contexts, clock.now_ms),
            feed=_Feed(),
            clock=clock,
            ids=self.ids,
            spawn=self.spawn,
            wakeup=self.wakeup,
            followers=self.subscriptions.followers,
            slots=chance.choice(SLOTS),
        )
        self.intake = Intake(
            database=self.database,
            plans=self.plans,
            starter=self.runner,
            twins=_Twins(),
            clock=clock,
            ids=self.ids,
            awaited=self.subscriptions.awaits,
        )
        self.backlog = Backlog(
            intake=self.intake,
            database=self.database,
            clock=clock,
            spawn=_Watching(self.spawn),
            crowd=0 if crowded else CROWD,
        )
        self._looked = looked
        self.door = Door(
            intake=self.intake,
            starter=self.runner,
            subscriptions=self.subscriptions,
            connections=_Connections(),
            drafts=_Drafts(),
            triggers=registry().trigger,
            database=self.database,
            clock=clock,
            ids=self.ids,
            backlog=self.backlog,
        )
        self.scheduler = Scheduler(
            intake=self.intake,
            subscriptions=self.subscriptions,
            database=self.database,
            clock=clock,
            spawn=_Watching(self.spawn),
        )
        keeper: Any = contexts
        self.poller = Poller(
            intake=self.intake,
            subscriptions=self.subscriptions,
            plans=self.plans.get,
            keeper=keeper,
            triggers=registry().trigger,
            database=self.database,
            clock=clock,
            ids=self.ids,
            spawn=_Watching(self.spawn),
        )
        self._polls = polls
        self.ready = False
        self.ready_at_s = 0.0

    @property
    def at_rest(self) -> bool:
        """Whether it does nothing but look, now and then, what is due."""
        return (
            self.ready
            and self.scheduler.resting
            and not self.backlog.size
            and self.database.at_rest
            and not self.process.working()
        )

    async def close(self) -> None:
        """Stop in order, as a server does that is told to."""
        if self._polls:
            await self.poller.close()
        await self.scheduler.close()
        await self.backlog.close()
        await self.runner.close()
        await self.database.close()

    async def start(self) -> None:
        """Learn the flows and begin to work, as a server does at its start."""
        begin = [self._learn_all, self.runner.start, self._open_door, self.scheduler.start]
        for begin_work in [*begin, self.poller.start] if self._polls else begin:
            while not await self._begun(begin_work):
                await self.clock.sleep(1.0)
        self.database.expect_much()
        self.ready, self.ready_at_s = True, self.clock.monotonic_s()

    async def _open_door(self) -> None:
        if not self.database.shared:
            await self.backlog.start(self._read_kept)

    async def _read_kept(self, kept: Kept) -> None:
        await self.door.read_kept(kept)
        self._looked()

    async def _begun(self, begin_work: Callable[[], Awaitable[None]]) -> bool:
        try:
            await begin_work()
        except Exception:  # noqa: BLE001 - a start that fails is tried again by whoever starts
            return False
        return True

    async def _learn_all(self) -> None:
        for row in await self.database.read(_flows):
            self.learn(*row)

    def learn(self, workspace_id: str, flow_id: str, version: str, document: bytes) -> None:
        """Take events for a flow's active version."""
        plan = self.plans.add(workspace_id, flow_id, version, document)
        self.subscriptions.set_flow(workspace_id, plan, {})
        self.scheduler.changed()

    async def deliver(self, body: bytes, connection_id: str = CONNECTION) -> DoorAnswer:
        """Take a delivery in for a connection."""
        self.nemesis.pass_by("deliver.before", self.process)
        await pause(0)  # Where a dead or frozen process stops.
        return await self.door.deliver(
            DOORS[connection_id],
            method="POST",
            headers={"content-type": "application/json"},
            query={"secret": SECRET},
            body=body,
        )


def _flows(connection: Connection) -> list[tuple[str, str, str, bytes]]:
    return [tuple(row) for row in active_flows(connection)]
