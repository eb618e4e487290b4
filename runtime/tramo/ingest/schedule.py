"""Schedules: each firing is an event of its own, known by its schedule and its nominal instant.

Times are those of the named zone: a local time that a clock change skips fires at the end of the
gap, one that comes twice fires once (cronsim follows Debian's cron); rules that fire in every hour
are counted in real time. A firing that is stored already is not stored again, so restarts and a
second server cannot fire twice.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from tramo.engine.instant import rfc3339
from tramo.ingest.intake import Intake, Prepared
from tramo.ingest.subscription import SCHEDULE, Look, Route, Subscriptions, no_look
from tramo.model.problem import TramoError
from tramo.model.value import encode
from tramo.ports.clock import Clock
from tramo.ports.spawn import Spawn
from tramo.store import timer
from tramo.store.change import Outdated
from tramo.store.commit import Unit
from tramo.store.database import Database
from tramo.store.epoch import read_epoch
from tramo.store.run import Accepted

MISSED_LIMIT: Final = 24
CAUGHT_UP_MS: Final = 7 * 86_400_000
"""Firings missed longer ago than a week are not made up for."""
LATE_MS: Final = 120_000
"""A firing that is so late was missed."""
RETRY_S: Final = 5.0

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_log = logging.getLogger("tramo")


def next_firing(params: Any, after_ms: int) -> int | None:
    """Return the first nominal instant of a schedule after a time; None when it never comes."""
    every_s = params.get("every_s")
    if every_s:
        step = int(every_s) * 1_000
        return (after_ms // step + 1) * step
    from cronsim import CronSim, CronSimError

    zone = ZoneInfo(params.get("timezone") or "UTC")
    start = (_EPOCH + timedelta(milliseconds=after_ms)).astimezone(zone)
    try:
        for following in CronSim(_spelled_out(params["cron"]), start):
            instant = int((following - _EPOCH) / timedelta(milliseconds=1))
            if instant > after_ms:  # Else the hour that comes twice is in its second pass.
                return instant
    except CronSimError:
        return None
    return None


def next_firings(params: Any, after_ms: int, count: int) -> list[int]:
    """Return the first nominal instants of a schedule after a time, at most `count`."""
    found: list[int] = []
    due = next_firing(params, after_ms)
    while due is not None and len(found) < count:
        found.append(due)
        due = next_firing(params, due)
    return found


def _spelled_out(rule: str) -> str:
    """Return a cron rule that follows the wall clock over its changes, unless it runs every hour.

    A field that begins with a star lets cronsim count real time, which for a rule such as
    `*/15 2 * * *` would lose a day in spring and give one twice in autumn.
    """
    minute, hour, *days = rule.split()
    if hour == "*" or hour == "*/1":
        return rule
    return " ".join((minute.replace("*", "0-59"), hour.replace("*", "0-23"), *days))


class Scheduler:
    """Fires the schedules of active flows."""

    def __init__(
        self,
        *,
        intake: Intake,
        subscriptions: Subscriptions,
        database: Database,
        clock: Clock,
        spawn: Spawn,
        look: Look = no_look,
    ) -> None:
        self._look = look
        self._intake = intake
        self._subscriptions = subscriptions
        self._database = database
        self._clock = clock
        self._spawn = spawn
        self._changed = asyncio.Event()
        self._closing = False
        self._resting = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to fire; firings missed while nobody ran follow each schedule's `missed` rule."""
        self._closing = False
        since = self._clock.now_ms()
        await self._catch_up()
        self._task = self._spawn.start(self._work(since), name="scheduler")

    async def close(self) -> None:
        """Fire no more."""
        self._closing = True
        self._changed.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def changed(self) -> None:
        """Look at the active schedules anew."""
        self._changed.set()

    @property
    def resting(self) -> bool:
        """Whether nothing is due as far as it knows."""
        return self._resting and not self._changed.is_set()

    def _routes(self) -> list[Route]:
        return [route for route in self._subscriptions.all_routes() if route.type == SCHEDULE]

    async def _work(self, since: int) -> None:
        while not self._closing:
            self._changed.clear()
            try:
                since = await self._follow(since)
            except Exception as error:  # noqa: BLE001 - schedules must outlive every outage
                _log.warning("Following the schedules failed: %s", error)
                await self._clock.sleep(RETRY_S)  # What was fired is known, and not fired again.

    async def _follow(self, since: int) -> int:
        """Fire what comes due after an instant until the schedules change.

        Returns the instant after which firings are still to be found.
        """
        heap = [
            (due, place, route)
            for place, route in enumerate(self._routes())
            if (due := next_firing(route.params, since)) is not None
        ]
        heapq.heapify(heap)
        while heap and not self._changed.is_set():
            due, place, route = heap[0]
            if await self._wait_until(due):
                return min(self._clock.now_ms(), due - 1)
            now = self._clock.now_ms()
            if now - due > LATE_MS:
                await self._catch_up()  # The machine slept: as if nobody had run.
                return now
            await self._fire(route, due)
            following = next_firing(route.params, due)
            if following is None:
                heapq.heappop(heap)
            else:
                heapq.heapreplace(heap, (following, place, route))
            since = due - 1  # Others may be due at the same instant; this one is known by now.
        if not heap:
            self._resting = True
            await self._changed.wait()
            self._resting = False
            return self._clock.now_ms()
        return since

    async def _wait_until(self, due: int) -> bool:
        """Wait for an instant; true when the schedules changed before it came."""
        self._resting = True
        try:
            return await self._changed_before(due)
        finally:
            self._resting = False

    async def _changed_before(self, due: int) -> bool:
        while (left_s := (due - self._clock.now_ms()) / 1_000) > 0:
            try:
                async with asyncio.timeout(min(left_s, 60.0)):
                    await self._changed.wait()
                return self._clock.now_ms() < due
            except TimeoutError:
                continue
        return False

    async def _fire(self, route: Route, due: int) -> None:
        output = {"scheduled_at": rfc3339(due), "fired_at": rfc3339(self._clock.now_ms())}
        while not self._closing:
            try:
                prepared = await self._intake.prepare(
                    route.workspace_id,
                    type=SCHEDULE,
                    source=f"{route.flow_id}/{route.node_id}",
                    payload=encode(output),
                    output=output,
                    routes=[route],
                    delivery_id=str(due),
                    restored_from=await self._restored_from(due),
                )
                accepted = await self._database.submit(_Fire(prepared, route, due))
            except Outdated:
                await self._look()
                current = self._subscriptions.for_node(
                    route.workspace_id, route.flow_id, route.node_id
                )
                if current is None or current.params != route.params:
                    return  # Others have changed it: what it fires now is found anew.
                route = current
            except TramoError as error:
                if error.status != 503:
                    _log.error("The schedule of %s could not fire: %s", route.flow_id, error)
                    return
                await self._clock.sleep(RETRY_S)
            else:
                self._intake.adopt(prepared, accepted)
                return

    async def _restored_from(self, due: int) -> int | None:
        """Return when the backup was made after which this firing may have been fired already."""
        epoch = await self._database.read(read_epoch)
        return epoch.made_at if epoch is not None and due <= epoch.raised_at else None

    async def _catch_up(self) -> None:
        now = self._clock.now_ms()
        for route in self._routes():
            rule = route.params.get("missed", "latest")
            last = await self._last(route)
            if rule == "skip" or last is None:
                continue
            missed: list[int] = []
            due = next_firing(route.params, max(last, now - CAUGHT_UP_MS))
            while due is not None and due <= now:
                missed.append(due)
                del missed[:-MISSED_LIMIT]
                due = next_firing(route.params, due)
            for instant in missed if rule == "all" else missed[-1:]:
                await self._fire(route, instant)

    async def _last(self, route: Route) -> int | None:
        """Return the instant after which firings count: the newest one, or the publishing."""
        return await self._database.read(
            lambda c: timer.counted_from(c, route.workspace_id, route.flow_id, route.node_id)
        )


class _Fire(Unit[Accepted]):
    """A firing's event and runs, and the schedule's place, in one commit."""

    def __init__(self, prepared: Prepared, route: Route, due: int) -> None:
        self._prepared = prepared
        self._route = route
        self._due = due

    def apply(self, connection: Connection) -> Accepted:
        route = self._route
        timer.fired(connection, route.workspace_id, route.flow_id, route.node_id, self._due)
        return self._prepared.write(connection)
