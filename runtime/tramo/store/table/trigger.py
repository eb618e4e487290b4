"""What triggers remember: timers of schedules and polls, delayed starts, changes of our own."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
)

from tramo.store.table.base import PlainText, metadata

timer = Table(
    "timer",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("node_id", PlainText(64), primary_key=True),
    Column("about", PlainText(64), nullable=False),
    Column("armed_at", BigInteger, nullable=False),
    Column("fired_at", BigInteger),
    Column("due_at", BigInteger),
    Column("primed", Boolean, nullable=False),
    Column("cursor", LargeBinary),
    Column("seen", LargeBinary),
    Column("polled_at", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("error", LargeBinary),
    Column("owner", PlainText(80)),
    Column("lease_until", BigInteger),
    Index("timer_due", "due_at"),
)
"""A schedule or poll of an active flow, from its publishing (`armed_at`) to its pause.

`about`: what it asks for; when that changes, the row begins anew. `fired_at`: a schedule's newest
nominal instant. `due_at`: when a poll asks next. `primed`: its first poll, which starts nothing, is
over; `seen` are the ids that it met. `error`: why it cannot ask, since `failures` tries."""

delayed = Table(
    "delayed",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("node_id", PlainText(64), primary_key=True),
    Column("value", PlainText(300), primary_key=True),
    Column("run_id", PlainText(80), nullable=False),
    sqlite_with_rowid=False,
)
"""The queued run that a delayed trigger has for a key; it counts while that run is queued."""

echo = Table(
    "echo",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("connection_id", PlainText(80), nullable=False),
    Column("type", PlainText(130), nullable=False),
    Column("kind", PlainText(40), nullable=False),
    Column("value", PlainText(300), nullable=False),
    Column("flow_id", PlainText(80), nullable=False),
    Column("depth", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
    Index("echo_by_key", "workspace_id", "connection_id", "type", "kind", "value"),
    Index("echo_until", "until"),
)
"""An event about this key that a change of ours will bring back: the flow that made the change does
not start by it. `depth`: how many runs caused each other before the one that made it."""
