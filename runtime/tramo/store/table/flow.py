"""Flows, their versions and addresses, and the accounts they use."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from tramo.store.table.base import Body, PlainText, id_column, metadata

flow = Table(
    "flow",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    id_column(),
    Column("name", PlainText(200), nullable=False),
    Column("state", PlainText(20), nullable=False),
    Column("draft", LargeBinary, nullable=False),
    Column("etag", PlainText(64), nullable=False),
    Column("version", PlainText(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", PlainText(80), nullable=False),
    Column("deleted_at", BigInteger),
    Column("pause_reason", PlainText(40)),
)
"""`pause_reason`: why it is paused, where no person did it."""

flow_version = Table(
    "flow_version",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("version", PlainText(64), primary_key=True),
    Column("name", PlainText(200), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("published_at", BigInteger),
    Column("published_by", PlainText(80), nullable=False),
)

publication = Table(
    "publication",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", PlainText(64), nullable=False),
    Column("name", PlainText(200)),
    Column("document", LargeBinary),
    Column("published_at", BigInteger, nullable=False),
    Column("published_by", PlainText(80), nullable=False),
)
"""Each time that somebody published. The same logic may be published again, under another `name`
and with other labels: `document` is what was published then, null where it is the version's own."""

presence = Table(
    "presence",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("tab", PlainText(64), primary_key=True),
    Column("user_id", PlainText(80), nullable=False),
    Column("node", PlainText(64)),
    Column("edits", Boolean, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""Who has a flow open, in which tab of a browser. Of the rows that are not over yet, at most one
`edits`."""

pin = Table(
    "pin",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("flow_id", PlainText(80), primary_key=True),
    Column("node_id", PlainText(64), primary_key=True),
    Column("port", PlainText(64), nullable=False),
    Column("output", Body, nullable=False),
    Column("source", PlainText(80)),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", PlainText(80), nullable=False),
)
"""Data that stands in for a node's output while a draft is tried. `source`: the run it is from.
It may be about people: it is never in a document, a version or an export."""

address = Table(
    "address",
    metadata,
    Column("token", PlainText(64), primary_key=True),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("flow_id", PlainText(80), nullable=False),
    Column("node_id", PlainText(64), nullable=False),
    UniqueConstraint("workspace_id", "flow_id", "node_id"),
)

connection = Table(
    "connection",
    metadata,
    Column("workspace_id", ForeignKey("workspace.id"), primary_key=True),
    id_column(),
    Column("name", PlainText(200), nullable=False),
    Column("connector", PlainText(80), nullable=False),
    Column("target", PlainText(10), nullable=False),
    Column("state", PlainText(20), nullable=False),
    Column("account", PlainText(300)),
    Column("tested_at", BigInteger),
    Column("address", PlainText(64), nullable=False, unique=True),
    Column("public", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
)
