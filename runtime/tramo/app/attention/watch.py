"""The watch over flows that should run: fewer runs than expected in a window is an alert.

Windows are days or hours of the flow's own zone. The first one begins after the flow was switched
on; of windows that went by while nobody looked, the last one counts.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from tramo.app.attention.alert import Alarm, sound
from tramo.app.attention.book import FlowBook
from tramo.app.attention.text import in_zone, spell
from tramo.model.flow import ExpectRuns, Flow
from tramo.ports.identity import Ids
from tramo.store import alert as store
from tramo.store.database import Database

HOUR_MS: Final = 3_600_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class RunWatch:
    """Counts runs at the end of each window."""

    def __init__(self, *, database: Database, book: FlowBook, ids: Ids) -> None:
        self._database = database
        self._book = book
        self._ids = ids

    async def look(self, now: int) -> None:
        """Open windows for flows that were switched on, judge those that are over."""
        active, rows = await self._database.read(
            lambda c: (store.active_versions(c), store.watches(c))
        )
        known = {(row.workspace_id, row.flow_id): row for row in rows}
        for row in active:
            flow = await self._book.get(row.workspace_id, row.id, row.version)
            if flow is not None and flow.alerts.expect_runs is not None:
                watch = known.pop((row.workspace_id, row.id), None)
                await self._look_at(row, flow, flow.alerts.expect_runs, watch, now)
        for workspace_id, flow_id in known:
            await self._set(workspace_id, flow_id, None, None, None)

    async def _look_at(
        self, row: Row[Any], flow: Flow, wanted: ExpectRuns, watch: Row[Any] | None, now: int
    ) -> None:
        spelled = f"{wanted.at_least} {wanted.per} {flow.timezone}"[:40]
        if watch is None or watch.expected != spelled:
            begin = next_border(now, wanted.per, flow.timezone)
            end = next_border(begin, wanted.per, flow.timezone)
            await self._set(row.workspace_id, row.id, spelled, begin, end)
        elif watch.window_until <= now:
            since, until = watch.window_from, watch.window_until
            while (following := next_border(until, wanted.per, flow.timezone)) <= now:
                since, until = until, following
            await self._judge(row, flow, wanted, since, until, now)
            await self._set(row.workspace_id, row.id, spelled, until, following)

    async def _judge(
        self, row: Row[Any], flow: Flow, wanted: ExpectRuns, since: int, until: int, now: int
    ) -> None:
        count = await self._database.read(
            lambda c: store.count_runs(
                c, row.workspace_id, row.id, since=since, until=until, most=wanted.at_least
            )
        )
        if count >= wanted.at_least:
            return
        alarm = Alarm(
            workspace_id=row.workspace_id,
            kind="watch",
            flow_id=row.id,
            flow_name=row.name,
            flow=flow,
            code="flow.expected_runs",
            details={
                "count": count,
                "at_least": wanted.at_least,
                "since": spell(since, flow.timezone),
                "until": spell(until, flow.timezone),
            },
        )
        await self._database.write(lambda c: sound(c, self._ids, now, alarm))

    async def _set(
        self,
        workspace_id: str,
        flow_id: str,
        expected: str | None,
        begin: int | None,
        end: int | None,
    ) -> None:
        await self._database.write(
            lambda c: store.set_watch(
                c, workspace_id, flow_id, expected=expected, window_from=begin, window_until=end
            )
        )


def next_border(after_ms: int, per: str, timezone: str) -> int:
    """Return where the first day or hour of a zone begins after an instant."""
    local = in_zone(after_ms, timezone)
    if per == "day":
        zone = ZoneInfo(timezone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), zone)
        return round((midnight.astimezone(UTC) - _EPOCH) / timedelta(milliseconds=1))
    into_hour = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    return after_ms + HOUR_MS - round(into_hour / timedelta(milliseconds=1))
