"""Turns of a rate limit: at most so many in any stretch of time of a given length."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update

from tramo.store import table
from tramo.store.expiry import sweep

PATIENCE_MS: Final = 30 * 86_400_000
"""How long a turn that nobody takes is kept: its run was cancelled, or Tramo is down."""

_t = table.turn.c


def take_turn(
    connection: Connection,
    workspace_id: str,
    scope: str,
    *,
    step: str,
    held: bool,
    count: int,
    per_ms: int,
    now: int,
) -> int:
    """Return when a step's turn is, reserving the next free one the first time.

    A turn comes `per_ms` after the one `count` before it, or now: no stretch of that length ever
    sees more, by the instants at which turns came and not those they were meant for. So whoever
    comes late, after Tramo was down, may have to wait again.
    """
    place = (_t.workspace_id == workspace_id, _t.scope == scope)
    if held:
        return _come(connection, place, step, count, per_ms, now)
    sweep(connection, table.turn, now)
    number = connection.execute(select(func.max(_t.number)).where(*place)).scalar() or 0
    before = connection.execute(
        select(_t.at, _t.gone).where(*place, _t.number == number + 1 - count)
    ).one_or_none()
    at = _free_at(connection, place, count, per_ms, now)
    if before is not None:
        at = max(at, (before.at if before.gone else max(before.at, now)) + per_ms)
    newest = connection.execute(select(_t.at).where(*place, _t.number == number)).scalar()
    at = max(at, newest or 0)  # Nobody overtakes who asked before.
    connection.execute(
        insert(table.turn).values(
            workspace_id=workspace_id,
            scope=scope,
            number=number + 1,
            step=step,
            at=at,
            gone=at == now,
            until_at=_until(at, per_ms, gone=at == now),
        )
    )
    return at


def _come(connection: Connection, place: Any, step: str, count: int, per_ms: int, now: int) -> int:
    """Let a step that waited take its turn, if it has come and none came too near to it."""
    own = connection.execute(
        select(_t.number, _t.at).where(*place, _t.step == step).order_by(_t.number.desc()).limit(1)
    ).one_or_none()
    if own is None or own.at > now:
        return now if own is None else own.at
    at = _free_at(connection, place, count, per_ms, now)
    connection.execute(
        update(table.turn)
        .where(*place, _t.number == own.number)
        .values(at=at, gone=at == now, until_at=_until(at, per_ms, gone=at == now))
    )
    return at


def _free_at(connection: Connection, place: Any, count: int, per_ms: int, now: int) -> int:
    """Return when a turn may come by those that came: now, or when the stretch has room again."""
    came = connection.execute(
        select(_t.at)
        .where(*place, _t.gone, _t.at > now - per_ms)
        .order_by(_t.at.desc())
        .limit(count)
    ).scalars()
    near = list(came)
    return now if len(near) < count else near[-1] + per_ms


def _until(at: int, per_ms: int, *, gone: bool) -> int:
    """Return until when a turn is kept: while it measures others, or while it may still come."""
    return at + per_ms + (0 if gone else PATIENCE_MS)
