"""The newest stored event about a business key: what a flow starts from when a person names a
record."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from tramo.model.scope import Scope
from tramo.store import table

_e = table.event.c
_r = table.run.c
_k = table.run_key.c
_w = table.event_key.c

NEWEST: Final = 5
"""Of so many events one must still be kept whole."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a trigger takes: of a type, and of a connection, or only its own."""

    type: str
    connection_id: str | None = None
    own: tuple[str, str] | None = None
    """(flow, node) where the shape of an event is this trigger's own."""


def newest_event(
    connection: Connection, scope: Scope, source: Source, kind: str, value: str
) -> Any:
    """Return (id, payload, received_at) of the newest event about a key, None where there is none.

    Events are known by the runs that they started, and by the waits that they were kept for.
    """
    workspace = scope.workspace_id
    found = select(_e.id, _e.payload, _e.received_at).where(
        _e.workspace_id == workspace, _e.type == source.type
    )
    started = (
        found.join(table.run, _r.event_id == _e.id)
        .join(table.run_key, _k.run_id == _r.id)
        .where(_k.workspace_id == workspace, _k.kind == kind, _k.value == value)
    )
    if source.own is not None:
        started = started.where(_r.flow_id == source.own[0], _r.trigger == source.own[1])
    kept = found.join(table.event_key, _w.event_id == _e.id).where(
        _w.workspace_id == workspace,
        _w.type == source.type,
        _w.kind == kind,
        _w.value == value,
    )
    if source.connection_id is not None:
        started = started.where(_k.connection_id == source.connection_id)
        kept = kept.where(_e.source == source.connection_id)
    queries = [started] if source.own is not None else [started, kept]
    rows = [
        row
        for query in queries
        for row in connection.execute(
            query.order_by(_e.received_at.desc(), _e.id.desc()).limit(NEWEST)
        )
        if row.payload != b"null"  # What is not kept any more starts nothing.
    ]
    return max(rows, key=lambda row: row.received_at, default=None)
