"""What is kept how long, and letting go of the rest in small steps.

A run goes when it has ended and its time is over, unless another try would have to know what it
did: one of itself, of a run of its family, or of its caller. Its event goes with the last of its
runs, but not before the event's own time. Claims of `once` and marks are promises about the future
and outlive the runs that made them. Nothing here touches a run that is open, asking or quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import (
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    text,
    update,
)

from tramo.model.run import FINAL_RUN_STATES, Step
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.store import table
from tramo.store.table.desk import FAMILY
from tramo.store.upsert import upsert

DAY_MS: Final = 24 * 3_600 * 1_000
ROWS: Final = 500
"""Rows that one commit removes at most: who waits for the writer waits this long."""
LOOKED_AT: Final = 400
"""Rows that one commit looks at."""
READ_AT_ONCE: Final = 4_000
"""Rows that one read looks at."""

Days = Annotated[int, Meta(ge=1, le=36_500)]


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long a flow's data is kept, in days; with `metadata_only` its payloads and outputs go
    when a run has ended."""

    success_days: Days = 30
    failure_days: Days = 90
    event_days: Days = 7
    act_days: Days = 400
    metadata_only: bool = False


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody chose; null leaves it to the workspace, and there to the house."""

    success_days: Days | None = None
    failure_days: Days | None = None
    event_days: Days | None = None
    act_days: Days | None = None
    metadata_only: bool | None = None


_t = table.retention.c
_r = table.run.c
_e = table.event.c
_FIELDS: Final = Choice.__struct_fields__
HOUSE: Final = Retention()


# Choosing -----------------------------------------------------------------------------------------


def choose(
    connection: Connection, scope: Scope, flow_id: str | None, choice: Choice, *, now: int
) -> None:
    """Keep a choice for a flow, or for the workspace."""
    fields = {name: getattr(choice, name) for name in _FIELDS}
    row = {
        "workspace_id": scope.workspace_id,
        "flow_id": flow_id or "",
        **fields,
        "updated_at": now,
        "updated_by": scope.actor,
    }
    changed = {name: row[name] for name in (*fields, "updated_at", "updated_by")}
    connection.execute(
        upsert(table.retention)
        .values(row)
        .on_conflict_do_update(index_elements=["workspace_id", "flow_id"], set_=changed)
    )


def choices(
    connection: Connection, workspace_id: str | None = None
) -> dict[str, dict[str, Choice]]:
    """Return what was chosen, by workspace and flow; the workspace's own has the empty flow id."""
    query = select(_t.workspace_id, _t.flow_id, *(_t[name] for name in _FIELDS))
    if workspace_id is not None:
        query = query.where(_t.workspace_id == workspace_id)
    found: dict[str, dict[str, Choice]] = {}
    for row in connection.execute(query).all():
        fields = dict(zip(_FIELDS, row[2:], strict=True))
        found.setdefault(row.workspace_id, {})[row.flow_id] = Choice(**fields)
    return found


class Rules:
    """What holds for every flow, put together from choices and defaults."""

    def __init__(
        self,
        chosen: Mapping[str, Mapping[str, Choice]],
        open_since: Mapping[str, int] | None = None,
    ) -> None:
        self._chosen = chosen
        self.open_since = open_since or {}
        """When the oldest open run of a workspace began: its waits may look back until then."""
        self._known: dict[tuple[str, str], Retention] = {}

    def of(self, workspace_id: str, flow_id: str = "") -> Retention:
        """Return what holds for a flow, or for a workspace."""
        place = (workspace_id, flow_id)
        if place not in self._known:
            own = self._chosen.get(workspace_id, {})
            found = _over(HOUSE, own.get(""))
            self._known[place] = _over(found, own.get(flow_id)) if flow_id else found
        return self._known[place]

    @property
    def shortest_ms(self) -> int:
        """The time for which every run is kept, whatever flow it is of."""
        every = [HOUSE, *(self.of(w, f) for w, own in self._chosen.items() for f in own)]
        return min(min(one.success_days, one.failure_days) for one in every) * DAY_MS

    @property
    def shortest_event_ms(self) -> int:
        """The time for which every event is kept, whatever workspace it is of."""
        every = [HOUSE, *(self.of(workspace) for workspace in self._chosen)]
        return min(one.event_days for one in every) * DAY_MS

    def thin(self) -> list[tuple[str, str | None]]:
        """Name the flows of which metadata is all that stays; without a flow, the workspace."""
        return [
            (workspace, flow or None)
            for workspace, own in self._chosen.items()
            for flow in own
            if self.of(workspace, flow).metadata_only
        ]


