"""Duties: what one process at a time does for all, such as firing schedules.

A duty is a convenience: two processes that believe they have it do no harm, for whatever it writes
is claimed or unique in the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, case, or_, select, update

from tramo.store import table
from tramo.store.change import DUTIES, bump
from tramo.store.upsert import upsert

_d = table.duty.c


def is_open(connection: Connection, names: Collection[str], now: int) -> bool:
    """Tell whether there is a duty among these that nobody has."""
    held = connection.execute(
        select(_d.name).where(_d.name.in_(names), _d.owner.is_not(None), _d.lease_until > now)
    ).all()
    return len(held) < len(names)


def take(
    connection: Connection, names: Sequence[str], *, owner: str, now: int, lease_ms: int
) -> set[str]:
    """Take the duties that nobody has, keep those that are the owner's, and return both."""
    for name in names:
        connection.execute(
            upsert(table.duty)
            .values(name=name, owner=None, lease_until=now, token=0)
            .on_conflict_do_nothing()
        )
    mine = _d.owner == owner
    return set(
        connection.execute(
            update(table.duty)
            .where(_d.name.in_(names), or_(_d.owner.is_(None), mine, _d.lease_until <= now))
            .values(
                owner=owner,
                lease_until=now + lease_ms,
                token=case((mine, _d.token), else_=_d.token + 1),
            )
            .returning(_d.name)
        ).scalars()
    )


def give_up(connection: Connection, *, owner: str, now: int) -> None:
    """Let others take every duty of an owner at once."""
    given = connection.execute(
        update(table.duty).where(_d.owner == owner).values(owner=None, lease_until=now)
    )
    if given.rowcount:
        bump(connection, DUTIES)
