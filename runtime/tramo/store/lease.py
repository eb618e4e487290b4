"""Who works on a run, and until when: claims, leases, and runs that nobody may work on.

Instants are those of the database's one writer; a claim raises the token, so that whoever held the
run before can write no more.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, case, select, update

from tramo.model.run import FINAL_RUN_STATES
from tramo.store import table

_r = table.run.c


class Claim(msgspec.Struct, frozen=True):
    """A run that now belongs to the claimer."""

    id: str
    workspace_id: str
    flow_id: str
    version: str
    event_id: str
    trigger: str
    token: int
    seq: int
    crashes: int
    origin: str
    generation: int
    started_at: int
    depth: int
    parent: str | None
    copied_from: str | None
    rerun: str | None
    rung: int
    stop_by: str | None
    due_before: int | None = None
    """When it was due before it was claimed by name."""


_CLAIMED = (
    _r.id,
    _r.workspace_id,
    _r.flow_id,
    _r.version,
    _r.event_id,
    _r.trigger,
    _r.token,
    _r.seq,
    _r.crashes,
    _r.origin,
    _r.generation,
    _r.started_at,
    _r.depth,
    _r.parent,
    _r.copied_from,
    _r.rerun,
    _r.rung,
    _r.stop_by,
)


def claim_due(
    connection: Connection, *, owner: str, now: int, lease_ms: int, count: int
) -> list[Claim]:
    """Take over runs whose time has come or whose worker has gone.

    The claim counts as a crash where the run was being worked on: an orderly stop gives runs back
    first.
    """
    query = select(_r.id).where(_r.due_at <= now).order_by(_r.due_at).limit(count)
    return _take(connection, list(connection.execute(query).scalars()), owner, now, lease_ms)


def claim_run(
    connection: Connection, run_id: str, *, owner: str, now: int, lease_ms: int
) -> Claim | None:
    """Take over one run that nobody works on, whatever it waits for."""
    query = select(_r.id, _r.due_at).where(
        _r.id == run_id,
        _r.state.not_in(sorted(FINAL_RUN_STATES)),
        (_r.owner.is_(None)) | (_r.lease_until <= now),
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    (claim,) = _take(connection, [run_id], owner, now, lease_ms)
    return msgspec.structs.replace(claim, due_before=found.due_at)


def put_back(connection: Connection, claim: Claim) -> None:
    """Let a run that was claimed for nothing wait as before."""
    connection.execute(
        update(table.run)
        .where(_r.id == claim.id, _r.token == claim.token)
        .values(due_at=claim.due_before, owner=None, lease_until=None)
    )


def _take(
    connection: Connection, ids: list[str], owner: str, now: int, lease_ms: int
) -> list[Claim]:
    if not ids:
        return []
    lease = now + lease_ms
    rows = connection.execute(
        update(table.run)
        .where(_r.id.in_(ids))
        .values(
            crashes=_r.crashes + (_r.owner.is_not(None)),
            owner=owner,
            lease_until=lease,
            due_at=lease,
            token=_r.token + 1,
        )
        .returning(*_CLAIMED)
    ).all()
    return [Claim(*row) for row in rows]


def renew_leases(
    connection: Connection, run_ids: Sequence[str], *, owner: str, lease_until: int
) -> None:
    """Keep the runs that are being worked on."""
    connection.execute(
        update(table.run)
        .where(_r.id.in_(run_ids), _r.owner == owner)
        .values(lease_until=lease_until, due_at=lease_until)
    )


def give_back(connection: Connection, *, owner: str, now: int) -> None:
    """Let go of every run of a worker that stops in order: taking them up is no crash."""
    connection.execute(
        update(table.run)
        .where(_r.due_at.is_not(None), _r.owner == owner)
        .values(due_at=now, owner=None, lease_until=None)
    )


def orphan_leases(connection: Connection, now: int) -> int:
    """Make every leased run due at once: the process that held them is certainly gone."""
    return connection.execute(
        update(table.run)
        .where(_r.due_at.is_not(None), _r.owner.is_not(None))
        .values(due_at=now, lease_until=now)
    ).rowcount


def wake(connection: Connection, run_ids: Sequence[str], now: int) -> None:
    """Ring for runs: due at once where nobody works on them, else as soon as nobody does."""
    if run_ids:
        connection.execute(
            update(table.run)
            .where(_r.id.in_(run_ids), _r.state.not_in(sorted(FINAL_RUN_STATES)))
            .values(rung=_r.rung + 1, due_at=case((_r.owner.is_(None), now), else_=_r.due_at))
        )


def ask_to_stop(connection: Connection, run_ids: Sequence[str], actor: str, now: int) -> None:
    """Let runs stop before their next step, whoever works on them."""
    if run_ids:
        connection.execute(
            update(table.run)
            .where(_r.id.in_(run_ids), _r.state.not_in(sorted(FINAL_RUN_STATES)))
            .values(stop_by=actor)
        )
        wake(connection, run_ids, now)


def read_ring(connection: Connection, run_id: str) -> tuple[int, str | None]:
    """Return how often a run was rung for, and who asked it to stop."""
    row = connection.execute(select(_r.rung, _r.stop_by).where(_r.id == run_id)).one()
    return row.rung, row.stop_by


def wake_parked(connection: Connection, workspace_id: str, now: int) -> list[str]:
    """Make runs that wait for a connection due, and return their ids."""
    return list(
        connection.execute(
            update(table.run)
            .where(
                _r.workspace_id == workspace_id, _r.state == "waiting", _r.reason == "connection"
            )
            .values(due_at=now)
            .returning(_r.id)
        ).scalars()
    )


def quarantine(connection: Connection, run_id: str, token: int) -> None:
    """Set a run aside that took its worker down again and again."""
    connection.execute(
        update(table.run)
        .where(_r.id == run_id, _r.token == token)
        .values(state="quarantined", reason="crashed", due_at=None, owner=None, lease_until=None)
    )


def hold(connection: Connection, run_id: str, token: int) -> None:
    """Let a run wait for a connector that is not installed."""
    connection.execute(
        update(table.run)
        .where(_r.id == run_id, _r.token == token)
        .values(state="waiting", reason="missing_type", due_at=None, owner=None, lease_until=None)
    )


def next_due(connection: Connection) -> int | None:
    """Return when the next run is due."""
    query = select(_r.due_at).where(_r.due_at.is_not(None)).order_by(_r.due_at).limit(1)
    return connection.execute(query).scalar()
