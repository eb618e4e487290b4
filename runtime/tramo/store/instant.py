"""The database's own clock."""

from __future__ import annotations

from sqlalchemy import Connection, text

_NOW = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")


def read_now(connection: Connection) -> int:
    """Return PostgreSQL's wall clock in milliseconds since the epoch."""
    return connection.execute(_NOW).scalar_one()
