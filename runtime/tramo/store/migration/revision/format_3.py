"""Packed bodies, events without a delivery id, how long things are kept."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    column,
    inspect,
    select,
    table,
    update,
)

from tramo.model.value import decode, encode
from tramo.store.migration.step import add_columns, where
from tramo.store.table.base import PlainText

revision = "3.3"
down_revision = "2.2"

DELIVERY = "event_workspace_id_source_delivery_id_key"


def upgrade() -> None:
    _remake()
    op.create_table(
        "retention",
        Column("workspace_id", PlainText(80), nullable=False),
        Column("flow_id", PlainText(80), nullable=False),
        Column("success_days", Integer),
        Column("failure_days", Integer),
        Column("event_days", Integer),
        Column("act_days", Integer),
        Column("metadata_only", Boolean),
        Column("updated_at", BigInteger, nullable=False),
        Column("updated_by", PlainText(80), nullable=False),
        PrimaryKeyConstraint("workspace_id", "flow_id"),
        if_not_exists=True,
    )
    op.create_table(
        "stripped",
        Column("run_id", PlainText(80), nullable=False),
        Column("stripped_at", BigInteger, nullable=False),
        Column("steps", LargeBinary, nullable=False),
        PrimaryKeyConstraint("run_id"),
        if_not_exists=True,
    )
    add_columns("turn", Column("gone", Boolean, nullable=False, server_default="0"))
    for name, columns, condition in (
        ("run_by_event", ["event_id"], None),
        ("run_children", ["parent"], "parent IS NOT NULL"),
        ("run_copies", ["copied_from"], "copied_from IS NOT NULL"),
        ("run_of_flow", ["flow_id", "id"], None),
    ):
        op.create_index(name, "run", columns, **where(condition), if_not_exists=True)
    op.drop_index("run_by_flow", "run", if_exists=True)


def _remake() -> None:
    """Change what no column added can change: an event may have no delivery id, and a body says
    itself how it lies."""
    there = inspect(op.get_bind())
    if "codec" in {found["name"] for found in there.get_columns("segment")}:
        with op.batch_alter_table("segment") as segment:
            segment.drop_column("codec")
        _gather_keys(op.get_bind())
    if there.get_unique_constraints("event"):
        named = {"uq": "%(table_name)s_%(column_0_N_name)s_key"}
        with op.batch_alter_table("event", naming_convention=named) as event:
            event.drop_constraint(DELIVERY, type_="unique")
    op.create_index(
        "event_delivery",
        "event",
        ["workspace_id", "source", "delivery_id"],
        unique=True,
        **where("delivery_id <> ''"),
        if_not_exists=True,
    )


def _gather_keys(connection: Connection) -> None:
    """Note in each run's row the keys that its steps added, which only the index knew."""
    run = table("run", column("id"), column("keys"))
    key = table("run_key", *map(column, ("run_id", "kind", "value", "connection_id"))).c
    rows = connection.execute(
        select(run.c.id, run.c["keys"], key.kind, key.value, key.connection_id)
        .where(key.run_id == run.c.id)
        .order_by(run.c.id)
    ).all()
    for (run_id, found), group in groupby(rows, key=itemgetter(0, 1)):
        known = decode(found)
        every = [*known, *(item for row in group if (item := list(row[2:])) not in known)]
        if len(every) > len(known):
            connection.execute(
                update(run).where(run.c.id == run_id).values({"keys": encode(every)})
            )
