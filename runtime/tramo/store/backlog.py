"""Deliveries that are kept as they came, to be read later: a row each, gone with the commit that
holds what it told.

Whoever writes what a kept delivery told `leave`s its row in the same transaction, and writes
nothing where the row is gone already. So each is read once, however often somebody begins to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import Connection, func, select, tuple_

from tramo.store import table
from tramo.store.bulk import Row
from tramo.store.codec import pack
from tramo.store.commit import Unit
from tramo.store.row import INSERT_BACKLOG

_b = table.backlog.c
_m = table.restored.c

Place = tuple[str, str]
"""Where a delivery is kept: its address and its id."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as it came."""

    address: str
    id: str
    """The id that its event will have."""
    workspace_id: str
    received_at: int
    """Milliseconds since the epoch."""
    body: bytes
    restored_from: int | None = None
    """When the backup was made that brought it back, where one did."""

    @property
    def place(self) -> Place:
        return self.address, self.id

    @property
    def row(self) -> Row:
        """The row with its body as it lies here."""
        return self.address, self.id, self.workspace_id, self.received_at, self.body


class Keep(Unit[None]):
    """Writes a delivery down as it came."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept

    @property
    def plain(self) -> bool:
        return True

    def apply(self, connection: Connection) -> None:
        self.apply_all(connection, [self])

    @classmethod
    def apply_all(cls, connection: Connection, units: Sequence[Keep]) -> list[None]:
        rows = [unit.kept.row for unit in units]
        INSERT_BACKLOG.execute(connection, [(*row[:-1], pack(row[-1])) for row in rows])
        return [None] * len(units)

    def is_written(self, connection: Connection) -> bool:
        """Tell whether it was written, be it read by now or not."""
        kept = select(_b.id).filter_by(address=self.kept.address, id=self.kept.id)
        read = select(table.event.c.id).where(table.event.c.id == self.kept.id)
        return any(connection.execute(query).first() is not None for query in (kept, read))


LEAVE: Final = "DELETE FROM backlog WHERE address = ? AND id = ?"
"""Takes a row (address, id) away, as SQLite is told to."""


def leave(connection: Connection, places: Sequence[Place]) -> set[Place]:
    """Take rows away and return those that were there."""
    if not places:
        return set()
    gone = (
        table.backlog.delete()
        .where(tuple_(_b.address, _b.id).in_(places))
        .returning(_b.address, _b.id)
    )
    return {(address, id) for address, id in connection.execute(gone)}


def read_backlog(connection: Connection, address: str, after: str, most: int) -> list[Kept]:
    """Return what is kept for an address behind an id, in the order in which it came."""
    query = (
        select(table.backlog, _m.made_at.label("restored_from"))
        .outerjoin(table.restored, _m.run_id == _b.id)
        .where(_b.address == address, _b.id > after)
        .order_by(_b.id)
        .limit(most)
    )
    return [Kept(**row._mapping) for row in connection.execute(query)]


def count_backlog(connection: Connection) -> dict[str, int]:
    """Return how many deliveries are kept for each address."""
    query = select(_b.address, func.count().label("kept")).group_by(_b.address)
    return {row.address: row.kept for row in connection.execute(query)}
