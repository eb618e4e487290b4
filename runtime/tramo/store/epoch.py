"""What a restore does to the runs that it brings back: none of them repeats an effect unasked.

A backup knows nothing of what happened after it: a run that had not succeeded may have sent
something since. Such runs are marked, and so is every run that one of them starts later; the engine
turns whatever they would send that must not be repeated into a question (`engine/retry.py`). No
clock decides which runs these are: they are those that the restored database holds.

Three more things begin runs by themselves that may have begun before: a schedule that makes up for
firings of before the restore, a poll that goes on from where it was at the backup, and a delivery
that was kept then and not yet read. Their runs are marked when they are written, a poll's until it
has caught up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, delete, func, insert, literal, select

from tramo.model.run import FINAL_RUN_STATES
from tramo.store import table
from tramo.store.upsert import upsert

_e = table.epoch.c
_m = table.restored.c
_r = table.run.c


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """The database went back in time."""

    number: int
    raised_at: int
    made_at: int


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """A restore, and what it found."""

    epoch: Epoch
    open_runs: int
    """Runs that had not ended."""


def raise_epoch(connection: Connection, *, now: int, made_at: int | None = None) -> Raised:
    """Note that the database is the one of a backup made at `made_at`, and mark its runs.

    Where nobody knows when the backup was made, it is as old as the newest thing in it.
    """
    if made_at is None:
        made_at = _newest(connection)
    number = (connection.execute(select(func.max(_e.number))).scalar() or 0) + 1
    mark(connection, [_id_of_poll(*place) for place in _polls(connection)], made_at)
    mark(connection, connection.execute(select(table.backlog.c.id)).scalars().all(), made_at)
    epoch = Epoch(number=number, raised_at=now, made_at=made_at)
    connection.execute(insert(table.epoch).values(msgspec.structs.asdict(epoch)))
    doubtful = select(_r.id, literal(made_at, BigInteger)).where(_r.state != "succeeded")
    connection.execute(
        upsert(table.restored)
        .from_select(["run_id", "made_at"], doubtful)
        .on_conflict_do_nothing(index_elements=["run_id"])
    )
    open_runs = select(func.count()).where(_r.state.not_in(sorted(FINAL_RUN_STATES)))
    return Raised(epoch=epoch, open_runs=connection.execute(open_runs).scalar_one())


def read_epoch(connection: Connection) -> Epoch | None:
    """Return the latest restore; None where there was none."""
    found = select(_e.number, _e.raised_at, _e.made_at).order_by(_e.number.desc()).limit(1)
    row = connection.execute(found).one_or_none()
    return None if row is None else Epoch(**row._mapping)


def restored_from(connection: Connection, run_id: str) -> int | None:
    """Return when the backup was made that brought a run back; None for any other run."""
    return connection.execute(select(_m.made_at).where(_m.run_id == run_id)).scalar()


def inherit(connection: Connection, heirs: Sequence[str], run_id: str) -> None:
    """Let runs that a run starts be as doubtful as it is: it may have started them before."""
    made_at = restored_from(connection, run_id)
    if made_at is not None:
        mark(connection, heirs, made_at)


def restored_poll(
    connection: Connection, workspace_id: str, flow_id: str, node_id: str
) -> int | None:
    """Return when the backup was made from which a poll has not caught up yet, if there is one."""
    return restored_from(connection, _id_of_poll(workspace_id, flow_id, node_id))


def caught_up(connection: Connection, workspace_id: str, flow_id: str, node_id: str) -> None:
    """Note that a poll has read all that it may have read before."""
    place = _id_of_poll(workspace_id, flow_id, node_id)
    connection.execute(delete(table.restored).where(_m.run_id == place))


def mark(connection: Connection, ids: Sequence[str], made_at: int) -> None:
    """Note that runs may be what a run did already that the restore took back."""
    if ids:
        connection.execute(
            upsert(table.restored).on_conflict_do_nothing(index_elements=["run_id"]),
            [{"run_id": each, "made_at": made_at} for each in ids],
        )


def _polls(connection: Connection) -> Sequence[Any]:
    t = table.timer.c
    query = select(t.workspace_id, t.flow_id, t.node_id).where(t.due_at.is_not(None))
    return connection.execute(query).all()


def _id_of_poll(*place: str) -> str:
    return f"poll_{hashlib.sha256('/'.join(place).encode()).hexdigest()[:40]}"


def _newest(connection: Connection) -> int:
    instants = (
        connection.execute(select(func.max(column))).scalar()
        for column in (
            table.event.c.received_at,
            table.backlog.c.received_at,
            _r.started_at,
            _r.ended_at,
        )
    )
    return max((at for at in instants if at is not None), default=0)
