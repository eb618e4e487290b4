"""Runs that go no further without a person: in doubt, set aside, or before a refused account."""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs
from sqlalchemy import Connection, Row

from tramo.app.attention.alert import Alarm, sound
from tramo.app.attention.book import FlowBook, title_of
from tramo.app.attention.failure import Steps, Told
from tramo.app.attention.notice import Subject, tell
from tramo.app.attention.text import Letter, in_zone, paragraphs, say, spell
from tramo.app.run.item import brief
from tramo.model.flow import Alerts
from tramo.model.problem import TramoError
from tramo.model.run import StepError
from tramo.ports.identity import Ids
from tramo.store import alert as alert_store
from tramo.store import approval as store
from tramo.store.database import Database

BATCH: Final = 100
DAY_MS: Final = 86_400_000
LISTED: Final = 20


class Stuck:
    """Looks at runs that wait for a decision, and reminds the owners of them once a day."""

    def __init__(
        self, *, database: Database, book: FlowBook, ids: Ids, steps: Steps, told: Told
    ) -> None:
        self._database = database
        self._book = book
        self._ids = ids
        self._steps = steps
        self._told = told

    async def look(self, now: int) -> int:
        """Raise what runs newly in doubt or quarantine are worth; return how many there were."""
        rows, settled = await self._database.read(
            lambda c: (store.new_stuck_runs(c, BATCH), store.has_settled(c))
        )
        if not rows and not settled:
            return 0
        alarms = [alarm for row in rows if (alarm := await self._alarm(row)) is not None]

        def write(connection: Connection) -> None:
            store.drop_settled(connection)
            for alarm in alarms:
                sound(connection, self._ids, now, alarm)
            store.add_asked(
                connection,
                [
                    {
                        "run_id": row.id,
                        "node_id": "",
                        "iteration": "",
                        "workspace_id": row.workspace_id,
                        "opened_at": now,
                        "remind_at": now + DAY_MS,
                    }
                    for row in rows
                ],
            )

        await self._database.write(write)
        return len(rows)

    async def _alarm(self, row: Row[Any]) -> Alarm | None:
        flow = await self._book.get(
            row.workspace_id, row.flow_id, row.active_version or row.version
        )
        if not (flow.alerts if flow is not None else Alerts()).asking:
            return None
        node, error = "", None
        if row.state == "asking":
            node, error = await self._doubt(row)
        said = structs.asdict(error) if error is not None else {}
        return Alarm(
            workspace_id=row.workspace_id,
            kind=row.state,
            flow_id=row.flow_id,
            flow_name=row.flow_name or "",
            flow=flow,
            code=error.code if error is not None else row.reason or "",
            node=node,
            node_title=title_of(flow, node) if node else "",
            run_id=row.id,
            message=error.message if error is not None else "",
            error=brief(said),
            told=self._told(said),
        )

    async def _doubt(self, row: Row[Any]) -> tuple[str, StepError | None]:
        """Return the step that is in doubt, and why."""
        try:
            steps = await self._steps(row.workspace_id, row.id)
        except TramoError:
            return "", None
        for step in steps:
            if step["state"] == "asking":
                return step["node"], step.get("error")
        return "", None

    async def look_at_connections(self, now: int) -> None:
        """Raise connections whose vendor refuses them while runs wait: each once a day."""
        rows = await self._database.read(alert_store.refused_connections)
        fresh = [row for row in rows if not await self._is_known(row, now)]
        for row in fresh:
            alarm = Alarm(
                workspace_id=row.workspace_id,
                kind="connection",
                code="connection.refused",
                node=row.id,
                node_title=row.name,
                run_id=row.run_id,
                details={"connection": row.name, "count": row.waiting},
            )
            await self._database.write(lambda c, alarm=alarm: sound(c, self._ids, now, alarm))

    async def _is_known(self, row: Row[Any], now: int) -> bool:
        day = f"{in_zone(now, 'UTC'):%Y-%m-%d}"
        return await self._database.read(
            lambda c: alert_store.is_raised(
                c, row.workspace_id, kind="connection", node_id=row.id, day=day
            )
        )

    async def remind(self, now: int) -> None:
        """Remind the owners, a day after they were told and then daily, in one notice for all."""
        for workspace_id in await self._database.read(lambda c: store.due_workspaces(c, now)):
            await self._database.write(lambda c, w=workspace_id: self._remind(c, w, now))

    def _remind(self, connection: Connection, workspace_id: str, now: int) -> None:
        store.drop_settled(connection)
        rows = store.stuck_runs(connection, workspace_id)
        store.remind_of_stuck(connection, workspace_id, now + DAY_MS)
        if rows:
            about = Subject(workspace_id=workspace_id, cause=f"stuck:{now}")
            tell(connection, self._ids, now, about, lambda language: _reminder(rows, language))


def _reminder(rows: list[Row[Any]], language: str) -> Letter:
    lines = [
        "• "
        + say(
            language,
            "stuck.line",
            flow=row.flow_name or row.flow_id,
            since=spell(row.opened_at, "UTC"),
        )
        for row in rows[:LISTED]
    ]
    if len(rows) > LISTED:
        lines.append(say(language, "stuck.more", count=len(rows) - LISTED))
    return Letter(
        say(language, "stuck.subject", count=len(rows)),
        paragraphs(say(language, "stuck.text"), "\n".join(lines)),
        ((say(language, "open.runs"), "/runs?state=asking"),),
    )
