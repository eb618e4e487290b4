"""The run language: waits, stored nodes, schedules, polls, notices and alerts."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)

from tramo.store.migration.step import add_columns, where
from tramo.store.table.base import PlainText

revision = "2.2"
down_revision = "1.1"


def upgrade() -> None:
    _add_waits()
    _add_acts_and_awaited_events()
    _add_triggers()
    _add_tables_and_windows()
    _add_items_turns_and_slots()
    _add_variables_and_answers()
    _add_notices()
    _add_questions()
    _add_alerts()


def _add_waits() -> None:
    add_columns("flow", Column("pause_reason", PlainText(40)))
    add_columns("run", Column("parent", PlainText(80)))
    add_columns("run", Column("depth", Integer, server_default="0", nullable=False))
    add_columns("run", Column("rerun", PlainText(10)))
    add_columns("run", Column("slot", PlainText(300)))
    add_columns("run", Column("rung", Integer, server_default="0", nullable=False))
    add_columns("run", Column("stop_by", PlainText(80)))
    add_columns("run", Column("result", LargeBinary))
    op.create_index(
        "run_failed", "run", ["ended_at", "id"], **where("state = 'failed'"), if_not_exists=True
    )
    op.create_index(
        "run_family", "run", ["origin"], **where("copied_from IS NOT NULL"), if_not_exists=True
    )
    op.create_index(
        "run_stuck",
        "run",
        ["workspace_id", "id"],
        **where("state = 'asking' OR state = 'quarantined' OR reason = 'connection'"),
        if_not_exists=True,
    )
    op.create_index(
        "run_troubled",
        "run",
        ["workspace_id", "id"],
        **where("state IN ('asking', 'cancelled', 'failed', 'quarantined')"),
        if_not_exists=True,
    )
    op.create_table(
        "wait",
        Column("run_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        Column("iteration", PlainText(200), nullable=False),
        Column("number", Integer, nullable=False),
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
        PrimaryKeyConstraint("run_id", "node_id", "iteration", "number"),
        if_not_exists=True,
    )
    op.create_index(
        "wait_ask", "wait", ["opened_at", "run_id"], **where("kind = 'ask'"), if_not_exists=True
    )
    op.create_index(
        "wait_by_key", "wait", ["workspace_id", "type", "key_kind", "value"], if_not_exists=True
    )


def _add_acts_and_awaited_events() -> None:
    op.create_table(
        "event_key",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("type", PlainText(130), nullable=False),
        Column("kind", PlainText(40), nullable=False),
        Column("value", PlainText(300), nullable=False),
        Column("event_id", PlainText(80), nullable=False),
        Column("received_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("workspace_id", "type", "kind", "value", "event_id"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "act",
        Column("id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("actor", PlainText(80), nullable=False),
        Column("what", PlainText(20), nullable=False),
        Column("run_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64)),
        Column("iteration", LargeBinary),
        Column("outcome", PlainText(20)),
        Column("reference", PlainText(300)),
        PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index("act_by_run", "act", ["run_id"], if_not_exists=True)
    op.create_index("act_by_workspace", "act", ["workspace_id", "id"], if_not_exists=True)


def _add_triggers() -> None:
    op.create_table(
        "timer",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
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
        PrimaryKeyConstraint("workspace_id", "flow_id", "node_id"),
        if_not_exists=True,
    )
    op.create_index("timer_due", "timer", ["due_at"], if_not_exists=True)
    op.create_table(
        "delayed",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        Column("value", PlainText(300), nullable=False),
        Column("run_id", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id", "node_id", "value"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "echo",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("connection_id", PlainText(80), nullable=False),
        Column("type", PlainText(130), nullable=False),
        Column("kind", PlainText(40), nullable=False),
        Column("value", PlainText(300), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("depth", Integer, nullable=False),
        Column("until", BigInteger, nullable=False),
        PrimaryKeyConstraint("id"),
        if_not_exists=True,
    )
    op.create_index(
        "echo_by_key",
        "echo",
        ["workspace_id", "connection_id", "type", "kind", "value"],
        if_not_exists=True,
    )
    op.create_index("echo_until", "echo", ["until"], if_not_exists=True)


def _add_tables_and_windows() -> None:
    op.create_table(
        "table_row",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("table", PlainText(64), nullable=False),
        Column("key", PlainText(300), nullable=False),
        Column("row", LargeBinary, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("workspace_id", "table", "key"),
        if_not_exists=True,
    )
    op.create_index(
        "table_row_by_age",
        "table_row",
        ["workspace_id", "table", "created_at", "key"],
        if_not_exists=True,
    )
    op.create_table(
        "mark",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("scope", PlainText(500), nullable=False),
        Column("value", PlainText(300), nullable=False),
        Column("step", PlainText(80), nullable=False),
        Column("noted_at", BigInteger, nullable=False),
        Column("until_at", BigInteger),
        PrimaryKeyConstraint("workspace_id", "scope", "value"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_index(
        "mark_by_end", "mark", ["until_at"], **where("until_at IS NOT NULL"), if_not_exists=True
    )
    op.create_table(
        "item_window",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("scope", PlainText(500), nullable=False),
        Column("step", PlainText(80), nullable=False),
        Column("run_id", PlainText(80), nullable=False),
        Column("opened_at", BigInteger, nullable=False),
        Column("closes_at", BigInteger),
        Column("size", Integer),
        Column("count", Integer, nullable=False),
        Column("bytes", Integer, nullable=False),
        Column("closed_at", BigInteger),
        PrimaryKeyConstraint("workspace_id", "scope", "step"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )


def _add_items_turns_and_slots() -> None:
    op.create_table(
        "window_item",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("scope", PlainText(500), nullable=False),
        Column("window", PlainText(80), nullable=False),
        Column("number", Integer, nullable=False),
        Column("step", PlainText(80), nullable=False),
        Column("item", LargeBinary, nullable=False),
        PrimaryKeyConstraint("workspace_id", "scope", "window", "number"),
        if_not_exists=True,
    )
    op.create_table(
        "turn",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("scope", PlainText(500), nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("step", PlainText(80), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("until_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("workspace_id", "scope", "number"),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_index("turn_by_end", "turn", ["until_at"], if_not_exists=True)
    op.create_table(
        "slot",
        Column("run_id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("slot", PlainText(300), nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("at_once", Integer, nullable=False),
        Column("holds", Boolean, nullable=False),
        PrimaryKeyConstraint("run_id"),
        if_not_exists=True,
    )
    op.create_index(
        "slot_by_number", "slot", ["workspace_id", "flow_id", "slot", "number"], if_not_exists=True
    )


def _add_variables_and_answers() -> None:
    op.create_table(
        "variable",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("name", PlainText(64), nullable=False),
        Column("value", LargeBinary, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("updated_by", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "name"),
        if_not_exists=True,
    )
    op.create_table(
        "kept_answer",
        Column("digest", PlainText(64), nullable=False),
        Column("request", PlainText(64), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", LargeBinary, nullable=False),
        Column("body", LargeBinary),
        PrimaryKeyConstraint("digest"),
        if_not_exists=True,
    )
    op.create_index("ix_kept_answer_at", "kept_answer", ["at"], if_not_exists=True)


def _add_notices() -> None:
    op.create_table(
        "notice",
        Column("id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("cause", PlainText(400), nullable=False),
        Column("recipient", PlainText(320), nullable=False),
        Column("connection_id", PlainText(80), nullable=False),
        Column("language", PlainText(5), nullable=False),
        Column("subject", PlainText(500), nullable=False),
        Column("text", Text, nullable=False),
        Column("links", LargeBinary, nullable=False),
        Column("flow_id", PlainText(80)),
        Column("run_id", PlainText(80)),
        Column("node_id", PlainText(64)),
        Column("iteration", PlainText(200)),
        Column("state", PlainText(20), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("due_at", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("sent_at", BigInteger),
        Column("code", PlainText(80)),
        Column("message", PlainText(500)),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("workspace_id", "cause", "recipient", "connection_id"),
        if_not_exists=True,
    )
    op.create_index(
        "notice_due", "notice", ["due_at"], **where("due_at IS NOT NULL"), if_not_exists=True
    )
    op.create_index(
        "notice_listed", "notice", ["workspace_id", "created_at", "id"], if_not_exists=True
    )
    op.create_table(
        "notice_way",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("position", Integer, nullable=False),
        Column("connection_id", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "position"),
        if_not_exists=True,
    )
    op.create_table(
        "answer_link",
        Column("hash", PlainText(64), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("run_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        Column("iteration", PlainText(200), nullable=False),
        Column("person", PlainText(320), nullable=False),
        Column("language", PlainText(5), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        PrimaryKeyConstraint("hash"),
        if_not_exists=True,
    )
    op.create_index("answer_link_old", "answer_link", ["expires_at"], if_not_exists=True)


def _add_questions() -> None:
    op.create_table(
        "asked",
        Column("run_id", PlainText(80), nullable=False),
        Column("node_id", PlainText(64), nullable=False),
        Column("iteration", PlainText(200), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("opened_at", BigInteger, nullable=False),
        Column("remind_at", BigInteger),
        PrimaryKeyConstraint("run_id", "node_id", "iteration"),
        if_not_exists=True,
    )
    op.create_index("asked_remind", "asked", ["remind_at"], if_not_exists=True)


def _add_alerts() -> None:
    op.create_table(
        "alert",
        Column("id", PlainText(80), nullable=False),
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("kind", PlainText(20), nullable=False),
        Column("code", PlainText(80), nullable=False),
        Column("node_id", PlainText(80), nullable=False),
        Column("day", PlainText(10), nullable=False),
        Column("count", Integer, nullable=False),
        Column("first_at", BigInteger, nullable=False),
        Column("last_at", BigInteger, nullable=False),
        Column("run_id", PlainText(80)),
        Column("message", PlainText(1000), nullable=False),
        Column("details", LargeBinary, nullable=False),
        Column("seen_at", BigInteger),
        Column("seen_by", PlainText(80)),
        PrimaryKeyConstraint("id"),
        UniqueConstraint("workspace_id", "flow_id", "kind", "code", "node_id", "day"),
        if_not_exists=True,
    )
    op.create_table(
        "flow_watch",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("failures", Integer, nullable=False),
        Column("failing_since", BigInteger),
        Column("expected", PlainText(40)),
        Column("window_from", BigInteger),
        Column("window_until", BigInteger),
        PrimaryKeyConstraint("workspace_id", "flow_id"),
        if_not_exists=True,
    )
    op.create_table(
        "looked",
        Column("name", PlainText(40), nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("id", PlainText(300), nullable=False),
        PrimaryKeyConstraint("name"),
        if_not_exists=True,
    )
