"""Changes of our own that come back as events: noted with the change, met by the first event.

A vendor tells everybody of a change, also the one who made it. The note is written in the commit
that holds the change's success, so that it is there before its event can be taken in.
"""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, insert, select

from tramo.model.event import Key
from tramo.store import table

REMEMBERED_MS: Final = 10 * 60_000
"""How long a vendor may take to tell us of our own change."""
KEYS_MOST: Final = 20
DEPTH_LIMIT: Final = 10
"""How many runs may cause each other, by calls or by the events of what they change."""

_e = table.echo.c
_r = table.run.c


class Echo(msgspec.Struct, frozen=True):
    """What is known of an event's origin: nothing, or which flows' changes brought it about."""

    flows: frozenset[str] = frozenset()
    depth: int = -1

    @property
    def next_depth(self) -> int:
        """The depth of the runs that the event starts."""
        return self.depth + 1


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An effect of ours that succeeded, and the events that it brings about."""

    workspace_id: str
    flow_id: str
    run_id: str
    connection_id: str
    causes: tuple[str, ...]
    """Of its node type."""
    keys: tuple[Key, ...]
    """What the step said that it changed; one that says nothing had nothing to change."""
    depth: int
    """How many runs caused each other before this one."""
    now: int

    def write(self, connection: Connection) -> None:
        """Note the events for the flow that made the change and for those that called it."""
        connection.execute(delete(table.echo).where(_e.until < self.now))
        flows = [self.flow_id, *_callers(connection, self.run_id)] if self.depth else [self.flow_id]
        rows = [
            {
                "workspace_id": self.workspace_id,
                "connection_id": self.connection_id,
                "type": type,
                "kind": key.kind,
                "value": key.value,
                "flow_id": flow_id,
                "depth": self.depth,
                "until": self.now + REMEMBERED_MS,
            }
            for type in self.causes
            for key in dict.fromkeys(Key(key.kind, key.value) for key in self.keys[:KEYS_MOST])
            for flow_id in dict.fromkeys(flows)
        ]
        if rows:
            connection.execute(insert(table.echo), rows)


def _callers(connection: Connection, run_id: str) -> list[str]:
    """Return the flows of the runs that called each other down to this one."""
    found: list[str] = []
    parent = connection.execute(select(_r.parent).where(_r.id == run_id)).scalar()
    while parent is not None and len(found) < DEPTH_LIMIT:
        row = connection.execute(select(_r.flow_id, _r.parent).where(_r.id == parent)).one_or_none()
        if row is None:
            break
        found.append(row.flow_id)
        parent = row.parent
    return found


def consume(
    connection: Connection,
    workspace_id: str,
    *,
    connection_id: str,
    type: str,
    kind: str,
    value: str,
    now: int,
) -> Echo:
    """Return whose change an event tells of, and forget it: the next such event is another's."""
    found = connection.execute(
        select(_e.id, _e.flow_id, _e.depth)
        .where(
            _e.workspace_id == workspace_id,
            _e.connection_id == connection_id,
            _e.type == type,
            _e.kind == kind,
            _e.value == value,
            _e.until >= now,
        )
        .order_by(_e.id)
    ).all()
    oldest = {row.flow_id: row for row in reversed(found)}
    if not oldest:
        return Echo()
    connection.execute(delete(table.echo).where(_e.id.in_([row.id for row in oldest.values()])))
    return Echo(frozenset(oldest), max(row.depth for row in oldest.values()))
