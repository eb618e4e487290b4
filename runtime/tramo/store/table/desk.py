"""What people set and did: variables, acts on runs, and answers kept for calls made twice."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, text

from tramo.store.table.base import PlainText, id_column, metadata
from tramo.store.table.run import run

variable = Table(
    "variable",
    metadata,
    Column("workspace_id", PlainText(80), primary_key=True),
    Column("name", PlainText(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", PlainText(80), nullable=False),
)

act = Table(
    "act",
    metadata,
    id_column(),
    Column("workspace_id", PlainText(80), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", PlainText(80), nullable=False),
    Column("what", PlainText(20), nullable=False),
    Column("run_id", PlainText(80), nullable=False),
    Column("node_id", PlainText(64)),
    Column("iteration", LargeBinary),
    Column("outcome", PlainText(20)),
    Column("reference", PlainText(300)),
    Index("act_by_run", "run_id"),
    Index("act_by_workspace", "workspace_id", "id"),
)
"""Who did what to a run: answered a doubt, re-ran, cancelled, released, hurried or moved it."""

kept_answer = Table(
    "kept_answer",
    metadata,
    Column("digest", PlainText(64), primary_key=True),
    Column("request", PlainText(64), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary),
)
"""What a call with an Idempotency-Key was answered. `digest` is of the caller and the key,
`request` of what was asked; no `body` where it holds a secret or is too large to be kept."""

FAMILY: Final = "run.copied_from IS NOT NULL"
TROUBLED: Final = "run.state IN ('asking', 'cancelled', 'failed', 'quarantined')"
"""The conditions of two partial indexes, as a query must spell them for the index to be used."""


def _partial(name: str, condition: str, *columns: Column[Any]) -> Index:
    where = text(condition.replace("run.", ""))
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("run_family", FAMILY, run.c.origin)
_partial("run_troubled", TROUBLED, run.c.workspace_id, run.c.id)
"""The few runs that people look for; the many that succeed cost nothing here."""
