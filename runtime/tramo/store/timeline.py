"""What touched a business key beside the runs that are about it: events and waits for them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.distinct import distinct_values

_e = table.event.c
_k = table.event_key.c
_w = table.wait.c

WAITING: Final = 100
"""Runs that wait for a key and are not about it themselves: so many are told of."""


def events_of(
    connection: Connection,
    scope: Scope,
    kind: str,
    value: str,
    *,
    since: int | None,
    until: int | None,
    limit: int,
) -> list[Any]:
    """Return the events about a key that were kept for waits, newest first."""
    here = _k.workspace_id == scope.workspace_id
    types = distinct_values(connection, _k.type, here)
    query = (
        select(_e.id, _e.type, _e.received_at)
        .join(table.event_key, _k.event_id == _e.id)
        .where(here, _k.type.in_(types), _k.kind == kind, _k.value == value)
        .order_by(_e.received_at.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(_k.received_at >= since)
    if until is not None:
        query = query.where(_k.received_at < until)
    return list(connection.execute(query).all())


def waiting_runs(connection: Connection, scope: Scope, kind: str, value: str) -> tuple[str, ...]:
    """Return the runs in which a step waits for an event about a key."""
    here = _w.workspace_id == scope.workspace_id
    types = distinct_values(connection, _w.type, here)
    query = select(_w.run_id).where(
        here, _w.type.in_(types), _w.key_kind == kind, _w.value == value
    )
    return tuple(dict.fromkeys(connection.execute(query.limit(WAITING)).scalars()))
