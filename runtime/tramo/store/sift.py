"""An event whose runs are looked at one by one in the transaction that stores it: those that the
flow's own change would start again, and those that start later."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select, text, update

from tramo.model.event import Event, Key
from tramo.model.value import encode
from tramo.store import table
from tramo.store.backlog import Place, leave
from tramo.store.commit import Unit
from tramo.store.echo import DEPTH_LIMIT, Echo, consume
from tramo.store.run import Accept, Accepted, NewRun
from tramo.store.table.run import DELIVERED
from tramo.store.upsert import upsert

_e = table.event.c
_r = table.run.c
_d = table.delayed.c
_k = table.run_key.c


class Postponed(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is queued until its delay is over, one for each value of a key."""

    run: NewRun
    value: str
    restart: bool
    """Whether a newer event takes the waiting one's place, and its delay begins anew."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What an event is about, where a change of our own may have brought it about."""

    connection_id: str
    kind: str
    value: str


class Sifted(Accepted, frozen=True):
    """What became of an event. `dropped`: ids of the runs that were not started."""

    dropped: frozenset[str] = frozenset()
    depth: int = 0
    """The depth of the runs that were."""


class Sift(Unit[Accepted]):
    """Like Accept, for events that need a closer look. A known delivery id changes nothing."""

    def __init__(
        self,
        workspace_id: str,
        event: Event,
        runs: Sequence[NewRun],
        *,
        postponed: Sequence[Postponed] = (),
        origin: Origin | None = None,
        muted: frozenset[str] = frozenset(),
        awaited: bool = False,
        view: int | None = None,
        kept: Place | None = None,
    ) -> None:
        """`muted` are the runs that the own changes of their flow do not start."""
        self.workspace_id = workspace_id
        self.event = event
        self.runs = runs
        self.postponed = postponed
        self.origin = origin
        self.muted = muted
        self.awaited = awaited
        self.view = view
        self.kept = kept

    def apply(self, connection: Connection) -> Sifted:
        if self.kept is not None and not leave(connection, [self.kept]):
            return Sifted(duplicate=True)
        if self._is_known(connection):
            return Sifted(duplicate=True)
        echo = self._echo(connection)
        depth = echo.next_depth
        kept = [run for run in self.runs if self._starts(run, echo)]
        kept += [
            each.run
            for each in self.postponed
            if self._starts(each.run, echo) and not self._replaces(connection, each)
        ]
        for run in kept:
            run.depth = depth
        accepted = Accept(
            self.workspace_id, self.event, kept, awaited=self.awaited, view=self.view
        ).apply(connection)
        dropped = {run.id for run in self.runs} - {run.id for run in kept}
        return Sifted(
            taken=accepted.taken,
            woken=accepted.woken,
            held_back=accepted.held_back,
            dropped=frozenset(dropped),
            depth=depth,
        )

    def _is_known(self, connection: Connection) -> bool:
        query = select(_e.id).where(
            _e.workspace_id == self.workspace_id,
            _e.source == self.event.source,
            _e.delivery_id == self.event.delivery_id,
            text(DELIVERED),
        )
        return connection.execute(query).first() is not None

    def _echo(self, connection: Connection) -> Echo:
        if self.origin is None:
            return Echo()
        return consume(
            connection,
            self.workspace_id,
            connection_id=self.origin.connection_id,
            type=self.event.type,
            kind=self.origin.kind,
            value=self.origin.value,
            now=self.event.received_at,
        )

    def _starts(self, run: NewRun, echo: Echo) -> bool:
        if run.id in self.muted and run.flow_id in echo.flows:
            return False
        return echo.next_depth <= DEPTH_LIMIT

    def _replaces(self, connection: Connection, new: Postponed) -> bool:
        """Let a waiting run stand for the event, if there is one; else note that this one waits."""
        place = {
            "workspace_id": self.workspace_id,
            "flow_id": new.run.flow_id,
            "node_id": new.run.trigger,
            "value": new.value,
        }
        waiting = connection.execute(select(_d.run_id).filter_by(**place)).scalar()
        if waiting is not None and self._moved(connection, waiting, new):
            return True
        connection.execute(
            upsert(table.delayed)
            .values(**place, run_id=new.run.id)
            .on_conflict_do_update(index_elements=list(place), set_={"run_id": new.run.id})
        )
        return False

    def _moved(self, connection: Connection, run_id: str, new: Postponed) -> bool:
        """Tell whether a run still waits; with `restart` it now waits with this event."""
        still = (_r.id == run_id) & (_r.state == "queued") & _r.owner.is_(None)
        if not new.restart:
            return connection.execute(select(_r.id).where(still)).first() is not None
        moved = connection.execute(
            update(table.run)
            .where(still)
            .values(
                event_id=self.event.id,
                version=new.run.version,
                due_at=new.run.due_at,
                started_at=new.run.started_at,
                keys=encode(new.run.keys),
            )
        )
        if moved.rowcount != 1:
            return False
        connection.execute(table.run_key.delete().where(_k.run_id == run_id))
        _write_keys(connection, self.workspace_id, run_id, new.run.keys)
        return True


def _write_keys(
    connection: Connection, workspace_id: str, run_id: str, keys: Sequence[Key]
) -> None:
    rows = [
        {
            "workspace_id": workspace_id,
            "kind": key.kind,
            "value": key.value,
            "run_id": run_id,
            "connection_id": key.connection_id,
        }
        for key in keys
    ]
    if rows:
        connection.execute(upsert(table.run_key).on_conflict_do_nothing(), rows)
