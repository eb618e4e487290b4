"""What stored nodes keep: named tables, marks, windows of items, turns, and who may run at once."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, text

from tramo.store.table.base import CHANGING, PlainText, metadata

SCOPE = 500
"""Characters of a scope: a flow, a node in it, and a key of the flow's own."""

table_row = Table(
    "table_row",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("table", PlainText(64), primary_key=True),
    Column("key", PlainText(300), primary_key=True),
    Column("row", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("table_row_by_age", "workspace_id", "table", "created_at", "key"),
)
"""The rows of the named tables. A table is there as long as it has rows."""

mark = Table(
    "mark",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("scope", PlainText(SCOPE), primary_key=True),
    Column("value", PlainText(300), primary_key=True),
    Column("step", PlainText(80), nullable=False),
    Column("noted_at", BigInteger, nullable=False),
    Column("until_at", BigInteger),
    sqlite_with_rowid=False,
)
"""Values that were seen, by which step (its effect key), and until when that counts."""

Index(
    "mark_by_end",
    mark.c.until_at,
    sqlite_where=text("until_at IS NOT NULL"),
    postgresql_where=text("until_at IS NOT NULL"),
)

item_window = Table(
    "item_window",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("scope", PlainText(SCOPE), primary_key=True),
    Column("step", PlainText(80), primary_key=True),
    Column("run_id", PlainText(80), nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closes_at", BigInteger),
    Column("size", Integer),
    Column("count", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("closed_at", BigInteger),
    sqlite_with_rowid=False,
)
"""Windows that gather items over runs. `step` (an effect key) in `run_id` carries the window;
`closed_at`: it is full and takes no more."""

window_item = Table(
    "window_item",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("scope", PlainText(SCOPE), primary_key=True),
    Column("window", PlainText(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("step", PlainText(80), nullable=False),
    Column("item", LargeBinary, nullable=False),
)
"""`window` is the step that carries it, `step` the one that gave the item."""

turn = Table(
    "turn",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("scope", PlainText(SCOPE), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("step", PlainText(80), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False, server_default="0"),
    Index("turn_by_end", "until_at"),
    sqlite_with_rowid=False,
    postgresql_with=CHANGING,
)
"""The turns of a rate limit, in the order in which they were reserved, and how long later ones are
measured by them. `at` is when a turn is to come, and when it came once it is `gone`."""

slot = Table(
    "slot",
    metadata,
    Column("run_id", PlainText(80), primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("flow_id", PlainText(80), nullable=False),
    Column("slot", PlainText(300), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at_once", Integer, nullable=False),
    Column("holds", Boolean, nullable=False),
    Index("slot_by_number", "workspace_id", "flow_id", "slot", "number"),
    postgresql_with=CHANGING,
)
"""Open runs of flows with a concurrency limit, in the order in which they were accepted. One that
`holds` runs, the others wait for it."""
