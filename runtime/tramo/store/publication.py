"""Publications: each time that somebody made a draft the version that takes events."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, case, func, insert, null, select, true, update

from tramo.model.scope import Scope
from tramo.store import table

_p = table.publication.c
_v = table.flow_version.c
_r = table.run.c
_u = table.user.c

COUNTED: Final = 10_000
"""The newest runs of a flow that are counted by version."""


def add_publication(
    connection: Connection,
    scope: Scope,
    flow_id: str,
    *,
    version: str,
    name: str | None,
    document: bytes,
    now: int,
) -> int:
    """Note that a version was published, after it was kept; return its number.

    What is published twice in a row is one publication, under the last name that was given.
    """
    place = (_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id)
    last = connection.execute(
        select(table.publication).where(*place).order_by(_p.number.desc()).limit(1)
    ).one_or_none()
    kept = connection.execute(
        select(_v.document).where(
            _v.workspace_id == scope.workspace_id, _v.flow_id == flow_id, _v.version == version
        )
    ).scalar_one()
    own = None if document == kept else document
    if last is not None and (last.version, last.document) == (version, own):
        if name is not None:
            rename_publication(connection, scope, flow_id, last.number, name)
        return last.number
    number = last.number + 1 if last is not None else 1
    connection.execute(
        insert(table.publication).values(
            workspace_id=scope.workspace_id,
            flow_id=flow_id,
            number=number,
            version=version,
            name=name,
            document=own,
            published_at=now,
            published_by=scope.actor,
        )
    )
    return number


def rename_publication(
    connection: Connection, scope: Scope, flow_id: str, number: int, name: str | None
) -> bool:
    """Give a publication another name, or none; False where there is no such."""
    done = connection.execute(
        update(table.publication)
        .where(_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id, _p.number == number)
        .values(name=name)
    )
    return done.rowcount == 1


def list_publications(
    connection: Connection, scope: Scope, flow_id: str, *, limit: int, before: int | None
) -> list[Any]:
    """Return a flow's publications, newest first, with their authors' names."""
    query = (
        select(
            _p.number,
            _p.version,
            _p.name,
            _p.published_at,
            _p.published_by,
            _u.name.label("author"),
            (_p.number == _last_of_version()).label("is_last"),
        )
        .select_from(table.publication.outerjoin(table.user, _u.id == _p.published_by))
        .where(_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id)
        .order_by(_p.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(_p.number < before)
    return list(connection.execute(query).all())


def _last_of_version() -> Any:
    """Return the number under which a row's version was published last."""
    other = table.publication.alias()
    return (
        select(func.max(other.c.number))
        .where(
            other.c.workspace_id == _p.workspace_id,
            other.c.flow_id == _p.flow_id,
            other.c.version == _p.version,
        )
        .scalar_subquery()
    )


def list_unnumbered(connection: Connection, scope: Scope, flow_id: str) -> list[Any]:
    """Return the versions that were published before publications were noted, newest first."""
    noted = select(_p.version).where(_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id)
    query = (
        select(
            null().label("number"),
            _v.version,
            null().label("name"),
            _v.published_at,
            _v.published_by,
            _u.name.label("author"),
            true().label("is_last"),
        )
        .select_from(table.flow_version.outerjoin(table.user, _u.id == _v.published_by))
        .where(
            _v.workspace_id == scope.workspace_id,
            _v.flow_id == flow_id,
            _v.published_at.is_not(None),
            _v.version.not_in(noted),
        )
        .order_by(_v.published_at.desc())
    )
    return list(connection.execute(query).all())


def get_publication(connection: Connection, scope: Scope, flow_id: str, number: int) -> Any:
    """Return a publication with its document."""
    document = func.coalesce(_p.document, _v.document).label("document")
    return connection.execute(
        select(_p.number, _p.version, document)
        .join_from(
            table.publication,
            table.flow_version,
            (_v.workspace_id == _p.workspace_id)
            & (_v.flow_id == _p.flow_id)
            & (_v.version == _p.version),
        )
        .where(_p.workspace_id == scope.workspace_id, _p.flow_id == flow_id, _p.number == number)
    ).one_or_none()


def last_number(connection: Connection, scope: Scope, flow_id: str, version: str) -> int | None:
    """Return the number under which a version was published last."""
    return connection.execute(
        select(func.max(_p.number)).where(
            _p.workspace_id == scope.workspace_id, _p.flow_id == flow_id, _p.version == version
        )
    ).scalar()


def count_runs(connection: Connection, scope: Scope, flow_id: str) -> dict[str, tuple[int, int]]:
    """Count a flow's newest runs by version: all of them, and those that wait."""
    newest = (
        select(_r.version, _r.state)
        .where(_r.workspace_id == scope.workspace_id, _r.flow_id == flow_id)
        .order_by(_r.id.desc())
        .limit(COUNTED)
        .subquery()
    )
    waits = func.sum(case((newest.c.state == "waiting", 1), else_=0))
    rows = connection.execute(
        select(newest.c.version, func.count(), waits).group_by(newest.c.version)
    )
    return {version: (count, int(waiting or 0)) for version, count, waiting in rows}
