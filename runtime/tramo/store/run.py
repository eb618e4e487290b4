"""Events, runs and their journal: the units of the group commit and the queries over them.

The hot units (`Accept`, `Advance`) are written in bulk with one statement a table; what could not
be written in bulk because of one member is written again one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from tramo.model.event import Event, Key, RejectedDelivery
from tramo.model.flow import Concurrency
from tramo.model.value import decode, encode
from tramo.store import table
from tramo.store.backlog import Place, leave
from tramo.store.bulk import Row
from tramo.store.change import FLOWS, Outdated, read_number
from tramo.store.codec import pack
from tramo.store.commit import Unit
from tramo.store.echo import Change
from tramo.store.ending import Ending, Heard
from tramo.store.row import (
    ADVANCE,
    ADVANCED,
    INSERT_EVENT,
    INSERT_KEY,
    INSERT_RUN,
    INSERT_SEGMENT,
    event_row,
    key_rows,
    run_row,
    segment_row,
)
from tramo.store.slot import Admission, admit_runs
from tramo.store.upsert import upsert
from tramo.store.wait import Waits, match_event

if TYPE_CHECKING:
    from tramo.store.step import StoredStep


class NewRun(msgspec.Struct, kw_only=True):
    """A run as it is first written, with its first segment; queued where nothing else is said."""

    id: str
    workspace_id: str
    flow_id: str
    version: str
    trigger: str
    state: str = "queued"
    reason: str | None = None
    error: bytes | None = None
    origin: str
    copied_from: str | None = None
    generation: int = 0
    by_hand: bool = False
    owner: str | None = None
    lease_until: int | None = None
    due_at: int | None
    started_at: int
    ended_at: int | None = None
    segment: bytes | None = None
    """None for a run that is queued: whoever takes it up begins it."""
    keys: tuple[Key, ...]
    parent: str | None = None
    depth: int = 0
    rerun: str | None = None
    slot: str | None = None
    limit: Concurrency | None = None
    """How many runs may hold its slot; None: as many as there are."""
    result: bytes | None = None
    part: bytes | None = None
    """What a queued run takes over, or was given."""
    claims: tuple[OnceClaim, ...] = ()
    """What its first steps with `once` want."""
    waits: Waits | None = None
    failure: Heard | None = None
    """Set on a run that fails as it begins."""

    @property
    def plain(self) -> bool:
        """Nothing is to be looked up before it is written."""
        return not (self.limit or self.claims or self.waits or self.failure or self.part)


class Accepted(msgspec.Struct, frozen=True):
    """What became of a delivery. `taken` names the nodes whose `once` another run holds."""

    duplicate: bool = False
    taken: dict[str, list[tuple[str, str]]] = {}
    """By run id: (node, holder)."""
    woken: tuple[str, ...] = ()
    """Runs that waited for the event, that have to make room for its runs, or that start because
    one of them failed."""
    held_back: dict[str, str] = {}
    """Runs that may not go on, and the state in which they were written instead."""


class Accept(Unit[Accepted]):
    """An event and the runs it starts, in one commit. A known delivery id changes nothing, nor does
    a delivery that was read already."""

    def __init__(
        self,
        workspace_id: str,
        event: Event,
        runs: Sequence[NewRun],
        *,
        awaited: bool = False,
        view: int | None = None,
        kept: Place | None = None,
    ) -> None:
        self.workspace_id = workspace_id
        self.event = event
        self.runs = runs
        self.awaited = awaited
        """Runs may wait for events of this type, now or later."""
        self.view = view
        """How often flows had changed when the runs were decided upon; None where nobody else
        changes any."""
        self.kept = kept
        """Where the delivery was kept as it came until it was read, if it was."""

    @property
    def plain(self) -> bool:
        return not self.awaited and all(run.plain for run in self.runs)

    def apply(self, connection: Connection) -> Accepted:
        (outcome,) = self.apply_all(connection, [self])
        if isinstance(outcome, Outdated):
            raise outcome
        return outcome

    @classmethod
    def apply_all(
        cls, connection: Connection, units: Sequence[Accept]
    ) -> list[Accepted | Outdated]:
        """Write many; what was decided with an outdated view is left out, and gets Outdated."""
        if all(unit.view is None for unit in units):
            return [*cls._write_all(connection, units)]
        number = read_number(connection, FLOWS)
        timely = [unit for unit in units if unit.view in (None, number)]
        written = iter(cls._write_all(connection, timely) if timely else ())
        return [next(written) if unit.view in (None, number) else Outdated() for unit in units]

    @classmethod
    def _write_all(cls, connection: Connection, units: Sequence[Accept]) -> list[Accepted]:
        unread = _unread(connection, units)
        rows = [
            event_row(unit.workspace_id, unit.event, pack(unit.event.payload)) for unit in unread
        ]
        written = INSERT_EVENT.execute(connection, rows)
        fresh = unread if written == len(rows) else _unknown_before(connection, unread)
        entry = admit_runs(
            connection, [(unit.event.id, run) for unit in fresh for run in unit.runs]
        )
        taken = _insert_runs(connection, entry.runs)
        entry.stop_replaced(connection)
        known = {id(unit) for unit in fresh}
        held = entry.held_back
        woken = {id(unit): unit._wake(connection, entry) for unit in fresh}
        return [
            Accepted(
                duplicate=id(unit) not in known,
                taken={run.id: taken[run.id] for run in unit.runs if run.id in taken},
                woken=tuple(woken.get(id(unit), ())),
                held_back={run.id: held[run.id] for run in unit.runs if run.id in held},
            )
            for unit in units
        ]

    def _wake(self, connection: Connection, entry: Admission) -> list[str]:
        """Let others know what happened; return the runs that have something to do now."""
        woken: list[str] = []
        if self.awaited:
            woken += match_event(connection, self.workspace_id, self.event)
        for run in self.runs:
            woken += entry.replaced.get(run.id, ())
            if run.failure is not None and run.id not in entry.held_back:
                woken += run.failure.write(connection)
        return woken


def _unread(connection: Connection, units: Sequence[Accept]) -> list[Accept]:
    """Take what was kept off the backlog; return the units that nobody has written before."""
    left = leave(connection, [unit.kept for unit in units if unit.kept is not None])
    unread: list[Accept] = []
    for unit in units:
        if unit.kept is None:
            unread.append(unit)
        elif unit.kept in left:
            left.discard(unit.kept)
            unread.append(unit)
    return unread


_INSERT_CLAIM = upsert(table.once).on_conflict_do_nothing()


def _unknown_before(connection: Connection, units: Sequence[Accept]) -> list[Accept]:
    ids = [unit.event.id for unit in units]
    query = select(table.event.c.id).where(table.event.c.id.in_(ids))
    stored = set(connection.execute(query).scalars())
    return [unit for unit in units if unit.event.id in stored]


def _insert_runs(
    connection: Connection, entries: Sequence[tuple[str, NewRun]]
) -> dict[str, list[tuple[str, str]]]:
    if not entries:
        return {}
    INSERT_RUN.execute(connection, [run_row(run, event_id) for event_id, run in entries])
    runs = [run for _, run in entries]
    INSERT_SEGMENT.execute(
        connection,
        [segment_row(run.id, 0, pack(run.segment)) for run in runs if run.segment is not None],
    )
    keys = [row for run in runs for row in key_rows(run.workspace_id, run.id, run.keys)]
    INSERT_KEY.execute(connection, keys)
    taken: dict[str, list[tuple[str, str]]] = {}
    for run in runs:
        if run.waits is not None:
            run.waits.write(connection)
        if run.part is not None:
            connection.execute(insert(table.part).values(run_id=run.id, body=run.part))
        if run.claims:
            lost = _claim(connection, run.workspace_id, run.flow_id, run.claims)
            if lost:
                taken[run.id] = lost
    return taken


class OnceClaim(msgspec.Struct, frozen=True):
    """A step that wants to be the one that acts for a key."""

    node_id: str
    kind: str
    value: str
    holder: str
    """The family of runs, and the item of a loop, that claims it."""


def _claim(
    connection: Connection, workspace_id: str, flow_id: str, claims: Sequence[OnceClaim]
) -> list[tuple[str, str]]:
    """Claim rows of `once`; return the steps (node, holder) whose claim another one holds."""
    lost: list[tuple[str, str]] = []
    for claim in claims:
        place = {
            "workspace_id": workspace_id,
            "flow_id": flow_id,
            "node_id": claim.node_id,
            "kind": claim.kind,
            "value": claim.value,
        }
        connection.execute(_INSERT_CLAIM, {**place, "run_id": claim.holder})
        found = connection.execute(select(table.once.c.run_id).filter_by(**place)).scalar_one()
        if found != claim.holder:
            lost.append((claim.node_id, claim.holder))
    return lost


class Advance(Unit["Advanced"]):
    """One segment of a run and the row that goes with it, if the run is still ours."""

    def __init__(
        self,
        *,
        workspace_id: str,
        flow_id: str,
        run_id: str,
        token: int,
        seq: int,
        segment: bytes | None,
        row: dict[str, Any],
        keys: Sequence[Key] = (),
        claims: Sequence[OnceClaim] = (),
        releases: Sequence[tuple[str, str]] = (),
        waits: Waits | None = None,
        stored: StoredStep | None = None,
        ending: Ending | None = None,
        changes: Sequence[Change] = (),
    ) -> None:
        self.workspace_id = workspace_id
        self.flow_id = flow_id
        self.run_id = run_id
        self.token = token
        self.seq = seq
        self.segment = segment
        self.row = row
        self.keys = keys
        self.claims = claims
        self.releases = releases
        self.waits = waits
        self.stored = stored
        self.ending = ending
        self.changes = changes

    @property
    def plain(self) -> bool:
        """Nothing but its segment and its row is to be written."""
        return not (
            self.claims or self.releases or self.waits or self.stored or self.ending or self.changes
        )

    def apply(self, connection: Connection) -> Advanced:
        done = ADVANCE.execute(connection, [self.update_row()])
        if done != 1:
            return Advanced(fenced=True)
        return self._write_rest(connection)

    @classmethod
    def apply_all(cls, connection: Connection, units: Sequence[Advance]) -> list[Advanced]:
        plain = [unit for unit in units if unit.plain]
        together = len(plain) > 1 and _advance_together(connection, plain)
        return [Advanced() if together and unit.plain else unit.apply(connection) for unit in units]

    def update_row(self) -> Row:
        """Return what is set in the run's row, as `ADVANCE` takes it."""
        row = self.row
        return (self.run_id, self.token, self.seq, row["now"], *(row[name] for name in ADVANCED))

    def _write_rest(self, connection: Connection) -> Advanced:
        result: Any = None
        woken: list[str] = []
        if self.stored is not None:
            result = self.stored.apply(connection, woken)
            self.segment = result.segment
            # It came further: whoever has it next counts anew.
            if result.ended and self.row["crashes"]:
                mine = table.run.c.id == self.run_id
                connection.execute(update(table.run).where(mine).values(crashes=0))
        _write_segments(connection, [self])
        for node_id, holder in self.releases:
            connection.execute(
                table.once.delete().filter_by(
                    workspace_id=self.workspace_id,
                    flow_id=self.flow_id,
                    node_id=node_id,
                    run_id=holder,
                )
            )
        if self.waits is not None and self.waits.write(connection):
            woken.append(self.run_id)
        for change in self.changes:
            change.write(connection)
        if self.ending is not None:
            woken += self.ending.write(connection)
        taken = (
            _claim(connection, self.workspace_id, self.flow_id, self.claims) if self.claims else ()
        )
        return Advanced(taken=tuple(taken), woken=tuple(woken), result=result)


