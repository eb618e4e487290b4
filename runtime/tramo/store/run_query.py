"""Reading runs: lists, searches and one run with its event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from tramo.model.scope import Scope
from tramo.store import table

_r = table.run.c
_e = table.event.c
_k = table.run_key.c

_COLUMNS = (
    _r.id,
    _r.workspace_id,
    _r.flow_id,
    _r.version,
    _r.event_id,
    _r.trigger,
    _r.state,
    _r.reason,
    _r.error,
    _r.by_hand,
    _r.origin,
    _r.generation,
    _r.started_at,
    _r.ended_at,
    _r["keys"].label("key_list"),
    table.flow.c.name.label("flow_name"),
)


def _runs(scope: Scope) -> Any:
    named = table.run.outerjoin(
        table.flow,
        (table.flow.c.workspace_id == _r.workspace_id) & (table.flow.c.id == _r.flow_id),
    )
    return select(*_COLUMNS).select_from(named).where(_r.workspace_id == scope.workspace_id)


def list_runs(
    connection: Connection,
    scope: Scope,
    *,
    flow: str | None,
    state: str | None,
    q: str | None,
    limit: int,
    before: tuple[int, str] | None,
) -> list[Row[Any]]:
    """Return runs, newest first. `q` is a run's id or a business key, such as an order's number."""
    query = _runs(scope).order_by(_r.id.desc()).limit(limit)
    if flow is not None:
        query = query.where(_r.flow_id == flow)
    if state is not None:
        query = query.where(_r.state == state)
    if q:
        keyed = select(_k.run_id).where(
            _k.workspace_id == scope.workspace_id, _k.value == q.strip()
        )
        query = query.where(or_(_r.id == q.strip(), _r.id.in_(keyed)))
    if before is not None:
        query = query.where(_r.id < before[1])
    return list(connection.execute(query).all())


def get_run(connection: Connection, scope: Scope, run_id: str) -> Row[Any] | None:
    """Return a run's row with its event."""
    query = (
        _runs(scope)
        .add_columns(_e.payload, _e.type.label("event_type"), _e.received_at)
        .join(table.event, _e.id == _r.event_id)
        .where(_r.id == run_id)
    )
    return connection.execute(query).one_or_none()
