"""Alerts: one for each cause and day, with how often it occurred; the first of the day is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row

from tramo.app.attention.notice import Subject, tell
from tramo.app.attention.text import Letter, in_zone, one_line, paragraphs, say
from tramo.app.page import cursor_of, read_cursor
from tramo.engine.instant import rfc3339
from tramo.model.flow import Flow
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.ports.clock import Clock
from tramo.ports.identity import Ids
from tramo.store import alert as store
from tramo.store.database import Database

LISTED: Final = 50
_ERROR: Final = ("code", "params", "details")
COUNTED: Final = frozenset({"failed", "asking"})
"""Kinds that say that further occurrences are counted."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something that people should hear of. `code` and `node` tell one cause from another."""

    workspace_id: str
    kind: str
    flow_id: str = ""
    flow_name: str = ""
    flow: Flow | None = None
    """Whose alerts say who hears of it; None: the owners do."""
    code: str = ""
    node: str = ""
    node_title: str = ""
    run_id: str | None = None
    message: str = ""
    error: Mapping[str, Any] | None = None
    """The failure itself: its code and what its sentence needs."""
    told: Mapping[str, str] = {}
    """The message in the languages that have a sentence for it."""
    details: dict[str, Any] = {}
    """Slots of the sentences of this kind."""
    always: bool = False
    """Told every time, and not only the first time of a day."""


def sound(connection: Connection, ids: Ids, now: int, alarm: Alarm, times: int = 1) -> bool:
    """Count an alarm that sounded so many times, and tell its readers of the day's first; return
    whether they are told."""
    flow = alarm.flow
    day = f"{in_zone(now, flow.timezone if flow else 'UTC'):%Y-%m-%d}"
    values = {
        "id": ids.new("alr"),
        "workspace_id": alarm.workspace_id,
        "flow_id": alarm.flow_id,
        "kind": alarm.kind,
        "code": alarm.code[:80],
        "node_id": alarm.node[:80],
        "day": day,
        "last_at": now,
        "run_id": alarm.run_id,
        "message": alarm.message[:1_000],
        "details": encode(_kept(alarm)),
    }
    is_first, before = store.raise_alert(connection, values, times=times)
    if not is_first and not alarm.always:
        return False
    to = flow.alerts if flow is not None else None
    about = Subject(
        workspace_id=alarm.workspace_id,
        cause=f"alert:{values['id']}",
        to=to.to if to else (),
        language=flow.language if flow else "en",
        connection_id=to.connection if to else None,
        flow_id=alarm.flow_id or None,
        run_id=alarm.run_id,
        node_id=alarm.node or None,
    )
    tell(connection, ids, now, about, lambda language: write_letter(alarm, before, language))
    return True


def _kept(alarm: Alarm) -> dict[str, Any]:
    """Return what is kept beside an alert's own columns."""
    kept: dict[str, Any] = {**alarm.details, "node_title": alarm.node_title}
    if alarm.error is not None:
        kept["error"] = {name: alarm.error[name] for name in _ERROR if name in alarm.error}
    return kept


def write_letter(alarm: Alarm, before: int, language: str) -> Letter:
    """Say in a language what happened; `before` is how often it did on the last such day."""
    slots = {
        **alarm.details,
        "flow": alarm.flow_name or alarm.flow_id,
        "node": alarm.node_title or alarm.node,
        "message": alarm.told.get(language, alarm.message),
    }
    kind = alarm.kind
    subject = f"{kind}.subject"
    if kind in COUNTED and not alarm.node:
        subject = f"{kind}.subject_flow"
    return Letter(
        one_line(say(language, subject, **slots)),
        paragraphs(
            say(language, f"{kind}.text", **slots),
            say(language, f"{kind}.counted", **slots) if kind in COUNTED else "",
            say(language, "before", count=before) if before > 1 else "",
        ),
        _links(alarm, language),
    )


def _links(alarm: Alarm, language: str) -> tuple[tuple[str, str], ...]:
    if alarm.kind == "connection":
        return ((say(language, "open.connections"), "/connections"),)
    links = []
    if alarm.run_id is not None and alarm.kind != "watch":
        links.append((say(language, "open.run"), f"/runs/{alarm.run_id}"))
    links.append((say(language, "open.flow"), f"/flows/{alarm.flow_id}"))
    return tuple(links)


class AlertDesk:
    """What people do with alerts: read them, and say that they have."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self,
        scope: Scope,
        flow: str | None = None,
        seen: bool | None = None,
        limit: int = LISTED,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        """Return alerts, newest first."""
        before = read_cursor(cursor)
        rows = await self._database.read(
            lambda c: store.list_alerts(
                c, scope, flow=flow, seen=seen, limit=limit + 1, before=before
            )
        )
        last = rows[limit - 1] if len(rows) > limit else None
        return {
            "items": [_item(row) for row in rows[:limit]],
            "next": cursor_of(last.first_at, last.id) if last else None,
        }

    async def mark_seen(self, scope: Scope, alert_id: str) -> None:
        """Note that somebody has seen an alert; it goes on counting."""
        now = self._clock.now_ms()
        if not await self._database.write(lambda c: store.mark_seen(c, scope, alert_id, now)):
            raise TramoError("alert.unknown", "There is no such alert.", status=404)


def _item(row: Row[Any]) -> dict[str, Any]:
    details = decode(row.details)
    title, error = details.pop("node_title", ""), details.pop("error", None)
    return {
        "id": row.id,
        "kind": row.kind,
        "state": "new" if row.seen_at is None else "seen",
        "flow": row.flow_id or None,
        "flow_name": row.flow_name,
        "code": row.code or None,
        "node": row.node_id or None,
        "node_title": title or None,
        "message": row.message,
        "error": error and {**error, "message": row.message},
        "details": details,
        "count": row.count,
        "day": row.day,
        "first_at": rfc3339(row.first_at),
        "last_at": rfc3339(row.last_at),
        "run": row.run_id,
        "seen_at": None if row.seen_at is None else rfc3339(row.seen_at),
        "seen_by": row.seen_by,
    }
