"""A run's row as lists show it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from tramo.engine.instant import rfc3339
from tramo.model.value import decode


def run_item(row: Row[Any]) -> dict[str, Any]:
    """Return what a list says of a run."""
    error = decode(row.error) if row.error else None
    return {
        "id": row.id,
        "flow_id": row.flow_id,
        "flow_name": row.flow_name or row.flow_id,
        "version": row.version,
        "state": row.state,
        "reason": row.reason,
        "trigger": row.trigger,
        "keys": [{"kind": kind, "value": value} for kind, value, _ in decode(row.key_list)],
        "started_at": rfc3339(row.started_at),
        "ended_at": rfc3339(row.ended_at) if row.ended_at is not None else None,
        "duration_ms": None if row.ended_at is None else row.ended_at - row.started_at,
        "error": {"code": error["code"], "message": error["message"]} if error else None,
        "by_hand": row.by_hand,
        "origin": row.origin,
        "copied_from": row.copied_from,
        "rerun": row.rerun,
    }