def _over(under: Retention, choice: Choice | None) -> Retention:
    if choice is None:
        return under
    fields = {name: getattr(choice, name) for name in _FIELDS}
    return msgspec.structs.replace(under, **{k: v for k, v in fields.items() if v is not None})


# Letting go of runs and events --------------------------------------------------------------------


class Swept(msgspec.Struct, frozen=True):
    """What one commit removed, and where the next goes on; `after` is None at the end."""

    rows: int = 0
    after: str | None = None
    gone: tuple[str, ...] = ()
    """Runs and events whose blobs may go."""


def sweep_runs(connection: Connection, rules: Rules, *, now: int, after: str = "") -> Swept:
    """Remove ended runs whose time is over, oldest first, with everything that hangs on them."""
    query = _looked_at().where(_r.id > after).order_by(_r.id).limit(LOOKED_AT)
    found = connection.execute(query).all()
    newest = now - rules.shortest_ms
    old = [run for run in found if run.started_at <= newest]
    over = [run for run in old if _is_over(run, rules, now)]
    needed = _needed(connection, over, rules, now)
    over = [run for run in over if run.id not in needed]
    some = _as_many_as_fit(connection, over)
    if over and not some:
        return Swept(_shorten(connection, over[0].id, now), after)
    rows = _remove_runs(connection, some)
    gone = [run.id for run in some]
    for workspace_id in {run.workspace_id for run in some}:
        before = now - rules.of(workspace_id).event_days * DAY_MS
        events = [run.event_id for run in some if run.workspace_id == workspace_id]
        since = rules.open_since.get(workspace_id)
        gone += _remove_events(connection, events, before=before, since=since)
    rows += len(gone) - len(some)
    if len(some) < len(over):
        return Swept(rows, some[-1].id, tuple(gone))
    return Swept(rows, old[-1].id if len(old) == LOOKED_AT else None, tuple(gone))


def _looked_at() -> Select[Any]:
    names = "id workspace_id flow_id event_id state started_at ended_at keys parent"
    return select(*(_r[name] for name in (*names.split(), "origin", "copied_from")))


def _is_over(run: Row[Any], rules: Rules, now: int) -> bool:
    if run.state not in FINAL_RUN_STATES or run.ended_at is None:
        return False
    kept = rules.of(run.workspace_id, run.flow_id)
    days = kept.success_days if run.state == "succeeded" else kept.failure_days
    return run.ended_at <= now - days * DAY_MS


def _needed(connection: Connection, runs: Sequence[Row[Any]], rules: Rules, now: int) -> set[str]:
    """Return those of the runs that another try would have to know of: a family goes when all of
    it is over, each after what it goes on from, and a called run goes after its caller."""
    origins = {run.origin for run in runs}
    tries = _looked_at().where(_r.origin.in_(origins), text(FAMILY))
    found = connection.execute(tries).all()
    kept = {run.origin for run in found if not _is_over(run, rules, now)}
    before = {id for run in runs for id in (run.copied_from, run.parent) if id is not None}
    there = set(connection.execute(select(_r.id).where(_r.id.in_(before))).scalars())
    return {
        run.id
        for run in runs
        if run.origin in kept or run.copied_from in there or run.parent in there
    }


