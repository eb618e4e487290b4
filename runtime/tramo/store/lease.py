"""Who works on a run, and until when: claims, leases, and runs that nobody may work on.

A claim raises the token, so that whoever held the run before can write no more. Claims of several
workers pass over each other's rows and never wait for one another.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

import msgspec
from sqlalchemy import Connection, case, select, tuple_, update

from tramo.model.limit import CRASHES_BEFORE_SUSPICION
from tramo.model.run import FINAL_RUN_STATES
from tramo.store import table
from tramo.store.loss import blame, note_losses

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


_CRASHES = _r.crashes + case((_r.owner.is_not(None), 1), else_=0)
_SUSPECT = _CRASHES >= CRASHES_BEFORE_SUSPICION


def claim_due(
    connection: Connection,
    *,
    owner: str,
    now: int,
    lease_ms: int,
    count: int,
    suspects: int,
    in_hand: Collection[str] = (),
) -> list[Claim]:
    """Take over at most `count` runs whose time has come or whose worker has gone, and `suspects`
    of those that may be what takes workers down: first those that the fewest died with. Were it
    always the same one's turn again, kills from outside would fall on that one.

    What the claimer has in hand is not among them, whatever the clock says. Where more are
    due than may be taken, workspaces, and the flows of each, get equal shares.
    The claim counts as a crash where the run was being worked on: an orderly stop gives runs back
    first.
    """
    due = (_r.due_at <= now, _r.id.not_in(in_hand))
    found = _oldest(connection, count + 1, *due, ~_SUSPECT)
    if len(found) > count:
        found = _shared_out(connection, (*due, ~_SUSPECT), found, count)
    if suspects:
        found += _oldest(connection, suspects, *due, _SUSPECT, first=(_CRASHES,))
    return _take(connection, found, owner, now, lease_ms)


def _oldest(
    connection: Connection, count: int, *where: Any, first: tuple[Any, ...] = ()
) -> list[Any]:
    """Return id, owner and due time of those that wait longest."""
    query = select(_r.id, _r.owner, _r.due_at).where(*where).order_by(*first, _r.due_at)
    return list(connection.execute(query.limit(count).with_for_update(skip_locked=True)))


def _shared_out(
    connection: Connection, due: tuple[Any, ...], oldest: list[Any], count: int
) -> list[Any]:
    """Choose among due runs so that no flow and no workspace holds the others up."""
    flows = _flows_with_work(connection)
    share: list[list[Any]] = []
    for workspace_id, of_workspace in flows.items():
        each = max(1, count // (len(flows) * len(of_workspace)))
        for flow_id in of_workspace:
            mine = (_r.workspace_id == workspace_id, _r.flow_id == flow_id)
            share.append(_oldest(connection, each, *mine, *due))
    # The first of each, then the second of each; what is left of the room goes to the oldest. Where
    # there is not even room for one of each, those come that wait longest.
    share = sorted(filter(None, share), key=lambda rows: rows[0].due_at)
    rounds = (row for group in zip_longest(*share) for row in group if row is not None)
    return list(dict.fromkeys([*rounds, *oldest]))[:count]


def _flows_with_work(connection: Connection) -> dict[str, list[str]]:
    """Return the flows, by workspace, that have runs with a due time: one step into the index for
    each."""
    found: dict[str, list[str]] = {}
    last: tuple[str, str] | None = None
    while True:
        query = select(_r.workspace_id, _r.flow_id).where(_r.due_at.is_not(None))
        if last is not None:
            query = query.where(tuple_(_r.workspace_id, _r.flow_id) > last)
        row = connection.execute(query.order_by(_r.workspace_id, _r.flow_id).limit(1)).first()
        if row is None:
            return found
        last = (row.workspace_id, row.flow_id)
        found.setdefault(last[0], []).append(last[1])


def claim_run(
    connection: Connection, run_id: str, *, owner: str, now: int, lease_ms: int
) -> Claim | None:
    """Take over one run that nobody works on, whatever it waits for."""
    query = select(_r.id, _r.owner, _r.due_at).where(
        _r.id == run_id,
        _r.state.not_in(sorted(FINAL_RUN_STATES)),
        (_r.owner.is_(None)) | (_r.lease_until <= now),
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    (claim,) = _take(connection, [found], owner, now, lease_ms)
    return msgspec.structs.replace(claim, due_before=found.due_at)


def put_back(connection: Connection, claim: Claim) -> None:
    """Let a run that was claimed for nothing wait as before; not if it was set aside since."""
    connection.execute(
        update(table.run)
        .where(_r.id == claim.id, _r.token == claim.token, _r.owner.is_not(None))
        .values(due_at=claim.due_before, owner=None, lease_until=None)
    )


def _take(
    connection: Connection, found: list[Any], owner: str, now: int, lease_ms: int
) -> list[Claim]:
    if not found:
        return []
    if lost := {row.owner for row in found if row.owner is not None}:
        note_losses(connection, lost, now)
    lease = now + lease_ms
    rows = connection.execute(
        update(table.run)
        .where(_r.id.in_([row.id for row in found]))
        .values(
            crashes=_r.crashes + case((_r.owner.is_not(None), 1), else_=0),
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
) -> set[str]:
    """Keep the runs that are being worked on; return those that are still the owner's."""
    return set(
        connection.execute(
            update(table.run)
            .where(_r.id.in_(run_ids), _r.owner == owner)
            .values(lease_until=lease_until, due_at=lease_until)
            .returning(_r.id)
        ).scalars()
    )


def give_back(connection: Connection, *, owner: str, now: int) -> None:
    """Let go of every run of a worker that stops in order: taking them up is no crash."""
    connection.execute(
        update(table.run)
        .where(_r.due_at.is_not(None), _r.owner == owner)
        .values(due_at=now, owner=None, lease_until=None)
    )


def give_up(
    connection: Connection, run_id: str, token: int, due_at: int, *, blamed: bool = True
) -> None:
    """Let go of a run that could not be gone on with, which counts as a crash if it is blamed."""
    connection.execute(
        update(table.run)
        .where(_r.id == run_id, _r.token == token, _r.owner.is_not(None))
        .values(due_at=due_at, owner=None, lease_until=None, crashes=_r.crashes + int(blamed))
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
    """Ring for runs that wait for a connection, and return their ids."""
    query = select(_r.id).where(
        _r.workspace_id == workspace_id, _r.state == "waiting", _r.reason == "connection"
    )
    parked = list(connection.execute(query).scalars())
    wake(connection, parked, now)
    return parked


def set_aside(connection: Connection, claim: Claim) -> bool:
    """Put a claimed run into quarantine if it is what took its workers down; tell whether it is."""
    if not blame(connection, claim.crashes):
        return False
    quarantine(connection, claim.id, claim.token)
    return True


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


def next_due(
    connection: Connection, *, suspects: bool = True, in_hand: Collection[str] = ()
) -> int | None:
    """Return when the next run is due that is not in hand, with the suspects or without."""
    query = select(_r.due_at).where(_r.due_at.is_not(None), _r.id.not_in(in_hand))
    query = query.order_by(_r.due_at).limit(1)
    return connection.execute(query if suspects else query.where(~_SUSPECT)).scalar()
