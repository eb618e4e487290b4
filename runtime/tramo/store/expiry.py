"""Rows that count until a time: each writer removes a few that are past theirs, so none pile up."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, Table, delete, select, tuple_

SWEPT: Final = 20
"""Rows removed whenever one is added: more go than come."""


def sweep(connection: Connection, of: Table, now: int) -> None:
    """Remove some of a table's rows whose `until_at` is over."""
    place = list(of.primary_key.columns)
    gone = select(*place).where(of.c.until_at <= now).limit(SWEPT)
    connection.execute(delete(of).where(tuple_(*place).in_(gone)))
