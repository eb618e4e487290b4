"""The distinct values of an index's column: one step into the index for each of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select


def distinct_values(connection: Connection, column: Any, *where: Any) -> list[str]:
    """Return the values of a text column, in order, that comes after `where` in an index.

    It reads as many entries as there are values, however many rows share them.
    """
    found: list[str] = []
    while True:
        after = [column > found[-1]] if found else []
        value = connection.execute(select(func.min(column)).where(*where, *after)).scalar()
        if value is None:
            return found
        found.append(value)
