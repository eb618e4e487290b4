"""Turns of a rate limit: at most so many in any stretch of time of a given length."""

from __future__ import annotations

from sqlalchemy import Connection, func, insert, select

from tramo.store import table
from tramo.store.expiry import sweep

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
    sees more. A step that is `held` has its turn; one that does not count any more has come.
    """
    place = (_t.workspace_id == workspace_id, _t.scope == scope)
    if held:
        own = connection.execute(select(func.max(_t.at)).where(*place, _t.step == step)).scalar()
        return now if own is None else own
    sweep(connection, table.turn, now)
    number = connection.execute(select(func.max(_t.number)).where(*place)).scalar() or 0
    before = connection.execute(
        select(_t.at).where(*place, _t.number == number + 1 - count)
    ).scalar()
    at = now if before is None else max(now, before + per_ms)
    connection.execute(
        insert(table.turn).values(
            workspace_id=workspace_id,
            scope=scope,
            number=number + 1,
            step=step,
            at=at,
            until_at=at + per_ms,
        )
    )
    return at