class Advanced(msgspec.Struct, frozen=True):
    """What became of an advance. `fenced`: another worker has the run; nothing was written."""

    fenced: bool = False
    taken: tuple[tuple[str, str], ...] = ()
    woken: tuple[str, ...] = ()
    """Runs that have something to do now."""
    result: Any = None
    """What a stored function gave."""


def _write_segments(connection: Connection, units: Sequence[Advance]) -> None:
    rows = [
        segment_row(unit.run_id, unit.seq, pack(unit.segment))
        for unit in units
        if unit.segment is not None
    ]
    INSERT_SEGMENT.execute(connection, rows)
    for unit in units:
        if unit.keys:
            _add_keys(connection, unit)


def _add_keys(connection: Connection, unit: Advance) -> None:
    """Note what a step said its run is about: in the index, and in the row, which knows all."""
    INSERT_KEY.execute(connection, key_rows(unit.workspace_id, unit.run_id, unit.keys))
    known = read_keys(connection, unit.run_id)
    every = dict.fromkeys((*known, *unit.keys))
    connection.execute(
        update(table.run).where(_r.id == unit.run_id).values({_r["keys"]: encode(list(every))})
    )


def _advance_together(connection: Connection, units: Sequence[Advance]) -> bool:
    """Write many at once; False, and nothing is written, where one of them is fenced."""
    with connection.begin_nested() as nested:
        if ADVANCE.execute(connection, [unit.update_row() for unit in units]) != len(units):
            nested.rollback()
            return False
        _write_segments(connection, units)
    return True


_r = table.run.c


def read_journal(connection: Connection, run_id: str) -> list[tuple[int, bytes]]:
    """Return a run's segments (format, body), oldest first."""
    s = table.segment.c
    rows = connection.execute(select(s.fmt, s.body).where(s.run_id == run_id).order_by(s.seq)).all()
    return [(fmt, body) for fmt, body in rows]


def read_payload(connection: Connection, event_id: str) -> bytes:
    """Return the output of the trigger that an event fired."""
    return connection.execute(
        select(table.event.c.payload).where(table.event.c.id == event_id)
    ).scalar_one()


def read_keys(connection: Connection, run_id: str) -> tuple[Key, ...]:
    """Return the business keys that a run began with, then those that its steps added."""
    found = connection.execute(select(_r["keys"]).where(_r.id == run_id)).scalar_one()
    return tuple(Key(*item) for item in decode(found))


def reject(connection: Connection, workspace_id: str, delivery: RejectedDelivery) -> None:
    """Keep a genuine delivery that could not be read."""
    connection.execute(
        insert(table.rejected).values(
            id=delivery.id,
            workspace_id=workspace_id,
            source=delivery.source,
            received_at=delivery.received_at,
            reason=delivery.reason,
            body=delivery.body,
        )
    )
