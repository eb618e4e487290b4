"""How an act of a person is shown: who did what, to which step of which run, and when."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from tramo.engine.instant import rfc3339
from tramo.model.value import decode


def act_item(row: Row[Any]) -> dict[str, Any]:
    """Return an act as lists show it."""
    return {
        "at": rfc3339(row.at),
        "actor": row.actor,
        "actor_name": row.actor_name,
        "what": row.what,
        "run": row.run_id,
        "node": row.node_id,
        "iteration": decode(row.iteration) if row.iteration else [],
        "outcome": row.outcome,
        "reference": row.reference,
    }
