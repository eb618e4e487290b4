"""Flows, their versions and addresses, and the accounts they use."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from tramo.store.table.base import id_column, metadata

flow = Table(
    "flow",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    id_column(),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("draft", LargeBinary, nullable=False),
    Column("etag", String(64), nullable=False),
    Column("version", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", String(80), nullable=False),
    Column("deleted_at", BigInteger),
    Column("pause_reason", String(40)),
)
"""`pause_reason`: why it is paused, where no person did it."""

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
    id_column(),
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
