"""The first house: flows, events, runs and their journal, people and connections."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
)

from tramo.store.migration.step import where
from tramo.store.table.base import PlainText

revision = "1.1"
down_revision = None


def upgrade() -> None:
    _add_people()
    _add_keys_of_people()
    _add_flows()
    _add_connections()
    _add_events_and_runs()
    _add_journal()


def _add_people() -> None:
    op.create_table(
        "workspace",
        Column("id", PlainText(80), nullable=False),
        Column("name", PlainText(200), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_table(
        "user",
        Column("id", PlainText(80), nullable=False),
        Column("name", PlainText(200), nullable=False),
        Column("email", PlainText(320), nullable=False),
        Column("password_hash", PlainText(300), nullable=False),
        Column("language", PlainText(5), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("email"),
        if_not_exists=True,
    )
    op.create_table(
        "member",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("user_id", PlainText(80), nullable=False),
        Column("role", PlainText(20), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        PrimaryKeyConstraint("workspace_id", "user_id"),
        if_not_exists=True,
    )
    op.create_table(
        "session",
        Column("hash", PlainText(64), nullable=False),
        Column("user_id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("csrf", PlainText(64), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        PrimaryKeyConstraint("hash"),
        if_not_exists=True,
    )


def _add_keys_of_people() -> None:
    op.create_table(
        "link",
        Column("hash", PlainText(64), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("purpose", PlainText(20), nullable=False),
        Column("email", PlainText(320)),
        Column("role", PlainText(20), nullable=False),
        Column("user_id", PlainText(80)),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Column("used_at", BigInteger),
        ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        PrimaryKeyConstraint("hash"),
        if_not_exists=True,
    )
    op.create_table(
        "token",
        Column("id", PlainText(80), nullable=False),
        Column("hash", PlainText(64), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("user_id", PlainText(80)),
        Column("name", PlainText(200), nullable=False),
        Column("role", PlainText(20), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("used_at", BigInteger),
        ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("hash"),
        if_not_exists=True,
    )


def _add_flows() -> None:
    op.create_table(
        "flow",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("id", PlainText(80), nullable=False),
        Column("name", PlainText(200), nullable=False),
        Column("state", PlainText(20), nullable=False),
        Column("draft", LargeBinary, nullable=False),
        Column("etag", PlainText(64), nullable=False),
        Column("version", PlainText(64)),
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("updated_by", PlainText(80), nullable=False),
        Column("deleted_at", BigInteger),
        ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        PrimaryKeyConstraint("workspace_id", "id"),
        if_not_exists=True,
    )
    op.create_table(
        "flow_version",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("version", PlainText(64), nullable=False),
        Column("name", PlainText(200), nullable=False),
        Column("document", LargeBinary, nullable=False),
        Column("published_at", BigInteger),
        Column("published_by", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id", "version"),
        if_not_exists=True,
    )
    op.create_table(
        "address",
        Column("token", PlainText(64), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        PrimaryKeyConstraint("token"),
        UniqueConstraint("workspace_id", "flow_id", "node_id"),
        if_not_exists=True,
    )


def _add_connections() -> None:
    op.create_table(
        "connection",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("id", PlainText(80), nullable=False),
        Column("name", PlainText(200), nullable=False),
        Column("connector", PlainText(80), nullable=False),
        Column("target", PlainText(10), nullable=False),
        Column("state", PlainText(20), nullable=False),
        Column("account", PlainText(300)),
        Column("tested_at", BigInteger),
        Column("address", PlainText(64), nullable=False),
        Column("public", LargeBinary, nullable=False),
        Column("sealed", LargeBinary, nullable=False),
        Column("version", Integer, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("deleted_at", BigInteger),
        ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        PrimaryKeyConstraint("workspace_id", "id"),
        UniqueConstraint("address"),
        if_not_exists=True,
    )


def _add_events_and_runs() -> None:
    op.create_table(
        "event",
        Column("id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("type", PlainText(130), nullable=False),
        Column("source", PlainText(80), nullable=False),
        Column("delivery_id", PlainText(200), nullable=False),
        Column("received_at", BigInteger, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("keys", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("workspace_id", "source", "delivery_id"),
        if_not_exists=True,
    )
    op.create_table(
        "rejected",
        Column("id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("source", PlainText(80), nullable=False),
        Column("received_at", BigInteger, nullable=False),
        Column("reason", PlainText(500), nullable=False),
        Column("body", LargeBinary, nullable=False),
        PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_table(
        "run",
        Column("id", PlainText(80), nullable=False),
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
        PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("run_by_flow", "run", ["workspace_id", "flow_id", "id"], if_not_exists=True)
    op.create_index("run_due", "run", ["due_at"], **where("due_at IS NOT NULL"), if_not_exists=True)


def _add_journal() -> None:
    op.create_table(
        "segment",
        Column("run_id", PlainText(80), nullable=False),
        Column("seq", Integer, nullable=False),
        Column("fmt", Integer, nullable=False),
        Column("codec", PlainText(10), nullable=False),
        Column("body", LargeBinary, nullable=False),
        PrimaryKeyConstraint("run_id", "seq"),
        if_not_exists=True,
    )
    op.create_table(
        "run_key",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("kind", PlainText(40), nullable=False),
        Column("value", PlainText(300), nullable=False),
        Column("run_id", PlainText(80), nullable=False),
        Column("connection_id", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "kind", "value", "run_id", "connection_id"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "once",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        Column("kind", PlainText(40), nullable=False),
        Column("value", PlainText(300), nullable=False),
        Column("run_id", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id", "node_id", "kind", "value"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
