"""How runs stand that somebody waits for: a glance at many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from tramo.store import table

_r = table.run.c


def read_standings(connection: Connection, run_ids: Sequence[str]) -> Sequence[Any]:
    """Return where runs of any workspace are, how they stand, and who has them."""
    query = select(
        _r.id,
        _r.workspace_id,
        _r.flow_id,
        _r.version,
        _r.state,
        _r.reason,
        _r.seq,
        _r.owner,
        _r.lease_until,
    )
    return list(connection.execute(query.where(_r.id.in_(run_ids))).all())


def read_rung(connection: Connection, run_ids: Sequence[str]) -> dict[str, int]:
    """Return how often runs were rung for."""
    rows = connection.execute(select(_r.id, _r.rung).where(_r.id.in_(run_ids)))
    return {row.id: row.rung for row in rows}
