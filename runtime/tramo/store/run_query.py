"""Reading runs: lists, filters, counts, and one run with its event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, func, or_, select, text

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.distinct import distinct_values
from tramo.store.table.desk import TROUBLED

_r = table.run.c
_e = table.event.c
_k = table.run_key.c

COUNTED: Final = 10_000
"""The newest runs among which states are counted."""
_TROUBLED_STATES: Final = frozenset({"asking", "cancelled", "failed", "quarantined"})

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
    _r.copied_from,
    _r.rerun,
    _r.generation,
    _r.seq,
    _r.depth,
    _r.slot,
    _r.started_at,
    _r.ended_at,
    _r["keys"].label("key_list"),
    table.flow.c.name.label("flow_name"),
    table.flow.c.deleted_at.label("flow_deleted_at"),
)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs a list is about: those that fit everything that is given."""

    states: tuple[str, ...] = ()
    reason: str | None = None
    flow: str | None = None
    since: int | None = None
    until: int | None = None
    """Began at or after `since` and before `until`, in milliseconds since the epoch."""
    key: tuple[str | None, str] | None = None
    """A business key (kind, value); of any kind with None."""
    named: str | None = None
    """A run's id, or the value of a business key of any kind."""
    ids: tuple[str, ...] | None = None
    trigger: str | None = None
    by_hand: bool | None = None


def _runs(scope: Scope) -> Any:
    named = table.run.outerjoin(
        table.flow,
        (table.flow.c.workspace_id == _r.workspace_id) & (table.flow.c.id == _r.flow_id),
    )
    return select(*_COLUMNS).select_from(named).where(_r.workspace_id == scope.workspace_id)


def _with_event(query: Any) -> Any:
    return query.add_columns(_e.payload, _e.type.label("event_type"), _e.received_at).join(
        table.event, _e.id == _r.event_id
    )


def list_runs(
    connection: Connection,
    scope: Scope,
    wanted: Wanted,
    *,
    limit: int,
    before: str | None,
    payload: bool = False,
) -> list[Row[Any]]:
    """Return runs, newest first, beginning after the run `before`; with their events if asked."""
    query = _runs(scope).order_by(_r.id.desc()).limit(limit)
    if payload:
        query = _with_event(query)
    query = _narrow(connection, scope, query, wanted)
    if before is not None:
        query = query.where(_r.id < before)
    return list(connection.execute(query).all())


def _narrow(connection: Connection, scope: Scope, query: Any, wanted: Wanted) -> Any:
    if wanted.states:
        query = query.where(_r.state.in_(wanted.states))
        if _TROUBLED_STATES.issuperset(wanted.states):
            query = query.where(text(TROUBLED))
    for column, value in (
        (_r.reason, wanted.reason),
        (_r.flow_id, wanted.flow),
        (_r.trigger, wanted.trigger),
        (_r.by_hand, wanted.by_hand),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(_r.started_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(_r.started_at < wanted.until)
    if wanted.key is not None:
        query = query.where(_r.id.in_(_keyed(connection, scope, *wanted.key)))
    if wanted.named is not None:
        keyed = _keyed(connection, scope, None, *_spellings(wanted.named))
        query = query.where(or_(_r.id == wanted.named, _r.id.in_(keyed)))
    if wanted.ids is not None:
        query = query.where(_r.id.in_(wanted.ids))
    return query


def _spellings(text: str) -> set[str]:
    """Return a text as people write it and as it may be stored: `1042` is `#1042` too."""
    bare = text.removeprefix("#")
    return {text, bare, f"#{bare}", bare.lower()}


def _keyed(connection: Connection, scope: Scope, kind: str | None, *values: str) -> Any:
    kinds = [kind] if kind is not None else key_kinds(connection, scope)
    return select(_k.run_id).where(
        _k.workspace_id == scope.workspace_id, _k.kind.in_(kinds), _k.value.in_(values)
    )


def key_kinds(connection: Connection, scope: Scope) -> list[str]:
    """Return the kinds of business keys that runs have."""
    return distinct_values(connection, _k.kind, _k.workspace_id == scope.workspace_id)


def count_states(
    connection: Connection, scope: Scope, wanted: Wanted
) -> tuple[dict[str, int], int | None]:
    """Count the newest runs by state; the second value is how far back it looked, None for all."""
    query = select(_r.id, _r.state, _r.started_at).where(_r.workspace_id == scope.workspace_id)
    query = _narrow(connection, scope, query, wanted).order_by(_r.id.desc())
    newest = query.limit(COUNTED).subquery()
    rows = connection.execute(select(newest.c.state, func.count()).group_by(newest.c.state)).all()
    counts = {row[0]: row[1] for row in rows}
    if sum(counts.values()) < COUNTED:
        return counts, None
    return counts, connection.execute(select(func.min(newest.c.started_at))).scalar()


def get_runs(connection: Connection, scope: Scope, ids: Sequence[str]) -> list[Row[Any]]:
    """Return runs in the order of their ids given."""
    found = connection.execute(_runs(scope).where(_r.id.in_(ids))).all()
    by_id = {row.id: row for row in found}
    return [by_id[id] for id in ids if id in by_id]


def get_run(connection: Connection, scope: Scope, run_id: str) -> Row[Any] | None:
    """Return a run's row with its event."""
    return connection.execute(_with_event(_runs(scope)).where(_r.id == run_id)).one_or_none()


def read_journal_end(connection: Connection, run_id: str, segments: int) -> list[tuple[int, bytes]]:
    """Return a run's last segments (format, body), newest first."""
    s = table.segment.c
    query = select(s.fmt, s.body).where(s.run_id == run_id).order_by(s.seq.desc()).limit(segments)
    return [(fmt, body) for fmt, body in connection.execute(query).all()]
