"""The tables. Instants are milliseconds since the epoch; documents and payloads are JSON bytes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION: Final = 1

metadata = MetaData()


def _id() -> Column[str]:
    return Column("id", String(80), primary_key=True)


# People ------------------------------------------------------------------------------------------

workspace = Table(
    "workspace",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

user = Table(
    "user",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False, unique=True),
    Column("password_hash", String(300), nullable=False),
    Column("language", String(5), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    Column("user_id", ForeignKey("user.id"), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("user.id"), nullable=False),
    Column("workspace_id", ForeignKey("workspace.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("workspace_id", ForeignKey("workspace.id"), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("email", String(320)),
    Column("role", String(20), nullable=False),
    Column("user_id", String(80)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

token = Table(
    "token",
    metadata,
    _id(),
    Column("hash", String(64), nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspace.id"), nullable=False),
    Column("user_id", String(80)),
    Column("name", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

# Flows -------------------------------------------------------------------------------------------

flow = Table(
    "flow",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    _id(),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("draft", LargeBinary, nullable=False),
    Column("etag", String(64), nullable=False),
    Column("version", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", String(80), nullable=False),
    Column("deleted_at", BigInteger),
)

flow_version = Table(
    "flow_version",
    metadata,
    Column("workspace_id", String(80), primary_key=True),
    Column("flow_id", String(80), primary_key=True),
    Column("version", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("published_at", BigInteger),
    Column("published_by", String(80), nullable=False),
)

address = Table(
    "address",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("workspace_id", String(80), nullable=False),
    Column("flow_id", String(80), nullable=False),
    Column("node_id", String(64), nullable=False),
    UniqueConstraint("workspace_id", "flow_id", "node_id"),
)

connection = Table(
    "connection",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    _id(),
    Column("name", String(200), nullable=False),
    Column("connector", String(80), nullable=False),
    Column("target", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("account", String(300)),
    Column("tested_at", BigInteger),
    Column("address", String(64), nullable=False, unique=True),
    Column("public", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
)

# Events and runs ---------------------------------------------------------------------------------

event = Table(
    "event",
    metadata,
    _id(),
    Column("workspace_id", String(80), nullable=False),
    Column("type", String(130), nullable=False),
    Column("source", String(80), nullable=False),
    Column("delivery_id", String(200), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    UniqueConstraint("workspace_id", "source", "delivery_id"),
)

rejected = Table(
    "rejected",
    metadata,
    _id(),
    Column("workspace_id", String(80), nullable=False),
    Column("source", String(80), nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

run = Table(
    "run",
    metadata,
    _id(),
    Column("workspace_id", String(80), nullable=False),
    Column("flow_id", String(80), nullable=False),
    Column("version", String(64), nullable=False),
    Column("event_id", String(80), nullable=False),
    Column("trigger", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(80)),
    Column("error", LargeBinary),
    Column("by_hand", Boolean, nullable=False),
    Column("origin", String(80), nullable=False),
    Column("copied_from", String(80)),
    Column("generation", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("due_at", BigInteger),
    Column("owner", String(80)),
    Column("lease_until", BigInteger),
    Column("token", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("keys", LargeBinary, nullable=False),
    Index("run_by_flow", "workspace_id", "flow_id", "id"),
)

Index(
    "run_due",
    run.c.due_at,
    sqlite_where=text("due_at IS NOT NULL"),
    postgresql_where=text("due_at IS NOT NULL"),
)

segment = Table(
    "segment",
    metadata,
    Column("run_id", String(80), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("fmt", Integer, nullable=False),
    Column("codec", String(10), nullable=False),
    Column("body", LargeBinary, nullable=False),
)

run_key = Table(
    "run_key",
    metadata,
    Column("workspace_id", String(80), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("value", String(300), primary_key=True),
    Column("run_id", String(80), primary_key=True),
    Column("connection_id", String(80), primary_key=True),
    sqlite_with_rowid=False,
)

once = Table(
    "once",
    metadata,
    Column("workspace_id", String(80), primary_key=True),
    Column("flow_id", String(80), primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("value", String(300), primary_key=True),
    Column("run_id", String(80), nullable=False),
    sqlite_with_rowid=False,
)
"""Claims of `once`: at most one run acts for a key."""
