"""Marks: values that were seen, each noted by one step, for ever or for a while."""

from __future__ import annotations

from sqlalchemy import Connection, or_

from tramo.store import table
from tramo.store.expiry import sweep
from tramo.store.upsert import upsert

_m = table.mark.c


def note_mark(
    connection: Connection,
    workspace_id: str,
    scope: str,
    value: str,
    *,
    step: str,
    until: int | None,
    now: int,
) -> bool:
    """Note a value for a step; False when another step's mark is there and still counts."""
    sweep(connection, table.mark, now)
    fresh = {"step": step, "noted_at": now, "until_at": until}
    statement = upsert(table.mark).values(
        workspace_id=workspace_id, scope=scope, value=value, **fresh
    )
    done = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[_m.workspace_id, _m.scope, _m.value],
            set_=fresh,
            where=or_(_m.step == step, _m.until_at <= now),
        )
    )
    return done.rowcount == 1
