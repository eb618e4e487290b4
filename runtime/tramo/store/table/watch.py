"""What those who watch over a server ask the database: is it written, and what is open."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, text

from tramo.store.table.base import metadata
from tramo.store.table.run import run

pulse = Table(
    "pulse",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Proof that the database can be written: the only thing that is written for its own sake."""

Index(
    "run_open",
    run.c.state,
    run.c.ended_at,
    sqlite_where=text("ended_at IS NULL"),
    postgresql_where=text("ended_at IS NULL"),
)
"""Counts what is open without a look at a row, which is why it holds `ended_at` too. A run that ends
in its first commit is never in it."""
