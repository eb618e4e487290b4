"""Pauses that vendors asked for, for every process that uses the same connection."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from tramo.store import table
from tramo.store.change import PAUSES, bump
from tramo.store.upsert import upsert

_p = table.pause.c


def note_pause(connection: Connection, account: str, until: int, now: int) -> None:
    """Let nobody call for an account until a time, or for longer where somebody was told so."""
    connection.execute(delete(table.pause).where(_p.until <= now))
    statement = upsert(table.pause).values(account=account, until=until)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[_p.account],
            set_={"until": until},
            where=_p.until < until,
        )
    )
    bump(connection, PAUSES)


def read_pauses(connection: Connection, now: int) -> dict[str, int]:
    """Return until when accounts must not be called for."""
    rows = connection.execute(select(_p.account, _p.until).where(_p.until > now))
    return {row.account: row.until for row in rows}
