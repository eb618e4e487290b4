"""What waiting steps wait for, and which event ends their wait.

Waiting and matching are decided inside one transaction each, on the one writing connection: an
event that is accepted either finds the wait, or is found by it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, exists, insert, select, update

from tramo.model.event import Event
from tramo.model.pause import Pause
from tramo.model.value import decode, encode
from tramo.store import table
from tramo.store.bulk import insert_rows
from tramo.store.change import FLOWS, bump
from tramo.store.lease import wake
from tramo.store.upsert import upsert

_w = table.wait.c
_k = table.event_key.c
_t = table.awaited.c
_COLUMNS = tuple(column.name for column in table.wait.columns)
_INSERT_KEY = insert_rows(table.event_key, unless_known=True)

Place = tuple[str, tuple[int, ...]]
"""A step: its node's id and its iteration."""


class NewWait(msgspec.Struct, frozen=True):
    """A step that begins to wait for events or people."""

    node_id: str
    iteration: tuple[int, ...]
    pause: Pause


class Matched(msgspec.Struct, frozen=True):
    """A wait that an event has ended."""

    node_id: str
    iteration: tuple[int, ...]
    port: str
    payload: bytes
    at: int


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """How one advance changes what its run waits for."""

    workspace_id: str
    run_id: str
    began_at: int
    """When the run began: events since then count."""
    now: int
    opened: tuple[NewWait, ...] = ()
    closed: tuple[Place, ...] = ()
    over: bool = False
    """The run has ended: nothing waits any more."""

    def write(self, connection: Connection) -> bool:
        """Write it; tell whether an event of before ends one of the new waits at once."""
        if self.over:
            connection.execute(delete(table.wait).where(_w.run_id == self.run_id))
            return False
        for node_id, iteration in self.closed:
            connection.execute(
                delete(table.wait).where(
                    _w.run_id == self.run_id,
                    _w.node_id == node_id,
                    _w.iteration == _spell(iteration),
                )
            )
        made = [(wait.pause, row) for wait in self.opened for row in self._rows(wait)]
        if not made:
            return False
        connection.execute(insert(table.wait), [row for _, row in made])
        found = False
        for pause, row in made:
            if row["kind"] == "event":
                # What came between the decision to wait and this commit found no wait yet.
                since = pause.matches[row["number"]].since
                since_ms = self.began_at if since == "start" else self.now
                found |= self._look_back(connection, row, since_ms)
        if found:
            wake(connection, [self.run_id], self.now)
        return found

    def _rows(self, wait: NewWait) -> list[dict[str, Any]]:
        blank = dict.fromkeys(_COLUMNS)
        blank |= {
            "run_id": self.run_id,
            "node_id": wait.node_id,
            "iteration": _spell(wait.iteration),
            "workspace_id": self.workspace_id,
            "opened_at": self.now,
            "due_at": wait.pause.until_ms,
        }
        rows = [
            {
                **blank,
                "number": number,
                "kind": "event",
                "type": match.type,
                "key_kind": match.kind,
                "value": match.value,
                "port": match.port,
            }
            for number, match in enumerate(wait.pause.matches)
        ]
        if wait.pause.ask is not None:
            asked = {
                "number": len(rows),
                "kind": "ask",
                "type": "",
                "key_kind": "",
                "value": "",
                "port": "",
                "ask": encode(wait.pause.ask),
            }
            rows.append(blank | asked)
        return rows

    def _look_back(self, connection: Connection, row: dict[str, Any], since_ms: int) -> bool:
        own = select(table.run.c.event_id).where(table.run.c.id == self.run_id).scalar_subquery()
        found = connection.execute(
            select(_k.event_id, _k.received_at)
            .where(
                _k.workspace_id == self.workspace_id,
                _k.type == row["type"],
                _k.kind == row["key_kind"],
                _k.value == row["value"],
                _k.received_at >= since_ms,
                _k.event_id != own,
            )
            .order_by(_k.received_at)
            .limit(1)
        ).one_or_none()
        if found is None:
            return False
        connection.execute(
            update(table.wait)
            .where(
                _w.run_id == self.run_id,
                _w.node_id == row["node_id"],
                _w.iteration == row["iteration"],
                _w.number == row["number"],
            )
            .values(event_id=found.event_id, matched_at=found.received_at)
        )
        return True


def match_event(connection: Connection, workspace_id: str, event: Event) -> list[str]:
    """Note an event's keys, end the waits for it, and return the runs that waited."""
    keys = dict.fromkeys((key.kind, key.value) for key in event.keys)
    _INSERT_KEY.execute(
        connection,
        [
            (workspace_id, event.type, kind, value, event.id, event.received_at)
            for kind, value in keys
        ],
    )
    # A run that it starts may wait for the next one of its kind, and is in this commit already.
    own = exists().where(table.run.c.id == _w.run_id, table.run.c.event_id == event.id)
    run_ids: list[str] = []
    for kind, value in keys:
        run_ids += connection.execute(
            update(table.wait)
            .where(
                _w.workspace_id == workspace_id,
                _w.type == event.type,
                _w.key_kind == kind,
                _w.value == value,
                _w.event_id.is_(None),
                ~own,
            )
            .values(event_id=event.id, matched_at=event.received_at)
            .returning(_w.run_id)
        ).scalars()
    woken = list(dict.fromkeys(run_ids))
    wake(connection, woken, event.received_at)
    return woken


def read_matched(connection: Connection, run_id: str) -> list[Matched]:
    """Return the waits of a run that events have ended, the earliest event first."""
    e = table.event.c
    rows = connection.execute(
        select(_w.node_id, _w.iteration, _w.port, e.payload, _w.matched_at)
        .join(table.event, e.id == _w.event_id)
        .where(_w.run_id == run_id)
        .order_by(_w.matched_at, _w.number)
    ).all()
    return [
        Matched(row.node_id, _read(row.iteration), row.port, row.payload, row.matched_at)
        for row in rows
    ]


def read_waiting(connection: Connection, run_id: str) -> set[Place]:
    """Return the steps of a run that wait for events or people."""
    rows = connection.execute(
        select(_w.node_id, _w.iteration).where(_w.run_id == run_id).distinct()
    )
    return {(row.node_id, _read(row.iteration)) for row in rows}


def read_awaited(connection: Connection) -> set[tuple[str, str]]:
    """Return (workspace, event type) of everything that somebody waits for."""
    rows = connection.execute(
        select(_w.workspace_id, _w.type).where(_w.kind == "event").distinct()
    ).all()
    return {(row.workspace_id, row.type) for row in rows}


def note_awaited(connection: Connection, workspace_id: str, types: Collection[str]) -> None:
    """Note types of events that a version's runs may wait for; new ones concern every process."""
    known = set(
        connection.execute(
            select(_t.type).where(_t.workspace_id == workspace_id, _t.type.in_(types))
        ).scalars()
    )
    fresh = [{"workspace_id": workspace_id, "type": type} for type in types if type not in known]
    if fresh:
        connection.execute(upsert(table.awaited).on_conflict_do_nothing(), fresh)
        bump(connection, FLOWS)


def noted_awaited(connection: Connection) -> dict[str, set[str]]:
    """Return the types of events that were ever noted, by workspace."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(table.awaited)):
        found.setdefault(row.workspace_id, set()).add(row.type)
    return found


def _spell(iteration: Sequence[int]) -> str:
    return encode(iteration).decode()


def _read(text: str) -> tuple[int, ...]:
    return tuple(decode(text))
