"""Who may do what: workspaces, people, their sessions and links."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Table,
)

from tramo.store.table.base import PlainText, id_column, metadata

workspace = Table(
    "workspace",
    metadata,
    id_column(),
    Column("name", PlainText(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

user = Table(
    "user",
    metadata,
    id_column(),
    Column("name", PlainText(200), nullable=False),
    Column("email", PlainText(320), nullable=False, unique=True),
    Column("password_hash", PlainText(300), nullable=False),
    Column("language", PlainText(5), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

member = Table(
    "member",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    Column("user_id", ForeignKey("user.id"), primary_key=True),
    Column("role", PlainText(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("hash", PlainText(64), primary_key=True),
    Column("user_id", ForeignKey("user.id"), nullable=False),
    Column("workspace_id", ForeignKey("workspace.id"), nullable=False),
    Column("csrf", PlainText(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

link = Table(
    "link",
    metadata,
    Column("hash", PlainText(64), primary_key=True),
    Column("workspace_id", ForeignKey("workspace.id"), nullable=False),
    Column("purpose", PlainText(20), nullable=False),
    Column("email", PlainText(320)),
    Column("role", PlainText(20), nullable=False),
    Column("user_id", PlainText(80)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)

token = Table(
    "token",
    metadata,
    id_column(),
    Column("hash", PlainText(64), nullable=False, unique=True),
    Column("workspace_id", ForeignKey("workspace.id"), nullable=False),
    Column("user_id", PlainText(80)),
    Column("name", PlainText(200), nullable=False),
    Column("role", PlainText(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
)
