"""The one composition root: makes every part from the settings and hands them to each other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tramo.app.account import AccountDesk
from tramo.app.attention.alert import AlertDesk
from tramo.app.attention.approval import ApprovalDesk
from tramo.app.attention.courier import Courier
from tramo.app.attention.lookout import Lookout
from tramo.app.attention.notice import NoticeDesk
from tramo.app.catalog import CatalogDesk
from tramo.app.connection import ConnectionDesk
from tramo.app.data_table import DataTableDesk
from tramo.app.failure import tell_in_all
from tramo.app.flow import FlowDesk
from tramo.app.live import LiveFeed
from tramo.app.pin import PinDesk
from tramo.app.port import DatabaseClock, SystemClock, SystemIds, TaskSpawn
from tramo.app.presence import PresenceDesk
from tramo.app.record import RecordDesk
from tramo.app.repeat import Repeats
from tramo.app.retention import RetentionDesk
from tramo.app.run import DoubtDesk, History, RerunDesk, RunDesk, TimelineDesk, TrialDesk
from tramo.app.setting import Settings
from tramo.app.subscriber import Subscriber
from tramo.app.sweep import Sweeper
from tramo.app.timetable import TimetableDesk
from tramo.app.variable import VariableDesk
from tramo.app.waiting import WaitingDesk
from tramo.app.watch.log import name_worker
from tramo.app.watch.measured import Measure, MeasuredAttempts, TracedDoor
from tramo.app.watch.metric import Metrics
from tramo.app.watch.ready import Readiness
from tramo.app.watch.tally import Tally
from tramo.app.watch.trace import TracedTally, Tracing, load_tracing
from tramo.ingest.backlog import Backlog
from tramo.ingest.door import Door
from tramo.ingest.form import FormDoor
from tramo.ingest.intake import Intake
from tramo.ingest.poll import Poller
from tramo.ingest.schedule import Scheduler
from tramo.ingest.subscription import Subscriptions
from tramo.model.scope import system_scope
from tramo.outbound.outbound import Outbound
from tramo.outbound.twin import TwinHouse
from tramo.queue import LocalWakeup
from tramo.registry import Registry, discover
from tramo.runner.plan import PlanCache
from tramo.runner.runner import Runner
from tramo.sandbox import MontySandbox
from tramo.store.change import FLOWS
from tramo.store.database import Database, open_database
from tramo.vault.keeper import Keeper

if TYPE_CHECKING:
    from tramo.app.cluster.cluster import Cluster
    from tramo.app.cluster.join import Links


class House:
    """A running Tramo, in one process."""

    workspace_id: str
    cluster: Cluster | None = None
    """The other processes of a shared database."""
    stopping: bool = False
    """Nothing more is taken; whoever asks is told to come back."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        registry: Registry,
        clock: SystemClock | None = None,
        tracing: Tracing | None = None,
        *,
        worker: bool = False,
    ) -> None:
        self.settings = settings
        self.is_worker = worker
        self.database = database
        self.registry = registry
        self.clock = clock or (DatabaseClock() if database.shared else SystemClock())
        self.ids = SystemIds()
        self.spawn = TaskSpawn()
        self.live = LiveFeed(clock=self.clock)
        self.tracing = tracing or load_tracing(os.environ)
        self.tally = Tally() if self.tracing is None else TracedTally(self.tracing)
        self._links()
        self._way_out()
        self._engine_room()
        self._desks()
        self._attention()
        self._join()
        self._windows()

    def _links(self) -> None:
        """Find the ways to other processes, where there may be any."""
        self.wakeup: Any = LocalWakeup()
        self.feed: Any = self.live
        self.links: Links | None = None
        if self.database.shared:
            from tramo.app.cluster.join import link

            self.links = link(self)
            self.wakeup, self.feed = self.links.wakeup, self.links.feed

    def _join(self) -> None:
        if self.links is not None:
            from tramo.app.cluster.join import join

            self.cluster = join(self, self.links, with_duties=not self.is_worker)

    def _way_out(self) -> None:
        self.twins = TwinHouse(
            clock=self.clock,
            ids=self.ids,
            spawn=self.spawn,
            folder=None if self.settings.force_twins else self.settings.data / "twins",
            shared=self.links.twin if self.links is not None else None,
        )
        self.sandbox = MontySandbox()
        measure = Measure(
            tally=self.tally,
            clock=self.clock,
            tracing=self.tracing,
            trace_hosts=self.settings.trace_hosts,
        )
        self.outbound = Outbound(
            clock=self.clock,
            twins=self.twins,
            private_hosts=self.settings.private_hosts,
            sandbox=self.sandbox,
            measured=measure.way,
        )
        self.keeper = Keeper(
            database=self.database,
            registry=self.registry,
            outbound=self.outbound,
            key_file=self.settings.key_file,
            force_twins=self.settings.force_twins,
        )

    def _engine_room(self) -> None:
        self.plans = PlanCache(self.database, self.registry.node_type)
        self.subscriptions = Subscriptions()
        self.variables = VariableDesk(database=self.database, clock=self.clock)
        self.runner = Runner(
            database=self.database,
            plans=self.plans,
            attempts=MeasuredAttempts(
                self.registry.action,
                self.keeper,
                clock=self.clock,
                tally=self.tally,
                tracing=self.tracing,
            ),
            feed=self.feed,
            clock=self.clock,
            ids=self.ids,
            spawn=self.spawn,
            wakeup=self.wakeup,
            variables=self.variables.of,
            followers=self.subscriptions.followers,
            slots=self.settings.slots,
            observer=self.tally,
        )
        self.intake = Intake(
            database=self.database,
            plans=self.plans,
            starter=self.runner,
            twins=self.keeper,
            clock=self.clock,
            ids=self.ids,
            awaited=self.subscriptions.awaits,
            view=self._view,
        )
        self.scheduler = Scheduler(
            intake=self.intake,
            subscriptions=self.subscriptions,
            database=self.database,
            clock=self.clock,
            spawn=self.spawn,
            look=self._look,
        )
        self.poller = Poller(
            intake=self.intake,
            subscriptions=self.subscriptions,
            plans=self.plans.get,
            keeper=self.keeper,
            triggers=self.registry.trigger,
            database=self.database,
            clock=self.clock,
            ids=self.ids,
            spawn=self.spawn,
            look=self._look,
        )

    def _desks(self) -> None:
        self.subscriber = Subscriber(
            registry=self.registry,
            keeper=self.keeper,
            subscriptions=self.subscriptions,
            scheduler=self.scheduler,
            poller=self.poller,
            clock=self.clock,
            url=lambda: self.settings.public_url,
        )
        self.flows = FlowDesk(
            database=self.database,
            node_types=self.registry.node_type,
            plans=self.plans,
            subscriptions=self.subscriptions,
            intake=self.intake,
            clock=self.clock,
            ids=self.ids,
            url=lambda: self.settings.url,
            subscribed=self.subscriber.subscribed,
            news=self.feed.publish,
            waiting=WaitingDesk(
                database=self.database,
                plans=self.plans,
                wakeup=self.wakeup,
                clock=self.clock,
                ids=self.ids,
            ),
            notifiers=frozenset(
                name for name, known in self.registry.connectors.items() if known.notify
            ),
            force_twins=self.settings.force_twins,
        )
        self.presence = PresenceDesk(
            database=self.database, clock=self.clock, news=self.feed.publish
        )
        self.records = RecordDesk(database=self.database, flows=self.flows, registry=self.registry)
        self._run_desks()
        self.accounts = AccountDesk(
            database=self.database,
            clock=self.clock,
            ids=self.ids,
            url=lambda: self.settings.url,
        )
        self.catalog = CatalogDesk(self.registry)
        self.repeats = Repeats(database=self.database, clock=self.clock)
        self.timetable = TimetableDesk(database=self.database, clock=self.clock)
        self.tables = DataTableDesk(database=self.database, clock=self.clock)
        self.backlog = Backlog(
            intake=self.intake, database=self.database, clock=self.clock, spawn=self.spawn
        )
        door = Door if self.tracing is None else partial(TracedDoor, self.tracing)
        self.door = door(
            intake=self.intake,
            starter=self.runner,
            subscriptions=self.subscriptions,
            connections=self.keeper,
            drafts=self.flows,
            triggers=self.registry.trigger,
            database=self.database,
            clock=self.clock,
            ids=self.ids,
            look=self._look,
            backlog=self.backlog,
        )
        self.forms = FormDoor(
            intake=self.intake,
            subscriptions=self.subscriptions,
            drafts=self.flows,
            plans=self.plans,
            look=self._look,
        )
        self.connections = ConnectionDesk(
            database=self.database,
            registry=self.registry,
            keeper=self.keeper,
            outbound=self.outbound,
            clock=self.clock,
            ids=self.ids,
            door=self.door,
            url=lambda: self.settings.url,
            repaired=self._repaired,
        )

    def _run_desks(self) -> None:
        history = History(database=self.database, plans=self.plans)
        self.doubts = DoubtDesk(
            database=self.database,
            history=history,
            runner=self.runner,
            clock=self.clock,
            ids=self.ids,
        )
        self.reruns = RerunDesk(
            database=self.database,
            history=history,
            wakeup=self.wakeup,
            clock=self.clock,
            ids=self.ids,
            keys=self.flows.keys,
        )
        self.trials = TrialDesk(
            database=self.database,
            flows=self.flows,
            reruns=self.reruns,
            intake=self.intake,
            node_types=self.registry.node_type,
            all_practice=self.settings.force_twins,
        )
        self.runs = RunDesk(
            database=self.database,
            history=history,
            doubts=self.doubts,
            runner=self.runner,
            wakeup=self.wakeup,
            clock=self.clock,
            ids=self.ids,
        )
        self.pins = PinDesk(
            database=self.database, flows=self.flows, runs=self.runs, clock=self.clock
        )
        self.sweeper = Sweeper(
            database=self.database, history=history, clock=self.clock, spawn=self.spawn
        )
        self.retention = RetentionDesk(
            database=self.database, clock=self.clock, sweep=self.sweeper.sweep
        )
        self.timeline = TimelineDesk(database=self.database, history=history, runs=self.runs)

    def _attention(self) -> None:
        self.courier = Courier(
            database=self.database,
            keeper=self.keeper,
            registry=self.registry,
            clock=self.clock,
            ids=self.ids,
            spawn=self.spawn,
            url=lambda: self.settings.url,
        )
        self.notices = NoticeDesk(
            database=self.database,
            registry=self.registry,
            clock=self.clock,
            ring=self.courier.ring,
        )
        self.approvals = ApprovalDesk(
            database=self.database, runner=self.runner, clock=self.clock, steps=self._steps
        )
        self.alerts = AlertDesk(database=self.database, clock=self.clock)
        self.lookout = Lookout(
            database=self.database,
            courier=self.courier,
            clock=self.clock,
            ids=self.ids,
            spawn=self.spawn,
            steps=self._steps,
            pause=lambda workspace_id, flow_id, reason: self.flows.pause(
                system_scope(workspace_id), flow_id, reason
            ),
            told=partial(tell_in_all, self.registry),
        )

    def _windows(self) -> None:
        """Let those who run this look in."""
        name_worker(self.runner.owner)
        self.database.committer.observer = self.tally
        self.metrics = Metrics(
            tally=self.tally,
            database=self.database,
            clock=self.clock,
            in_hand=lambda: len(self.runner._runs),
            backlog=lambda: self.backlog.size,
        )
        self.readiness = Readiness(
            database=self.database,
            clock=self.clock,
            name=self.runner.owner,
            is_stopping=lambda: self.stopping,
        )

    def _view(self) -> int | None:
        """Return how often flows had changed as far as is known here, where others change them."""
        return None if self.cluster is None else self.cluster.changes.seen(FLOWS)

    async def _look(self) -> None:
        """Follow what other processes have changed."""
        if self.cluster is not None:
            await self.cluster.changes.look()

    async def _steps(self, workspace_id: str, run_id: str) -> list[dict[str, Any]]:
        return (await self.runs.get(system_scope(workspace_id), run_id))["steps"]

    async def _repaired(self, workspace_id: str) -> None:
        """Go on with what a connection held up."""
        await self.runner.wake_parked(workspace_id)
        await self.poller.repaired(workspace_id)

    async def start(self) -> None:
        """Take up what was left, and begin to take events."""
        if self.cluster is not None:
            await self.cluster.begin()
        await self.keeper.unlock()
        self.workspace_id = await self.accounts.bootstrap()
        await self.variables.load()
        if self.is_worker:
            await self.subscriber.follow(self.plans)
        else:
            await self.subscriber.load(self.plans)
        await self.runner.start()
        if self.cluster is not None:
            self.cluster.start()
            return
        await self.backlog.start(self.door.read_kept)
        await self.scheduler.start()
        await self.poller.start()
        self.courier.start()
        await self.lookout.start()
        self.sweeper.start()

    async def settle(self, grace_s: float) -> None:
        """Take nothing more, begin nothing more, and let steps in flight end for so long.

        May be called again, to cut the grace short.
        """
        self.stopping = True
        self.runner.halt()
        if self.cluster is not None:
            await self.cluster.retire()
        await self.backlog.close()
        await self.sweeper.close()
        await self.lookout.close()
        await self.courier.close()
        await self.poller.close()
        await self.scheduler.close()
        await self.runner.close(grace_s)

    async def close(self) -> None:
        """Let steps in flight end, write what has queued, and let go of everything."""
        await self.settle(self.settings.grace_s)
        await self.runner.close(0.0)  # What came in meanwhile goes back too.
        if self.cluster is not None:
            await self.cluster.close()
        await self.spawn.close(1.0)
        await self.outbound.close()
        await self.sandbox.close()
        await self.twins.close()
        await self.database.close()
        if self.tracing is not None:
            await self.tracing.close()


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    registry: Registry | None = None,
    clock: SystemClock | None = None,
    tracing: Tracing | None = None,
    worker: bool = False,
) -> AsyncIterator[House]:
    """Open the database, start everything, and close it in order.

    A `worker` works on runs and leaves to servers what only one process may do.
    """
    database = await open_database(
        settings.data, settings.database, synchronous=settings.synchronous
    )
    house: House | None = None
    try:
        house = House(settings, database, registry or discover(), clock, tracing, worker=worker)
        await house.start()
        yield house
    finally:
        if house is not None:
            await house.close()
        else:
            await database.close()


@asynccontextmanager
async def open_throwaway_house(settings: Settings, **options: Any) -> AsyncIterator[House]:
    """Open a house in a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="tramo-") as folder:
        place = Path(folder)
        inside = msgspec.structs.replace(
            settings, data=place / "data", key_file=place / "key.toml", database=None, redis=None
        )
        async with open_house(inside, **options) as house:
            yield house