def _as_many_as_fit(connection: Connection, runs: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Return the first of the runs, as many as have `ROWS` rows together."""
    s = table.segment.c
    query = select(s.run_id, func.count().label("number"))
    query = query.where(s.run_id.in_([run.id for run in runs])).group_by(s.run_id)
    segments = {row.run_id: row.number for row in connection.execute(query).all()}
    some: list[Row[Any]] = []
    left = ROWS
    for run in runs:
        left -= segments.get(run.id, 0) + len(decode(run.keys)) + 2
        if left < 0:
            break
        some.append(run)
    return some


def _shorten(connection: Connection, run_id: str, now: int) -> int:
    """Remove the latest segments of a run that has more rows than one commit may remove: what is
    left reads as the beginning of a run, and nobody goes on from it. Return how many."""
    gone = {"run_id": run_id, "stripped_at": now, "steps": encode([])}
    connection.execute(upsert(table.stripped).values(gone).on_conflict_do_nothing())
    s = table.segment.c
    latest = select(s.seq).where(s.run_id == run_id).order_by(s.seq.desc()).limit(ROWS)
    return connection.execute(
        delete(table.segment).where(s.run_id == run_id, s.seq.in_(latest.scalar_subquery()))
    ).rowcount


HANGING: Final[tuple[Table, ...]] = (
    table.segment,
    table.wait,
    table.stripped,
    table.restored,
    table.part,
)
"""Tables, besides that of the keys, whose rows go with their run; `run_id` leads their primary
key."""


def _remove_runs(connection: Connection, runs: Sequence[Row[Any]]) -> int:
    """Remove runs with what hangs on them, and return how many rows it was."""
    ids = [run.id for run in runs]
    rows = sum(
        connection.execute(delete(of).where(of.c.run_id.in_(ids))).rowcount for of in HANGING
    )
    k = table.run_key.c
    keys = [
        {"w": run.workspace_id, "k": kind, "v": value, "r": run.id, "c": connection_id}
        for run in runs
        for kind, value, connection_id in decode(run.keys)
    ]
    if keys:
        place = {
            k.workspace_id: "w",
            k.kind: "k",
            k.value: "v",
            k.run_id: "r",
            k.connection_id: "c",
        }
        same = and_(*(column == bindparam(name) for column, name in place.items()))
        connection.execute(delete(table.run_key).where(same), keys)
        rows += len(keys)
    return rows + connection.execute(delete(table.run).where(_r.id.in_(ids))).rowcount


def lonely_events(
    connection: Connection, rules: Rules, *, now: int, after: str = ""
) -> tuple[list[str], str | None]:
    """Return events that no run is of and that may be over, oldest first, and where to look on.

    Most events have a run: a reader looks through them, and the writer removes what is found.
    """
    query = select(_e.id, _e.received_at).where(_e.id > after).order_by(_e.id).limit(READ_AT_ONCE)
    found = connection.execute(query).all()
    old = [row.id for row in found if row.received_at <= now - rules.shortest_event_ms]
    if not old:
        return [], None
    of_runs = exists().where(_r.event_id == _e.id)
    query = select(_e.id).where(_e.id > after, _e.id <= old[-1], ~of_runs).order_by(_e.id)
    last = old[-1] if len(old) == READ_AT_ONCE else None
    return list(connection.execute(query).scalars()), last


def sweep_events(
    connection: Connection, rules: Rules, event_ids: list[str], *, now: int
) -> list[str]:
    """Remove those of the events that no run is of and whose own time is over; return them."""
    query = select(_e.id, _e.workspace_id, _e.received_at).where(_e.id.in_(event_ids))
    found = connection.execute(query).all()
    gone: list[str] = []
    for workspace_id in {row.workspace_id for row in found}:
        before = now - rules.of(workspace_id).event_days * DAY_MS
        old = [
            row.id
            for row in found
            if row.workspace_id == workspace_id and row.received_at <= before
        ]
        since = rules.open_since.get(workspace_id)
        gone += _remove_events(connection, old, before=before, since=since)
    return gone


def _remove_events(
    connection: Connection, event_ids: list[str], *, before: int, since: int | None
) -> list[str]:
    """Remove those of the events that are old, that no run is of, and that no wait of a run which
    is open `since` then may look back for."""
    of_runs = exists().where(_r.event_id == _e.id)
    query = select(_e.id, _e.workspace_id, _e.type, _e.received_at, _e["keys"])
    query = query.where(_e.id.in_(event_ids), _e.received_at <= before, ~of_runs)
    gone: list[str] = []
    for event in connection.execute(query).all():
        keys = [_key_place(event, kind, value) for kind, value, *_ in decode(event.keys)]
        # It may have come before such a run began, and been read only after.
        if since is not None and event.received_at >= since - DAY_MS:
            awaited = (select(exists().where(place)) for place in keys)
            if any(connection.execute(one).scalar() for one in awaited):
                continue
        for place in keys:
            connection.execute(delete(table.event_key).where(place))
        gone.append(event.id)
    connection.execute(delete(table.event).where(_e.id.in_(gone)))
    return gone


def _key_place(event: Any, kind: str, value: str) -> Any:
    k = table.event_key.c
    return and_(
        k.workspace_id == event.workspace_id,
        k.type == event.type,
        k.kind == kind,
        k.value == value,
        k.event_id == event.id,
    )


def open_since(connection: Connection) -> dict[str, int]:
    """Return when the oldest open run of each workspace began."""
    query = select(_r.workspace_id, func.min(_r.started_at).label("since"))
    query = query.where(_r.state.not_in(sorted(FINAL_RUN_STATES))).group_by(_r.workspace_id)
    return {row.workspace_id: row.since for row in connection.execute(query).all()}


def existing(connection: Connection, owners: list[str]) -> set[str]:
    """Return those of the runs and events that are there."""
    runs = connection.execute(select(_r.id).where(_r.id.in_(owners))).scalars()
    events = connection.execute(select(_e.id).where(_e.id.in_(owners))).scalars()
    return {*runs, *events}


# Letting go by age --------------------------------------------------------------------------------


class Ageing(msgspec.Struct, frozen=True):
    """Rows that go when they are old enough, whatever else is kept."""

    of: Table
    at: str
    days: Callable[[Retention], int]


AGEING: Final = (
    Ageing(table.rejected, "received_at", lambda kept: kept.event_days),
    Ageing(table.act, "at", lambda kept: kept.act_days),
    Ageing(table.notice, "created_at", lambda kept: kept.failure_days),
    Ageing(table.alert, "last_at", lambda kept: kept.failure_days),
)


def sweep_aged(
    connection: Connection, ageing: Ageing, rules: Rules, workspace_id: str, *, now: int
) -> int:
    """Remove up to `ROWS` of the rows that are too old, and return how many."""
    c = ageing.of.c
    before = now - ageing.days(rules.of(workspace_id)) * DAY_MS
    old = select(c.id).where(c.workspace_id == workspace_id, c[ageing.at] <= before)
    return connection.execute(
        delete(ageing.of).where(c.id.in_(old.order_by(c.id).limit(ROWS)))
    ).rowcount


# Keeping metadata only ----------------------------------------------------------------------------


def first_whole(
    connection: Connection, workspace_id: str, flow_id: str | None, since: str
) -> str | None:
    """Return the first run, from `since` on, whose data is there."""
    query = select(_r.id).where(
        _r.workspace_id == workspace_id,
        _r.id >= since,
        ~exists().where(table.stripped.c.run_id == _r.id),
    )
    if flow_id is not None:
        query = query.where(_r.flow_id == flow_id)
    return connection.execute(query.order_by(_r.id).limit(1)).scalar()


def strippable(
    connection: Connection, workspace_id: str, flow_id: str | None, since: str
) -> list[tuple[str, str]]:
    """Return ended runs (run, flow), from `since` on, whose data is there and needed by nobody."""
    query = select(_r.id, _r.flow_id).where(
        _r.workspace_id == workspace_id, _r.id >= since, _done_with()
    )
    if flow_id is not None:
        query = query.where(_r.flow_id == flow_id)
    rows = connection.execute(query.order_by(_r.id).limit(LOOKED_AT)).all()
    return [(row.id, row.flow_id) for row in rows]


def _done_with() -> Any:
    """Say of which runs the data is there and needed neither by a caller nor by another try."""
    final = sorted(FINAL_RUN_STATES)
    parent, again = table.run.alias("parent"), table.run.alias("again")
    return and_(
        _r.state.in_(final),
        ~exists().where(table.stripped.c.run_id == _r.id),
        ~exists().where(parent.c.id == _r.parent, parent.c.state.not_in(final)),
        ~exists().where(
            again.c.origin == _r.origin,
            again.c.copied_from.is_not(None),
            again.c.state.not_in(final),
        ),
    )


def strip_run(connection: Connection, run_id: str, steps: list[Step], *, now: int) -> list[str]:
    """Leave the metadata of an ended run: `steps` as they are to be shown. Its journal goes, its
    result, and its event's payload once no other run needs it. Return whose blobs may go."""
    run = connection.execute(
        select(_r.event_id, _r.error).where(_r.id == run_id, _done_with())
    ).one_or_none()
    if run is None:
        return []
    connection.execute(
        upsert(table.stripped)
        .values(run_id=run_id, stripped_at=now, steps=encode(steps))
        .on_conflict_do_nothing()
    )
    connection.execute(delete(table.segment).where(table.segment.c.run_id == run_id))
    connection.execute(delete(table.wait).where(table.wait.c.run_id == run_id))
    connection.execute(delete(table.part).where(table.part.c.run_id == run_id))
    error = encode({**decode(run.error), "details": None}) if run.error else None
    connection.execute(update(table.run).where(_r.id == run_id).values(error=error, result=None))
    needing = exists().where(
        _r.event_id == run.event_id, ~exists().where(table.stripped.c.run_id == _r.id)
    )
    if connection.execute(select(needing)).scalar():
        return [run_id]
    blank = update(table.event).where(_e.id == run.event_id)
    connection.execute(blank.values(payload=b"null"))
    return [run_id, run.event_id]


def stripped_steps(connection: Connection, run_id: str) -> list[Step] | None:
    """Return the steps of a run whose data is gone; None where it is there."""
    s = table.stripped.c
    steps = connection.execute(select(s.steps).where(s.run_id == run_id)).scalar()
    return None if steps is None else msgspec.convert(decode(steps), list[Step])
