"""Runs that wait on another version than a flow's: which, and letting them go on under that one."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, case, func, select, update

from tramo.model.scope import Scope
from tramo.store import table

_r = table.run.c
_e = table.event.c

COUNTED: Final = 10_000


def list_waiting(
    connection: Connection, scope: Scope, flow_id: str, *, but: str, limit: int, after: str | None
) -> list[Any]:
    """Return runs that wait on another version than `but`, with their events, oldest first."""
    query = (
        select(
            _r.id,
            _r.workspace_id,
            _r.flow_id,
            _r.version,
            _r.trigger,
            _r.seq,
            _r.origin,
            _r.generation,
            _e.payload,
        )
        .join_from(table.run, table.event, _e.id == _r.event_id)
        .where(*_waits(scope, flow_id, but))
        .order_by(_r.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(_r.id > after)
    return list(connection.execute(query).all())


def count_waiting(connection: Connection, scope: Scope, flow_id: str, *, but: str) -> int:
    """Count the runs that wait on another version than `but`, up to COUNTED."""
    some = select(_r.id).where(*_waits(scope, flow_id, but)).limit(COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _waits(scope: Scope, flow_id: str, but: str) -> tuple[Any, ...]:
    return (
        _r.workspace_id == scope.workspace_id,
        _r.flow_id == flow_id,
        _r.state == "waiting",
        _r.ended_at.is_(None),
        _r.version != but,
    )


def move_run(connection: Connection, row: Row[Any], *, version: str, due_at: int | None) -> bool:
    """Let a run that waits go on under another version; False when it went on meanwhile.

    It is due at `due_at` if not before that. The token is raised, so that whoever had it at hand
    reads it anew.
    """
    due = _r.due_at
    if due_at is not None:
        due = case((_r.due_at <= due_at, _r.due_at), else_=due_at)
    done = connection.execute(
        update(table.run)
        .where(
            _r.id == row.id,
            _r.version == row.version,
            _r.seq == row.seq,
            _r.state == "waiting",
            _r.owner.is_(None),
            _r.stop_by.is_(None),
        )
        .values(version=version, token=_r.token + 1, due_at=due)
    )
    return done.rowcount == 1
