"""A run's row as lists show it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row

from tramo.engine.instant import rfc3339
from tramo.model.value import decode

_OF_ITEM: Final = ("iteration", "node", "code", "message")


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
        "error": brief(error) if error else None,
        "by_hand": row.by_hand,
        "origin": row.origin,
        "copied_from": row.copied_from,
        "rerun": row.rerun,
    }


def brief(error: dict[str, Any]) -> dict[str, Any] | None:
    """Return a failure as a list needs it: of its details, which item of a loop it was."""
    if "code" not in error:
        return None
    said = {name: error[name] for name in ("code", "message", "params") if name in error}
    if error["code"] != "loop.item_failed" or not isinstance(error.get("details"), dict):
        return said
    named = {name: error["details"][name] for name in _OF_ITEM if name in error["details"]}
    return {**said, "details": named}
