"""Twins' memories where several processes share them: one process at a time has a twin at work."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from tramo.store import table
from tramo.store.upsert import upsert

_t = table.twin.c


def take(connection: Connection, connection_id: str, *, owner: str, now: int, lease_ms: int) -> Any:
    """Take a twin that nobody has at work, and return its (version, memory); None if one has."""
    connection.execute(
        upsert(table.twin)
        .values(connection_id=connection_id, version=0, lease_until=now)
        .on_conflict_do_nothing()
    )
    return connection.execute(
        update(table.twin)
        .where(_t.connection_id == connection_id)
        .where(or_(_t.owner.is_(None), _t.lease_until <= now))
        .values(owner=owner, lease_until=now + lease_ms)
        .returning(_t.version, _t.memory)
    ).one_or_none()


def keep(
    connection: Connection,
    connection_id: str,
    *,
    owner: str,
    version: int,
    memory: bytes,
    lease_until: int | None,
) -> bool:
    """Keep what a twin knows, and let go of it unless it is at work until `lease_until`; False when
    somebody else has it meanwhile."""
    kept = connection.execute(
        update(table.twin)
        .where(_t.connection_id == connection_id, _t.owner == owner, _t.version == version)
        .values(
            version=version + 1,
            memory=memory,
            owner=None if lease_until is None else owner,
            lease_until=lease_until or 0,
        )
    )
    return kept.rowcount == 1


def read(connection: Connection, connection_id: str) -> Any:
    """Return the (version, memory) of a twin."""
    return connection.execute(
        select(_t.version, _t.memory).where(_t.connection_id == connection_id)
    ).one_or_none()


def forget(connection: Connection, connection_id: str) -> None:
    """Forget a twin of which there is no connection any more."""
    connection.execute(delete(table.twin).where(_t.connection_id == connection_id))
