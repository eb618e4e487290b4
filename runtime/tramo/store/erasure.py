"""Removing rows such that nothing readable is left where they lay.

SQLite overwrites them when it is told to. PostgreSQL never does: it gives their room to later rows
when its vacuum has passed, so that whoever can read its files may find them until then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


def overwriting(connection: Connection, work: Callable[[Connection], T]) -> T:
    """Do some work such that what it removes leaves no readable bytes in SQLite's file."""
    if connection.dialect.name != "sqlite":
        return work(connection)
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        return work(connection)
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete=FAST")
