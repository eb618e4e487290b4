"""What restores leave behind: how often the database went back in time, and which runs it took
along."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table

from tramo.store.table.base import PlainText, metadata

epoch: Final = Table(
    "epoch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("raised_at", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
)
"""One row for each restore. `made_at`: when the backup was made."""

restored: Final = Table(
    "restored",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("made_at", BigInteger, nullable=False),
)
"""Runs that may have come further after their backup than their journal knows, and those that such
a run has started since; polls (`poll_…`) that have not caught up with what they may have read after
it; and deliveries that were kept, unread."""
