"""How runs stand that somebody waits for: a glance at many rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from tramo.store import table

_r = table.run.c


def read_standings(connection: Connection, run_ids: Sequence[str]) -> list[Row[Any]]:
    """Return (id, workspace_id, flow_id, version, state, reason, seq) of runs, of any workspace."""
    query = select(_r.id, _r.workspace_id, _r.flow_id, _r.version, _r.state, _r.reason, _r.seq)
    return list(connection.execute(query.where(_r.id.in_(run_ids))).all())
