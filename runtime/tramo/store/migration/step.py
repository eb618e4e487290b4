"""What revisions are written with, beside Alembic's own operations.

Every step passes by what is there already: folders of builds between two formats have some of it.
"""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, inspect, text


def add_columns(table: str, *columns: Column[Any]) -> None:
    """Add the columns that a table lacks.

    Raises ValueError, before anything is changed, for a column that rows written before it, or by
    the Tramo before this one, cannot have.
    """
    known = {column["name"] for column in inspect(op.get_bind()).get_columns(table)}
    missing = [column for column in columns if column.name not in known]
    for column in missing:
        if not column.nullable and column.server_default is None:
            raise ValueError(f"{table}.{column.name} needs a server_default, or null")
    for column in missing:
        op.add_column(table, column)


def where(condition: str | None) -> dict[str, Any]:
    """Return what makes an index partial, on both databases; nothing for None."""
    if condition is None:
        return {}
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
