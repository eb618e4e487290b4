"""How long things are kept, and what is left of runs of which only the metadata is."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, text

from tramo.store.table.base import Body, PlainText, metadata
from tramo.store.table.run import run

retention = Table(
    "retention",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("success_days", Integer),
    Column("failure_days", Integer),
    Column("event_days", Integer),
    Column("act_days", Integer),
    Column("metadata_only", Boolean),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", PlainText(80), nullable=False),
)
"""What somebody chose, for the workspace (`flow_id` empty) or one flow; null is not chosen."""

stripped = Table(
    "stripped",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("stripped_at", BigInteger, nullable=False),
    Column("steps", Body, nullable=False),
)
"""Ended runs whose data is gone, with their steps as they are shown since: states and times."""

part = Table(
    "part",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("body", Body, nullable=False),
)
"""What runs of some nodes, or with changed data, take over. It goes with the data of its run."""

Index("run_by_event", run.c.event_id)
Index(
    "run_copies",
    run.c.copied_from,
    sqlite_where=text("copied_from IS NOT NULL"),
    postgresql_where=text("copied_from IS NOT NULL"),
)
