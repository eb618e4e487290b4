"""Runs that failed: who hears of it, and the pause of a flow that fails again and again.

Reads each failed run once, by a cursor over the failed ones; a run that succeeds costs nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.attention.alert import Alarm, sound
from tramo.app.attention.book import FlowBook, title_of
from tramo.app.run.item import brief
from tramo.model.flow import Alerts
from tramo.model.problem import TramoError
from tramo.model.value import decode
from tramo.ports.identity import Ids
from tramo.store import alert as store
from tramo.store.database import Database

NAME: Final = "failed"
BATCH: Final = 100
SETTLED_MS: Final = 1_000
"""A run is looked at this long after its end: all that ended in its instant is written by then."""
LOOKED_AT: Final = 20_000
"""Among how many of a flow's newest runs a success is looked for before it is paused."""
PAUSED_FOR: Final = "failures"

Pause = Callable[[str, str, str], Awaitable[Any]]
"""(workspace, flow, reason)"""
Told = Callable[[Mapping[str, Any]], Mapping[str, str]]
"""A failure in every language that has a sentence for it."""
Steps = Callable[[str, str], Awaitable[list[dict[str, Any]]]]
"""(workspace, run) -> the steps of a run, as its view shows them."""


class Failures:
    """Looks at failed runs, the oldest first."""

    def __init__(
        self,
        *,
        database: Database,
        book: FlowBook,
        ids: Ids,
        steps: Steps,
        pause: Pause,
        told: Told,
    ) -> None:
        self._database = database
        self._book = book
        self._ids = ids
        self._steps = steps
        self._pause = pause
        self._told = told
        self._nodes: dict[tuple[str, str, str, str], str] = {}

    async def look(self, now: int) -> int:
        """Raise what the next failed runs are worth; return how many were looked at."""
        rows = await self._database.read(
            lambda c: store.failed_runs(
                c, since=store.looked(c, NAME, now), until=now - SETTLED_MS, limit=BATCH
            )
        )
        if not rows:
            return 0
        causes: dict[tuple[str, ...], list[Alarm]] = {}
        flows: dict[tuple[str, str], list[Row[Any]]] = {}
        for row in rows:
            alarm = await self._alarm(row)
            if alarm is not None:
                cause = (alarm.workspace_id, alarm.flow_id, alarm.code, alarm.node)
                causes.setdefault(cause, []).append(alarm)
            if _counts(row):
                flows.setdefault((row.workspace_id, row.flow_id), []).append(row)
        last = rows[-1]

        def write(connection: Connection) -> None:
            for alarms in causes.values():
                sound(connection, self._ids, now, alarms[-1], len(alarms))
            for failed in flows.values():
                _count(connection, failed)
            store.set_looked(connection, NAME, last.ended_at, last.id)

        await self._database.write(write)
        for place in flows:
            await self._judge(*place, now)
        return len(rows)

    async def _alarm(self, row: Row[Any]) -> Alarm | None:
        if not _matters(row):
            return None
        flow = await self._book.get(
            row.workspace_id, row.flow_id, row.active_version or row.version
        )
        alerts = flow.alerts if flow is not None else Alerts()
        if not alerts.failed:
            return None
        error = decode(row.error) if row.error else {}
        code, message = str(error.get("code", "run.failed")), str(error.get("message", ""))
        node = await self._node(row, code, message)
        return Alarm(
            workspace_id=row.workspace_id,
            kind="failed",
            flow_id=row.flow_id,
            flow_name=row.flow_name or "",
            flow=flow,
            code=code,
            node=node,
            node_title=title_of(flow, node) if node else "",
            run_id=row.id,
            message=message,
            error=brief(error),
            told=self._told(error),
        )

    async def _node(self, row: Row[Any], code: str, message: str) -> str:
        """Return the node at which a run failed; empty where its view does not tell."""
        place = (row.flow_id, row.version, code, message)
        known = self._nodes.get(place)
        if known is not None:
            return known
        found = ""
        try:
            steps = await self._steps(row.workspace_id, row.id)
        except TramoError:
            steps = []
        for step in steps:
            error = step.get("error")
            if step["state"] == "failed" and error is not None and _code(error) == code:
                found = step["node"]
        if len(self._nodes) > 1_000:
            self._nodes.clear()
        self._nodes[place] = found
        return found

    async def _judge(self, workspace_id: str, flow_id: str, now: int) -> None:
        """Pause a flow that has failed too often in a row."""
        watch, row = await self._database.read(
            lambda c: (
                store.get_watch(c, workspace_id, flow_id),
                store.flow_state(c, workspace_id, flow_id),
            )
        )
        if watch is None or row is None or row.state != "active":
            return
        flow = await self._book.get(workspace_id, flow_id, row.version)
        most = (flow.alerts if flow is not None else Alerts()).pause_after
        if not most or watch.failures < most:
            return
        success = await self._database.read(
            lambda c: store.succeeded_since(
                c, workspace_id, flow_id, watch.failing_since or 0, LOOKED_AT
            )
        )
        if success is not None:
            await self._database.write(lambda c: _recount(c, workspace_id, flow_id, success))
            await self._judge(workspace_id, flow_id, now)
            return
        await self._pause(workspace_id, flow_id, PAUSED_FOR)
        error = decode(row.error) if row.error else {}
        alarm = Alarm(
            workspace_id=workspace_id,
            kind="paused",
            flow_id=flow_id,
            flow_name=row.name,
            flow=flow,
            code="flow.paused",
            run_id=row.run_id,
            message=str(error.get("message", "")),
            error=brief(error),
            told=self._told(error),
            details={"count": watch.failures},
            always=True,
        )
        await self._database.write(lambda c: sound(c, self._ids, now, alarm))


def _matters(row: Row[Any]) -> bool:
    """Tell whether a run is more than somebody's trial of a draft."""
    return not row.by_hand or row.version == row.active_version


def _counts(row: Row[Any]) -> bool:
    return row.flow_state == "active" and _matters(row)


def _count(connection: Connection, failed: list[Row[Any]]) -> None:
    """Count failures of one flow, the oldest first."""
    first = failed[0]
    watch = store.get_watch(connection, first.workspace_id, first.flow_id)
    known = watch.failures if watch is not None else 0
    store.set_watch(
        connection,
        first.workspace_id,
        first.flow_id,
        failures=known + len(failed),
        failing_since=watch.failing_since if watch is not None and known else first.ended_at,
    )


def _recount(connection: Connection, workspace_id: str, flow_id: str, success: int) -> None:
    failures, since = store.failures_since(connection, workspace_id, flow_id, success)
    store.set_watch(connection, workspace_id, flow_id, failures=failures, failing_since=since)


def _code(error: Any) -> str:
    return error["code"] if isinstance(error, dict) else msgspec.structs.asdict(error)["code"]
