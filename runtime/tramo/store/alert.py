"""Alerts, and what the lookout reads to raise them: failed and stuck runs, failures in a row."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, literal_column, select, tuple_, update

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.upsert import upsert

PAGE: Final = 500
KEPT_MS: Final = 180 * 86_400_000
LOOKED_BACK_MS: Final = 3_600_000
"""Run ids sort roughly by the time they were made; a count looks this much further back."""

_a = table.alert.c
_r = table.run.c
_f = table.flow.c
_w = table.flow_watch.c


def is_state(state: str) -> Any:
    """Compare a run's state as the partial indexes spell it, or they would not be used."""
    return literal_column("run.state") == literal_column(f"'{state}'")


# Alerts --------------------------------------------------------------------------------------


def raise_alert(
    connection: Connection, values: dict[str, Any], *, times: int = 1
) -> tuple[bool, int]:
    """Count a cause on its day; return whether it is the day's first, and how often it occurred
    on the last day that had it."""
    place = {
        name: values[name] for name in ("workspace_id", "flow_id", "kind", "code", "node_id", "day")
    }
    at = values["last_at"]
    known = connection.execute(
        update(table.alert)
        .filter_by(**place)
        .values(count=_a.count + times, last_at=at, run_id=values["run_id"])
    ).rowcount
    if known:
        return False, 0
    earlier = {name: value for name, value in place.items() if name != "day"}
    before = connection.execute(
        select(_a.count).filter_by(**earlier).order_by(_a.first_at.desc()).limit(1)
    ).scalar()
    connection.execute(insert(table.alert).values(**values, count=times, first_at=at))
    return True, before or 0


def list_alerts(
    connection: Connection,
    scope: Scope,
    *,
    flow: str | None,
    seen: bool | None,
    limit: int,
    before: tuple[int, str] | None,
) -> list[Row[Any]]:
    """Return alerts, the newest day first."""
    query = (
        select(table.alert, _f.name.label("flow_name"))
        .select_from(
            table.alert.outerjoin(
                table.flow, (_f.workspace_id == _a.workspace_id) & (_f.id == _a.flow_id)
            )
        )
        .where(_a.workspace_id == scope.workspace_id)
    )
    if flow is not None:
        query = query.where(_a.flow_id == flow)
    if seen is not None:
        query = query.where(_a.seen_at.is_not(None) if seen else _a.seen_at.is_(None))
    if before is not None:
        query = query.where(tuple_(_a.first_at, _a.id) < before)
    return list(
        connection.execute(query.order_by(_a.first_at.desc(), _a.id.desc()).limit(limit)).all()
    )


def is_raised(
    connection: Connection, workspace_id: str, *, kind: str, node_id: str, day: str
) -> bool:
    """Tell whether a cause that belongs to no flow has its alert of a day."""
    query = select(_a.id).where(
        _a.workspace_id == workspace_id,
        _a.flow_id == "",
        _a.kind == kind,
        _a.node_id == node_id,
        _a.day == day,
    )
    return connection.execute(query).first() is not None


def forget_old(connection: Connection, now: int) -> None:
    """Drop alerts of long ago."""
    connection.execute(delete(table.alert).where(_a.last_at < now - KEPT_MS))


def mark_seen(connection: Connection, scope: Scope, alert_id: str, now: int) -> bool:
    """Note that somebody has seen an alert; False when there is none."""
    place = (_a.workspace_id == scope.workspace_id, _a.id == alert_id)
    if connection.execute(select(_a.id).where(*place)).first() is None:
        return False
    connection.execute(
        update(table.alert)
        .where(*place, _a.seen_at.is_(None))
        .values(seen_at=now, seen_by=scope.actor)
    )
    return True


# What is looked at ---------------------------------------------------------------------------


def looked(connection: Connection, name: str, now: int) -> tuple[int, str]:
    """Return how far a list has been looked at; a list never looked at begins now."""
    row = connection.execute(select(table.looked).where(table.looked.c.name == name)).first()
    return (now, "") if row is None else (row.at, row.id)


def set_looked(connection: Connection, name: str, at: int, id: str) -> None:
    """Note how far a list has been looked at."""
    connection.execute(
        upsert(table.looked)
        .values(name=name, at=at, id=id)
        .on_conflict_do_update(index_elements=["name"], set_={"at": at, "id": id})
    )


_RUN = (
    _r.id,
    _r.workspace_id,
    _r.flow_id,
    _r.version,
    _r.by_hand,
    _r.error,
    _r.reason,
    _r.ended_at,
    _f.name.label("flow_name"),
    _f.state.label("flow_state"),
    _f.version.label("active_version"),
)


def _runs() -> Any:
    return select(*_RUN).select_from(
        table.run.outerjoin(
            table.flow, (_f.workspace_id == _r.workspace_id) & (_f.id == _r.flow_id)
        )
    )


