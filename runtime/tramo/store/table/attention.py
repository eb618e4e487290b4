"""What people are told and asked: notices, alerts, questions, links to answers, and how far the
lookout has looked.

Everything here is found from runs and waits, and written beside them: no run pays for it.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tramo.store.table.base import PlainText, id_column, metadata
from tramo.store.table.run import run, wait

notice = Table(
    "notice",
    metadata,
    id_column(),
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
    UniqueConstraint("workspace_id", "cause", "recipient", "connection_id"),
)
"""One message to one reader by one way, once for each cause. `connection_id` is empty where the
workspace's own way is taken. `iteration` is set where its links answer a question. `code` and
`message` say why it has not been sent."""

Index(
    "notice_due", notice.c.due_at,
    sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL"),
)  # fmt: skip
Index("notice_listed", notice.c.workspace_id, notice.c.created_at, notice.c.id)

notice_way = Table(
    "notice_way",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("connection_id", PlainText(80), nullable=False),
)
"""The connections that bring a workspace's notices, where somebody chose them."""

answer_link = Table(
    "answer_link",
    metadata,
    Column("hash", PlainText(64), primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("run_id", PlainText(80), nullable=False),
    Column("node_id", PlainText(64), nullable=False),
    Column("iteration", PlainText(200), nullable=False),
    Column("person", PlainText(320), nullable=False),
    Column("language", PlainText(5), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("answer_link_old", "expires_at"),
)
"""Who holds the link may answer one question as `person`; the link itself is not here."""

asked = Table(
    "asked",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("node_id", PlainText(64), primary_key=True),
    Column("iteration", PlainText(200), primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("remind_at", BigInteger),
    Index("asked_remind", "remind_at"),
)
"""Questions that people know of: waits for an answer by their node, runs in doubt with none."""

alert = Table(
    "alert",
    metadata,
    id_column(),
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
    UniqueConstraint("workspace_id", "flow_id", "kind", "code", "node_id", "day"),
)
"""One cause on one day, with how often it occurred; `run_id` is the newest of its runs."""

flow_watch = Table(
    "flow_watch",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failing_since", BigInteger),
    Column("expected", PlainText(40)),
    Column("window_from", BigInteger),
    Column("window_until", BigInteger),
)
"""How often in a row a flow failed, and the window in which runs of it are expected."""

looked = Table(
    "looked",
    metadata,
    Column("name", PlainText(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("id", PlainText(300), nullable=False),
)
"""How far the lookout has looked: the last row of a list that only grows at its end."""

# Indexes of other tables' rows that concern people. Each is partial: a run that begins, succeeds
# and ends touches none of them.
Index(
    "run_failed", run.c.ended_at, run.c.id,
    sqlite_where=text("state = 'failed'"), postgresql_where=text("state = 'failed'"),
)  # fmt: skip
Index(
    "run_stuck", run.c.workspace_id, run.c.id,
    sqlite_where=text("state = 'asking' OR state = 'quarantined' OR reason = 'connection'"),
    postgresql_where=text("state = 'asking' OR state = 'quarantined' OR reason = 'connection'"),
)  # fmt: skip
Index(
    "wait_ask", wait.c.opened_at, wait.c.run_id,
    sqlite_where=text("kind = 'ask'"), postgresql_where=text("kind = 'ask'"),
)  # fmt: skip
