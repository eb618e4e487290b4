"""How much there is to do: open runs by state, how long the oldest due one has waited, and whether
the database can be written at all."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select

from tramo.store import table
from tramo.store.upsert import upsert

_r = table.run.c


class Census(msgspec.Struct, frozen=True):
    """What is open in the whole database."""

    by_state: dict[str, int] = {}
    oldest_due_at: int | None = None
    """When the run was due that nobody has claimed for the longest time."""


def take_census(connection: Connection, now: int) -> Census:
    """Count open runs. Reads indexes only, each entry of an open run once."""
    counted = connection.execute(
        select(_r.state, func.count()).where(_r.ended_at.is_(None)).group_by(_r.state)
    )
    oldest = connection.execute(
        select(_r.due_at).where(_r.due_at <= now).order_by(_r.due_at).limit(1)
    ).scalar()
    return Census({row[0]: row[1] for row in counted}, oldest)


def note_pulse(connection: Connection, name: str, now: int) -> None:
    """Write something that nobody needs, so that whether it is durable says whether anything is."""
    statement = upsert(table.pulse).values(name=name, at=now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[table.pulse.c.name], set_={"at": now})
    )