def failed_runs(
    connection: Connection, *, since: tuple[int, str], until: int, limit: int
) -> list[Row[Any]]:
    """Return runs that failed after `since` (instant, id), up to an instant, the oldest first."""
    at, run_id = since
    query = (
        _runs()
        .where(
            is_state("failed"),
            _r.ended_at >= at,
            (_r.ended_at > at) | (_r.id > run_id),
            _r.ended_at <= until,
        )
        .order_by(_r.ended_at, _r.id)
        .limit(limit)
    )
    return list(connection.execute(query).all())


def refused_connections(connection: Connection) -> list[Row[Any]]:
    """Return refused connections in whose workspace runs wait for a connection, with how many."""
    c = table.connection.c
    waiting = (
        select(_r.workspace_id, func.count().label("waiting"), func.max(_r.id).label("run_id"))
        .where(literal_column("run.reason") == literal_column("'connection'"))
        .group_by(_r.workspace_id)
        .subquery()
    )
    query: Any = (
        select(c.workspace_id, c.id, c.name, c.connector, waiting.c.waiting, waiting.c.run_id)
        .join_from(table.connection, waiting, waiting.c.workspace_id == c.workspace_id)
        .where(c.state == "refused", c.deleted_at.is_(None))
    )
    return list(connection.execute(query).all())


# Failures in a row ---------------------------------------------------------------------------


def succeeded_since(
    connection: Connection, workspace_id: str, flow_id: str, since: int, most: int
) -> int | None:
    """Return the newest success of a flow at or after an instant, among its `most` newest runs."""
    newest: int | None = None
    last: str | None = None
    for _ in range(0, most, PAGE):
        query = (
            select(_r.id, _r.state, _r.ended_at)
            .where(_r.workspace_id == workspace_id, _r.flow_id == flow_id)
            .order_by(_r.id.desc())
            .limit(PAGE)
        )
        if last is not None:
            query = query.where(_r.id < last)
        rows = connection.execute(query).all()
        for row in rows:
            if row.state == "succeeded" and (row.ended_at or 0) >= max(since, newest or 0):
                newest = row.ended_at
        if newest is not None or len(rows) < PAGE:
            return newest
        last = rows[-1].id
    return None


def flow_state(connection: Connection, workspace_id: str, flow_id: str) -> Row[Any] | None:
    """Return how a flow stands, with the newest of its failed runs."""
    newest = (
        select(_r.id)
        .where(_r.workspace_id == workspace_id, _r.flow_id == flow_id, is_state("failed"))
        .order_by(_r.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query: Any = (
        select(_f.state, _f.version, _f.name, _r.id.label("run_id"), _r.error)
        .join_from(table.flow, table.run, _r.id == newest, isouter=True)
        .where(_f.workspace_id == workspace_id, _f.id == flow_id, _f.deleted_at.is_(None))
    )
    return connection.execute(query).one_or_none()


def failures_since(
    connection: Connection, workspace_id: str, flow_id: str, since: int
) -> tuple[int, int | None]:
    """Return how often a flow failed after an instant, and when first."""
    row = connection.execute(
        select(func.count(), func.min(_r.ended_at)).where(
            is_state("failed"),
            _r.ended_at > since,
            _r.workspace_id == workspace_id,
            _r.flow_id == flow_id,
        )
    ).one()
    return row[0], row[1]


def get_watch(connection: Connection, workspace_id: str, flow_id: str) -> Row[Any] | None:
    """Return what is remembered of a flow."""
    return connection.execute(
        select(table.flow_watch).where(_w.workspace_id == workspace_id, _w.flow_id == flow_id)
    ).one_or_none()


def set_watch(connection: Connection, workspace_id: str, flow_id: str, **values: Any) -> None:
    """Remember something of a flow."""
    connection.execute(
        upsert(table.flow_watch)
        .values(**{"workspace_id": workspace_id, "flow_id": flow_id, "failures": 0, **values})
        .on_conflict_do_update(index_elements=["workspace_id", "flow_id"], set_=values)
    )


# Expected runs -------------------------------------------------------------------------------


def active_versions(connection: Connection) -> list[Row[Any]]:
    """Return (workspace_id, id, version, name) of every flow that takes events."""
    query: Any = select(_f.workspace_id, _f.id, _f.version, _f.name).where(
        _f.state == "active", _f.deleted_at.is_(None), _f.version.is_not(None)
    )
    return list(connection.execute(query).all())


def watches(connection: Connection) -> list[Row[Any]]:
    """Return every flow's window of expected runs."""
    return list(connection.execute(select(table.flow_watch).where(_w.expected.is_not(None))).all())


def count_runs(
    connection: Connection, workspace_id: str, flow_id: str, *, since: int, until: int, most: int
) -> int:
    """Count runs of a flow that began in [since, until), no further than `most`."""
    count = 0
    last: str | None = None
    while count < most:
        query = (
            select(_r.id, _r.started_at)
            .where(_r.workspace_id == workspace_id, _r.flow_id == flow_id)
            .order_by(_r.id.desc())
            .limit(PAGE)
        )
        if last is not None:
            query = query.where(_r.id < last)
        rows = connection.execute(query).all()
        count += sum(since <= row.started_at < until for row in rows)
        if len(rows) < PAGE or rows[-1].started_at < since - LOOKED_BACK_MS:
            return min(count, most)
        last = rows[-1].id
    return most
