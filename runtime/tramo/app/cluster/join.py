"""Puts together what a process needs beside others: the part of the composition root that a house
on its own does without, and never imports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec

from tramo.app.cluster.change import Changes
from tramo.app.cluster.cluster import Cluster
from tramo.app.cluster.duty import Duties
from tramo.app.cluster.end import Ends
from tramo.app.cluster.feed import SharedFeed
from tramo.app.run import History
from tramo.outbound import HousedTwin
from tramo.outbound.shared_twin import SharedTwin
from tramo.queue import LocalWakeup
from tramo.queue.bus import Bus
from tramo.queue.line import Line
from tramo.sdk import Twin
from tramo.store import change
from tramo.store.pause import note_pause, read_pauses

if TYPE_CHECKING:
    from tramo.app.house import House


class Links(msgspec.Struct, frozen=True):
    """What leads to the other processes."""

    bus: Bus
    wakeup: Any
    feed: SharedFeed
    twin: Callable[[Twin, str], HousedTwin]


def link(house: House) -> Links:
    """Make the ways to other processes: over Redis where there is one, else none that is quick."""
    line = None
    wakeup: Any = LocalWakeup()
    if house.settings.redis is not None:
        from tramo.queue.arq import ArqWakeup

        line = Line(house.settings.redis, clock=house.clock, ids=house.ids)
        wakeup = ArqWakeup(line, clock=house.clock, spawn=house.spawn)
    bus = Bus(line, own=house.ids.new("own"), clock=house.clock, spawn=house.spawn)
    feed = SharedFeed(live=house.live, bus=bus, clock=house.clock)

    def share(twin: Twin, connection_id: str) -> HousedTwin:
        return SharedTwin(
            twin,
            connection_id,
            database=house.database,
            clock=house.clock,
            ids=house.ids,
            spawn=house.spawn,
        )

    return Links(bus, wakeup, feed, share)


def join(house: House, links: Links, *, with_duties: bool) -> Cluster:
    """Let a house take part in what all processes of its database do."""
    duties = Duties(database=house.database, clock=house.clock, own=house.runner.owner)
    if with_duties:
        for name, start, stop in _loops(house):
            duties.add(name, start, stop)
    changes = Changes(house.database)
    changes.on(change.FLOWS, _followed(house))
    changes.on(change.CONNECTIONS, _forgotten(house))
    changes.on(change.VARIABLES, house.variables.load)
    changes.on(change.PAUSES, _heeded(house))
    waiters = house.runner.waiters
    history = History(database=house.database, plans=house.plans)
    cluster = Cluster(
        database=house.database,
        clock=house.clock,
        spawn=house.spawn,
        bus=links.bus,
        wakeup=links.wakeup,
        changes=changes,
        duties=duties,
        ends=Ends(database=house.database, history=history, waiters=waiters),
        feed=links.feed,
        runner=house.runner,
    )
    waiters.elsewhere = cluster.say_ended
    if house.settings.redis is not None:
        links.wakeup.room = house.runner.room
    house.runner.teller.reach.ring = cluster.ring
    house.keeper.on_change = cluster.say_changed
    house.variables.on_change = cluster.say_changed
    house.subscriber.on_change = cluster.say_changed
    house.outbound.pause.tell = _told(house, cluster.say_changed)
    return cluster


def _loops(
    house: House,
) -> list[tuple[str, Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]]:
    async def start_courier() -> None:
        house.courier.start()

    async def start_sweeper() -> None:
        house.sweeper.start()

    return [
        ("scheduler", house.scheduler.start, house.scheduler.close),
        ("poller", house.poller.start, house.poller.close),
        ("courier", start_courier, house.courier.close),
        ("lookout", house.lookout.start, house.lookout.close),
        ("sweeper", start_sweeper, house.sweeper.close),
    ]


def _followed(house: House) -> Callable[[], Awaitable[None]]:
    async def follow() -> None:
        await house.subscriber.follow(house.plans)

    return follow


def _forgotten(house: House) -> Callable[[], Awaitable[None]]:
    async def forget() -> None:
        house.keeper.forget()
        house.poller.changed()

    return forget


def _heeded(house: House) -> Callable[[], Awaitable[None]]:
    async def heed() -> None:
        now = house.clock.now_ms()
        house.outbound.pause.learn(await house.database.read(lambda c: read_pauses(c, now)))

    return heed


def _told(house: House, say: Callable[[], None]) -> Callable[[str, int], None]:
    async def write(account: str, until: int) -> None:
        now = house.clock.now_ms()
        await house.database.write(lambda c: note_pause(c, account, until, now))
        say()

    def tell(account: str, until: int) -> None:
        house.spawn.start(write(account, until), name="tell of a pause")

    return tell
