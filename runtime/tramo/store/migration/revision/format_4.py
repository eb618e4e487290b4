"""Many workers, watchers and editors: what they tell each other, and what they look at."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, PrimaryKeyConstraint

from tramo.store.migration.step import where
from tramo.store.table.base import PlainText

revision = "4.4"
down_revision = "3.3"


def upgrade() -> None:
    _watch()
    _cluster()
    _restore()
    _flow()
    _run()


def _watch() -> None:
    op.create_table(
        "pulse",
        Column("name", PlainText(40), nullable=False),
        Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    op.create_index(
        "run_open",
        "run",
        ["state", "ended_at"],
        **where("ended_at IS NULL"),
        if_not_exists=True,
    )


def _cluster() -> None:
    op.create_table(
        "change",
        Column("name", PlainText(40), nullable=False),
        Column("number", BigInteger, nullable=False),
        PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    op.create_table(
        "awaited",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("type", PlainText(130), nullable=False),
        PrimaryKeyConstraint("workspace_id", "type"),
        if_not_exists=True,
    )
    op.create_table(
        "loss",
        Column("owner", PlainText(80), nullable=False),
        Column("at", BigInteger, nullable=False),
        PrimaryKeyConstraint("owner"),
        if_not_exists=True,
    )
    op.create_table(
        "duty",
        Column("name", PlainText(40), nullable=False),
        Column("owner", PlainText(80)),
        Column("lease_until", BigInteger, nullable=False),
        Column("token", Integer, nullable=False),
        PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
    op.create_table(
        "twin",
        Column("connection_id", PlainText(80), nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("memory", LargeBinary),
        Column("owner", PlainText(80)),
        Column("lease_until", BigInteger, nullable=False),
        PrimaryKeyConstraint("connection_id"),
        if_not_exists=True,
    )
    op.create_table(
        "pause",
        Column("account", PlainText(300), nullable=False),
        Column("until", BigInteger, nullable=False),
        PrimaryKeyConstraint("account"),
        if_not_exists=True,
    )


def _restore() -> None:
    op.create_table(
        "epoch",
        Column("number", Integer, autoincrement=False, nullable=False),
        Column("raised_at", BigInteger, nullable=False),
        Column("made_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("number"),
        if_not_exists=True,
    )
    op.create_table(
        "restored",
        Column("run_id", PlainText(80), nullable=False),
        Column("made_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("run_id"),
        if_not_exists=True,
    )


def _flow() -> None:
    op.create_table(
        "publication",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("number", Integer, autoincrement=False, nullable=False),
        Column("version", PlainText(64), nullable=False),
        Column("name", PlainText(200)),
        Column("document", LargeBinary),
        Column("published_at", BigInteger, nullable=False),
        Column("published_by", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id", "number"),
        if_not_exists=True,
    )
    op.create_table(
        "presence",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("tab", PlainText(64), nullable=False),
        Column("user_id", PlainText(80), nullable=False),
        Column("node", PlainText(64)),
        Column("edits", Boolean, nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("until", BigInteger, nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id", "tab"),
        if_not_exists=True,
    )
    op.create_table(
        "pin",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        Column("port", PlainText(64), nullable=False),
        Column("output", LargeBinary, nullable=False),
        Column("source", PlainText(80)),
        Column("updated_at", BigInteger, nullable=False),
        Column("updated_by", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id", "node_id"),
        if_not_exists=True,
    )


def _run() -> None:
    op.create_table(
        "backlog",
        Column("address", PlainText(64), nullable=False),
        Column("id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("received_at", BigInteger, nullable=False),
        Column("body", LargeBinary, nullable=False),
        PrimaryKeyConstraint("address", "id"),
        if_not_exists=True,
    )
    op.create_table(
        "part",
        Column("run_id", PlainText(80), nullable=False),
        Column("body", LargeBinary, nullable=False),
        PrimaryKeyConstraint("run_id"),
        if_not_exists=True,
    )
    op.create_index(
        "run_due_of_flow",
        "run",
        ["workspace_id", "flow_id", "due_at"],
        **where("due_at IS NOT NULL"),
        if_not_exists=True,
    )
