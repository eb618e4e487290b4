"""What all tables share."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, MetaData, String

SCHEMA_VERSION: Final = 2

metadata = MetaData()


def id_column() -> Column[str]:
    """Return the column of a prefixed id."""
    return Column("id", String(80), primary_key=True)
