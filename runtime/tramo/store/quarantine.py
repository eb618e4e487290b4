"""Runs in quarantine: nobody takes them up until a person releases or ends them."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, update

from tramo.model.scope import Scope
from tramo.store import table
from tramo.store.ending import Ending
from tramo.store.row import JOURNAL_FORMAT

_r = table.run.c


def release(connection: Connection, scope: Scope, run_id: str, *, now: int) -> bool:
    """Make a run due as if it had never crashed; False when it is not in quarantine."""
    done = connection.execute(
        update(table.run)
        .where(
            _r.id == run_id,
            _r.workspace_id == scope.workspace_id,
            _r.state == "quarantined",
        )
        .values(
            state="running",
            reason=None,
            crashes=0,
            due_at=now,
            owner=None,
            lease_until=None,
            token=_r.token + 1,  # Whoever is about to set it aside again comes too late.
        )
    )
    return done.rowcount == 1


def end(
    connection: Connection, scope: Scope, run_id: str, *, segment: bytes, now: int
) -> list[str] | None:
    """Cancel a run with a last segment, and return the runs that go on because of it.

    None when it is not in quarantine.
    """
    row = connection.execute(
        update(table.run)
        .where(
            _r.id == run_id,
            _r.workspace_id == scope.workspace_id,
            _r.state == "quarantined",
        )
        .values(
            state="cancelled", reason="cancelled", ended_at=now, seq=_r.seq + 1, token=_r.token + 1
        )
        .returning(_r.seq, _r.parent)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(
        insert(table.segment).values(run_id=run_id, seq=row.seq, fmt=JOURNAL_FORMAT, body=segment)
    )
    connection.execute(delete(table.wait).where(table.wait.c.run_id == run_id))
    ending = Ending(
        run_id=run_id,
        parent=row.parent,
        cancelled_by=scope.actor,
        called=True,
        slot=True,
        now=now,
    )
    return ending.write(connection)
