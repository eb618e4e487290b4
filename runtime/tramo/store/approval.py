"""Open questions: waits for a person's answer, and which of them people have been told of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, literal_column, select, text, update

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.upsert import upsert

_w = table.wait.c
_r = table.run.c
_a = table.asked.c
_IS_ASK = literal_column("wait.kind") == literal_column("'ask'")
_IS_STUCK = text("(run.state = 'asking' OR run.state = 'quarantined')")
"""Spelled as the partial indexes spell it, or they would not be used."""
_NAME = _w.run_id + "/" + _w.node_id + "/" + _w.iteration


def _questions() -> Any:
    return (
        select(
            _w.run_id,
            _w.node_id,
            _w.iteration,
            _w.workspace_id,
            _w.opened_at,
            _w.due_at,
            _w.ask,
            _r.flow_id,
            _r.version,
            _r.started_at,
            table.flow.c.name.label("flow_name"),
        )
        .join_from(table.wait, table.run, _r.id == _w.run_id)
        .outerjoin(
            table.flow,
            (table.flow.c.workspace_id == _r.workspace_id) & (table.flow.c.id == _r.flow_id),
        )
        .where(_IS_ASK, _w.ask.is_not(None), _w.matched_at.is_(None))
    )


def list_questions(
    connection: Connection,
    scope: Scope,
    *,
    flow: str | None,
    run: str | None,
    limit: int,
    after: tuple[int, str] | None,
) -> list[Row[Any]]:
    """Return open questions, the oldest first; `after` as in `new_questions`."""
    query = _questions().where(_w.workspace_id == scope.workspace_id)
    if flow is not None:
        query = query.where(_r.flow_id == flow)
    if run is not None:
        query = query.where(_w.run_id == run)
    if after is not None:
        query = query.where(_is_after(after))
    return list(connection.execute(query.order_by(_w.opened_at, _NAME).limit(limit)).all())


def _is_after(after: tuple[int, str]) -> Any:
    at, name = after
    return (_w.opened_at >= at) & ((_w.opened_at > at) | (name < _NAME))


def name_of(row: Row[Any]) -> str:
    """Name a question for good: run, node and iteration."""
    return f"{row.run_id}/{row.node_id}/{row.iteration}"


def get_question(
    connection: Connection, workspace_id: str, run_id: str, node_id: str, iteration: str
) -> Row[Any] | None:
    """Return one open question."""
    return connection.execute(
        _questions().where(
            _w.workspace_id == workspace_id,
            _w.run_id == run_id,
            _w.node_id == node_id,
            _w.iteration == iteration,
        )
    ).first()


def questions_of(connection: Connection, workspace_id: str, run_id: str) -> list[Row[Any]]:
    """Return every open question of a run."""
    query = _questions().where(_w.workspace_id == workspace_id, _w.run_id == run_id)
    return list(connection.execute(query).all())


# What people know of -------------------------------------------------------------------------


def new_questions(
    connection: Connection, *, since: tuple[int, str], until: int, limit: int
) -> list[Row[Any]]:
    """Return questions opened after `since` (instant, name), up to an instant, oldest first."""
    query = _questions().where(_is_after(since), _w.opened_at <= until)
    return list(connection.execute(query.order_by(_w.opened_at, _NAME).limit(limit)).all())


def new_stuck_runs(connection: Connection, limit: int) -> list[Row[Any]]:
    """Return runs in doubt or in quarantine that nobody has been told of."""
    known = select(_a.run_id).where(_a.run_id == _r.id, _a.node_id == "")
    query = _stuck().where(~known.exists()).order_by(_r.workspace_id, _r.id).limit(limit)
    return list(connection.execute(query).all())


def _stuck() -> Any:
    flow = table.flow.c
    return (
        select(
            _r.id,
            _r.workspace_id,
            _r.flow_id,
            _r.version,
            _r.state,
            _r.reason,
            flow.version.label("active_version"),
            flow.name.label("flow_name"),
        )
        .join_from(
            table.run,
            table.flow,
            (table.flow.c.workspace_id == _r.workspace_id) & (table.flow.c.id == _r.flow_id),
            isouter=True,
        )
        .where(_IS_STUCK)
    )


def add_asked(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Note questions that people are being told of."""
    if rows:
        connection.execute(upsert(table.asked).on_conflict_do_nothing(), rows)


def due_questions(connection: Connection, now: int, limit: int) -> list[Row[Any]]:
    """Return questions of which somebody has to be reminded."""
    query = (
        select(table.asked)
        .where(_a.remind_at <= now, _a.node_id != "")
        .order_by(_a.remind_at)
        .limit(limit)
    )
    return list(connection.execute(query).all())


def due_workspaces(connection: Connection, now: int) -> list[str]:
    """Return workspaces whose owners have to be reminded of runs that are stuck."""
    query = select(_a.workspace_id).where(_a.remind_at <= now, _a.node_id == "").distinct()
    return list(connection.execute(query).scalars())


def remind_of_stuck(connection: Connection, workspace_id: str, at: int) -> None:
    """Say when to remind a workspace's owners of all its stuck runs next."""
    connection.execute(
        update(table.asked)
        .where(_a.workspace_id == workspace_id, _a.node_id == "")
        .values(remind_at=at)
    )


def set_reminder(
    connection: Connection, run_id: str, node_id: str, iteration: str, at: int | None
) -> None:
    """Say when to remind next."""
    connection.execute(
        update(table.asked).where(*_place(run_id, node_id, iteration)).values(remind_at=at)
    )


def drop_asked(connection: Connection, run_id: str, node_id: str, iteration: str) -> None:
    """Forget a question that is answered."""
    connection.execute(delete(table.asked).where(*_place(run_id, node_id, iteration)))


def drop_settled(connection: Connection) -> int:
    """Forget runs that are stuck no more, so that a new doubt of the same run is told of again."""
    stuck = select(_r.id).where(_r.id == _a.run_id, _IS_STUCK)
    return connection.execute(delete(table.asked).where(_a.node_id == "", ~stuck.exists())).rowcount


def has_settled(connection: Connection) -> bool:
    """Tell whether `drop_settled` would find something."""
    stuck = select(_r.id).where(_r.id == _a.run_id, _IS_STUCK)
    query = select(_a.run_id).where(_a.node_id == "", ~stuck.exists()).limit(1)
    return connection.execute(query).first() is not None


def stuck_runs(connection: Connection, workspace_id: str) -> list[Row[Any]]:
    """Return the runs of a workspace that wait for a person's decision, the longest first."""
    query = (
        _stuck()
        .add_columns(_a.opened_at)
        .join(table.asked, (_a.run_id == _r.id) & (_a.node_id == ""))
        .where(_r.workspace_id == workspace_id)
        .order_by(_a.opened_at, _r.id)
    )
    return list(connection.execute(query).all())


def _place(run_id: str, node_id: str, iteration: str) -> tuple[Any, ...]:
    return _a.run_id == run_id, _a.node_id == node_id, _a.iteration == iteration
