"""Re-runs: the runs of one origin, and the row of a further one."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, insert, or_, select, text, update

from tramo.model.event import Key
from tramo.model.part import PART, Part, read_part
from tramo.model.run import FINAL_RUN_STATES
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.store import table
from tramo.store.epoch import inherit
from tramo.store.row import JOURNAL_FORMAT
from tramo.store.run import NewRun
from tramo.store.table.desk import FAMILY
from tramo.store.upsert import upsert

_r = table.run.c


def family_ids(connection: Connection, scope: Scope, origin: str) -> list[str]:
    """Return the ids of the runs of one origin, oldest first: each after the one that it goes on
    from, whatever the clock said by then."""
    later = select(_r.id).where(_r.origin == origin, text(FAMILY))
    query = (
        select(_r.id, _r.copied_from)
        .where(_r.workspace_id == scope.workspace_id, or_(_r.id == origin, _r.id.in_(later)))
        .order_by(_r.started_at, _r.id)
    )
    before = {row.id: row.copied_from for row in connection.execute(query)}
    found: dict[str, None] = {}
    for run_id in before:
        line: list[str] = []
        following: str | None = run_id
        while following is not None and following in before and following not in found:
            line.append(following)
            following = before[following]
        found.update(dict.fromkeys(reversed(line)))
    return list(found)


class Basis(msgspec.Struct, frozen=True):
    """What another try of a family stands on."""

    last: str
    """The newest of it: it knows of everything that any of them did."""
    part: Part | None
    """What is taken over besides journals."""


def read_basis(connection: Connection, scope: Scope, origin: str) -> Basis:
    """Return what another try of a family stands on, as long as it is kept."""
    ids = family_ids(connection, scope, origin)
    trials = select(_r.id).where(_r.id.in_(ids), _r.rerun == PART)
    of_some_nodes = set(connection.execute(trials).scalars())
    base = next((id for id in reversed(ids) if id not in of_some_nodes), ids[-1])
    body = read_part_of(connection, base)
    part = None if body is None else read_part(body)
    return Basis(ids[-1], going_on(ids[-1], base, part))


def going_on(last: str, base: str, part: Part | None) -> Part | None:
    """Return what a further try takes over besides journals: the data of the run that counts,
    which is `base` and had `part`, and of trials after it only what they did."""
    given = part.given if part is not None else ()
    data_of = base if base != last else None
    return Part(given=given, data_of=data_of) if given or data_of else None


def queue_run(connection: Connection, run: NewRun, event_id: str) -> None:
    """Add a run of a stored event that somebody is to take up when it is due."""
    connection.execute(
        insert(table.run).values(
            id=run.id,
            workspace_id=run.workspace_id,
            flow_id=run.flow_id,
            version=run.version,
            event_id=event_id,
            trigger=run.trigger,
            state=run.state,
            reason=run.reason,
            by_hand=run.by_hand,
            origin=run.origin,
            copied_from=run.copied_from,
            generation=run.generation,
            seq=0,
            due_at=run.due_at,
            token=1,
            crashes=0,
            started_at=run.started_at,
            keys=encode(run.keys),
            depth=run.depth,
            rerun=run.rerun,
            slot=run.slot,
        )
    )
    if run.part is not None:
        connection.execute(insert(table.part).values(run_id=run.id, body=run.part))
    if run.keys:
        connection.execute(
            upsert(table.run_key).on_conflict_do_nothing(),
            [_key_row(run.workspace_id, run.id, key) for key in run.keys],
        )
    if run.copied_from is not None and run.rerun is not None:
        inherit(connection, [run.id], run.copied_from)


def read_part_of(connection: Connection, run_id: str) -> bytes | None:
    """Return what was kept beside a run; None for one that takes over all or nothing."""
    p = table.part.c
    return connection.execute(select(p.body).where(p.run_id == run_id)).scalar()


def _key_row(workspace_id: str, run_id: str, key: Key) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "kind": key.kind,
        "value": key.value,
        "run_id": run_id,
        "connection_id": key.connection_id,
    }


def runs_before(connection: Connection, run_id: str | None) -> list[Any]:
    """Return id and version of a run and of all that it is a re-run of, the oldest first."""
    before: list[Any] = []
    while run_id is not None:
        query = select(_r.id, _r.version, _r.copied_from).where(_r.id == run_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            break
        before.append(row)
        run_id = row.copied_from
    return before[::-1]


def is_known_whole(connection: Connection, run_id: str) -> bool:
    """Tell whether a run and all that it is a re-run of are still kept, with all they did."""
    following: str | None = run_id
    while following is not None:
        row = connection.execute(
            select(_r.copied_from, table.stripped.c.run_id)
            .select_from(table.run.outerjoin(table.stripped, table.stripped.c.run_id == _r.id))
            .where(_r.id == following)
        ).one_or_none()
        if row is None or row.run_id is not None:
            return False
        following = row.copied_from
    return True


def add_to_ended(connection: Connection, run_id: str, *, seq: int, segment: bytes) -> bool:
    """Add a segment after a run's end; False when somebody else did so since `seq`."""
    done = connection.execute(
        update(table.run)
        .where(_r.id == run_id, _r.seq == seq, _r.state.in_(sorted(FINAL_RUN_STATES)))
        .values(seq=seq + 1)
    )
    if done.rowcount != 1:
        return False
    connection.execute(
        insert(table.segment).values(run_id=run_id, seq=seq + 1, fmt=JOURNAL_FORMAT, body=segment)
    )
    return True
