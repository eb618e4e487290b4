"""Events, runs, their journal, and what they wait for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    text,
)

from tramo.store.table.base import CHANGING, Body, PlainText, id_column, metadata

DELIVERED: Final = "delivery_id <> ''"
"""The condition of the index of deliveries, as a query must spell it for the index to be used."""

event = Table(
    "event",
    metadata,
    id_column(),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("type", PlainText(130), nullable=False),
    Column("source", PlainText(80), nullable=False),
    Column("delivery_id", PlainText(200), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("payload", Body, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Index(
        "event_delivery",
        "workspace_id",
        "source",
        "delivery_id",
        unique=True,
        sqlite_where=text(DELIVERED),
        postgresql_where=text(DELIVERED),
    ),
)
"""`delivery_id` is empty where the sender gave none: such an event is a duplicate of no other."""

rejected = Table(
    "rejected",
    metadata,
    id_column(),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("source", PlainText(80), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("reason", PlainText(500), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

backlog = Table(
    "backlog",
    metadata,
    Column("address", PlainText(64), primary_key=True),
    Column("id", PlainText(80), primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("body", Body, nullable=False),
)
"""Deliveries that were taken in and are yet to be read, in the order of their ids, which their
events will have."""

run = Table(
    "run",
    metadata,
    id_column(),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("flow_id", PlainText(80), nullable=False),
    Column("version", PlainText(64), nullable=False),
    Column("event_id", PlainText(80), nullable=False),
    Column("trigger", PlainText(64), nullable=False),
    Column("state", PlainText(20), nullable=False),
    Column("reason", PlainText(80)),
    Column("error", LargeBinary),
    Column("by_hand", Boolean, nullable=False),
    Column("origin", PlainText(80), nullable=False),
    Column("copied_from", PlainText(80)),
    Column("generation", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("owner", PlainText(80)),
    Column("lease_until", BigInteger),
    Column("token", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("keys", LargeBinary, nullable=False),
    Column("parent", PlainText(80)),
    Column("depth", Integer, nullable=False, server_default="0"),
    Column("rerun", PlainText(10)),
    Column("slot", PlainText(300)),
    Column("rung", Integer, nullable=False, server_default="0"),
    Column("stop_by", PlainText(80)),
    Column("result", LargeBinary),
    Index("run_of_flow", "flow_id", "id"),
    postgresql_with=CHANGING,
)
"""`parent` waits for the run's end, and finds what it gave in `result`. `depth`: how many runs
above it called each other. `rerun`: how much of `copied_from` is taken over. `slot`: the key that
only so many runs of the flow may hold at once. `rung`: how often somebody woke it. `stop_by`: who
asked it to stop before it was taken up."""

Index(
    "run_due_of_flow",
    run.c.workspace_id,
    run.c.flow_id,
    run.c.due_at,
    sqlite_where=text("due_at IS NOT NULL"),
    postgresql_where=text("due_at IS NOT NULL"),
)

Index(
    "run_due",
    run.c.due_at,
    sqlite_where=text("due_at IS NOT NULL"),
    postgresql_where=text("due_at IS NOT NULL"),
)

Index(
    "run_children",
    run.c.parent,
    sqlite_where=text("parent IS NOT NULL"),
    postgresql_where=text("parent IS NOT NULL"),
)

segment = Table(
    "segment",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("fmt", Integer, nullable=False),
    Column("body", Body, nullable=False),
)

run_key = Table(
    "run_key",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("kind", PlainText(40), primary_key=True),
    Column("value", PlainText(300), primary_key=True),
    Column("run_id", PlainText(80), primary_key=True),
    Column("connection_id", PlainText(80), primary_key=True),
    sqlite_with_rowid=False,
)

once = Table(
    "once",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("node_id", PlainText(64), primary_key=True),
    Column("kind", PlainText(40), primary_key=True),
    Column("value", PlainText(300), primary_key=True),
    Column("run_id", PlainText(80), nullable=False),
    sqlite_with_rowid=False,
)
"""Claims of `once`: at most one run acts for a key."""

wait = Table(
    "wait",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("node_id", PlainText(64), primary_key=True),
    Column("iteration", PlainText(200), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("kind", PlainText(10), nullable=False),
    Column("type", PlainText(130), nullable=False),
    Column("key_kind", PlainText(40), nullable=False),
    Column("value", PlainText(300), nullable=False),
    Column("port", PlainText(64), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("ask", LargeBinary),
    Column("event_id", PlainText(80)),
    Column("matched_at", BigInteger),
    Index("wait_by_key", "workspace_id", "type", "key_kind", "value"),
    postgresql_with=CHANGING,
)
"""What waiting steps wait for: an event about a key (`kind` event), or a person (`kind` ask). The
row goes when the step ends; `event_id` is the event that ended it."""

event_key = Table(
    "event_key",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("type", PlainText(130), primary_key=True),
    Column("kind", PlainText(40), primary_key=True),
    Column("value", PlainText(300), primary_key=True),
    Column("event_id", PlainText(80), primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The keys of events that some active flow may wait for: a wait looks back here."""
