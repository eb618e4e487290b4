"""Concurrency limits: which of a flow's runs may go on, decided where runs are written.

Runs with the same slot are numbered as they are accepted; the first so many hold it. Knows rows,
not flows: the limit comes with the run.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

import msgspec
from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from tramo.model.flow import Concurrency
from tramo.model.run import CONCURRENCY, FINAL_RUN_STATES
from tramo.store import table
from tramo.store.lease import ask_to_stop

Verdict = Literal["go", "queue", "refuse"]
REASON: Final = CONCURRENCY

_s = table.slot.c
_r = table.run.c


class Admitted(msgspec.Struct, frozen=True):
    """What becomes of a run that is about to be written."""

    verdict: Verdict
    replaced: Sequence[str] = ()
    """The oldest runs, begun or not, that have to be asked to stop to make room for it."""


def admit(
    connection: Connection,
    *,
    run_id: str,
    workspace_id: str,
    flow_id: str,
    slot: str,
    limit: Concurrency,
    ended: bool,
    leaving: Collection[str] = (),
) -> Admitted:
    """Say whether a run may go on, in the transaction that writes it.

    `queue`: it is written `queued` without a due time, and `release` makes it due. `refuse`: it is
    written `cancelled` for the reason `concurrency`. A run that has `ended` already needs no slot
    of its own, but waits like any other where there is none. Those that are `leaving` are asked to
    stop already, though their rows may not say so yet.
    """
    place = (_s.workspace_id == workspace_id, _s.flow_id == flow_id, _s.slot == slot)
    rows = _runs(connection, place)
    free = len(rows) < limit.at_once
    if not free and limit.full == "refuse":
        return Admitted("refuse")
    if free and ended:
        return Admitted("go")
    connection.execute(
        insert(table.slot).values(
            run_id=run_id,
            workspace_id=workspace_id,
            flow_id=flow_id,
            slot=slot,
            number=(rows[-1].number if rows else 0) + 1,
            at_once=limit.at_once,
            holds=free,
        )
    )
    if free:
        return Admitted("go")
    if limit.full == "replace":
        alive = [row.run_id for row in rows if row.stop_by is None and row.run_id not in leaving]
        return Admitted("queue", replaced=alive[: max(len(alive) + 1 - limit.at_once, 0)])
    return Admitted("queue")


class Admission(msgspec.Struct, frozen=True):
    """Runs as they are to be written, each with its event."""

    runs: list[tuple[str, Any]]
    held_back: dict[str, str]
    """Those that may not go on, and the state they are written in instead."""
    replaced: dict[str, list[str]]
    """Older runs that were asked to stop, by the run that replaces them."""
    leaving: set[str]
    """All of those."""

    def stop_replaced(self, connection: Connection) -> None:
        """Ask those of the written runs to stop that others of them replace: only now there is a
        row to say it in."""
        written = {run.id: run for _, run in self.runs}
        for run_id, replaced in self.replaced.items():
            both = [each for each in replaced if each in written]
            ask_to_stop(connection, both, REASON, written[run_id].started_at)


def admit_runs(connection: Connection, entries: Sequence[tuple[str, Any]]) -> Admission:
    """Admit new runs (event id, NewRun) in the order in which they were accepted."""
    admission = Admission([], {}, {}, set())
    for event_id, run in entries:
        if run.limit is not None and run.slot is not None:
            run = _admit_new(connection, run, admission)
        admission.runs.append((event_id, run))
    return admission


def _admit_new(connection: Connection, run: Any, admission: Admission) -> Any:
    admitted = admit(
        connection,
        run_id=run.id,
        workspace_id=run.workspace_id,
        flow_id=run.flow_id,
        slot=run.slot,
        limit=run.limit,
        ended=run.state in FINAL_RUN_STATES,
        leaving=admission.leaving,
    )
    if admitted.verdict == "go":
        return run
    if admitted.replaced:
        ask_to_stop(connection, admitted.replaced, REASON, run.started_at)
        admission.replaced[run.id] = list(admitted.replaced)
        admission.leaving.update(admitted.replaced)
    state = "queued" if admitted.verdict == "queue" else "cancelled"
    admission.held_back[run.id] = state
    # What was decided of it so far was never written: whoever takes it up begins it anew.
    return msgspec.structs.replace(
        run,
        state=state,
        reason=REASON,
        error=None,
        result=None,
        owner=None,
        lease_until=None,
        due_at=None,
        ended_at=run.started_at if state == "cancelled" else None,
        segment=None,
        claims=(),
        waits=None,
    )


def turn_away(connection: Connection, run_id: str, token: int) -> bool:
    """Let a run wait on that has come due without a slot; tell whether that was so.

    Whoever spoke to a queued run and died has left it with a lease, which ends.
    """
    waits = select(_s.run_id).where(_s.run_id == run_id, _s.holds.is_(False))
    if connection.execute(waits).first() is None:
        return False
    connection.execute(
        update(table.run)
        .where(_r.id == run_id, _r.token == token)
        .values(due_at=None, owner=None, lease_until=None)
    )
    return True


def release(connection: Connection, run_id: str, now: int) -> list[str]:
    """Free the slot of a run that has ended, and return the queued runs that are due now."""
    row = connection.execute(
        delete(table.slot).where(_s.run_id == run_id).returning(*table.slot.columns)
    ).one_or_none()
    if row is None:
        return []
    place = (
        _s.workspace_id == row.workspace_id,
        _s.flow_id == row.flow_id,
        _s.slot == row.slot,
    )
    rows = _runs(connection, place)
    holding = sum(row.holds for row in rows)
    due: list[str] = []
    for waiting in rows:
        if waiting.holds or waiting.stop_by is not None:
            continue
        if holding >= waiting.at_once:
            break
        due.append(waiting.run_id)
        holding += 1
    if due:
        connection.execute(update(table.slot).where(_s.run_id.in_(due)).values(holds=True))
        connection.execute(update(table.run).where(_r.id.in_(due)).values(due_at=now, reason=None))
    return due


def _runs(connection: Connection, place: tuple[Any, ...]) -> Sequence[Row[Any]]:
    """Return the open runs of a slot in the order in which they were accepted.

    One that is accepted in the same commit may not have its row yet; one that has ended holds
    nothing, whoever ended it.
    """
    query = (
        select(table.slot, _r.stop_by)
        .select_from(table.slot.outerjoin(table.run, _r.id == _s.run_id))
        .where(*place, or_(_r.state.is_(None), _r.state.not_in(sorted(FINAL_RUN_STATES))))
        .order_by(_s.number)
    )
    return connection.execute(query).all()
