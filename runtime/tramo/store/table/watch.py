"""What those who watch over a server ask the database: is it written, and what is open."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, text

from tramo.store.table.base import PlainText, metadata
from tramo.store.table.run import run

pulse = Table(
    "pulse",
    metadata,
    Column("name", PlainText(40), primary_key=True),
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
"""Counts what is open without a look at a row, hence `ended_at`. It never holds a run that ends in
its first commit."""
