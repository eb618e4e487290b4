"""What is kept how long, and letting go of the rest in small steps.

A run goes when it has ended and its time is over, unless somebody still needs it: a run that
copied it, or a parent that has not ended. Its event goes with the last of its runs, but not before
the event's own time. Claims of `once` and marks are promises about the future and outlive the runs
that made them. Nothing here touches a run that is open, asking or quarantined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from sqlalchemy import Connection, Row, Table, and_, delete, exists, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from tramo.model.run import FINAL_RUN_STATES, Step
from tramo.model.scope import Scope
from tramo.model.value import decode, encode
from tramo.store import table

DAY_MS: Final = 24 * 3_600 * 1_000
ROWS: Final = 500
"""Rows that one commit removes at most: who waits for the writer waits this long."""
LOOKED_AT: Final = 400
"""Rows that one commit looks at."""

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

    def __init__(self, chosen: Mapping[str, Mapping[str, Choice]]) -> None:
        self._chosen = chosen
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
    newest = now - rules.shortest_ms
    query = (
        select(*(_r[name] for name in _LOOKED))
        .where(_r.id > after)
        .order_by(_r.id)
        .limit(LOOKED_AT)
    )
    rows, gone = 0, []
    found = connection.execute(query).all()
    for run in found:
        if run.started_at > newest:
            return Swept(rows, None, tuple(gone))
        if not _is_over(run, rules, now) or _is_needed(connection, run):
            after = run.id
            continue
        removed, whole = _remove_run(connection, run, ROWS - rows)
        rows += removed
        if not whole:
            return Swept(rows, after, tuple(gone))
        after = run.id
        gone.append(run.id)
        kept_ms = rules.of(run.workspace_id).event_days * DAY_MS
        removed = _remove_events(connection, [run.event_id], before=now - kept_ms)
        rows += len(removed)
        gone.extend(removed)
        if rows >= ROWS:
            return Swept(rows, after, tuple(gone))
    return Swept(rows, after if len(found) == LOOKED_AT else None, tuple(gone))


_LOOKED: Final = (
    "id",
    "workspace_id",
    "flow_id",
    "event_id",
    "state",
    "started_at",
    "ended_at",
    "keys",
    "parent",
)


def _is_over(run: Row[Any], rules: Rules, now: int) -> bool:
    if run.state not in FINAL_RUN_STATES or run.ended_at is None:
        return False
    kept = rules.of(run.workspace_id, run.flow_id)
    days = kept.success_days if run.state == "succeeded" else kept.failure_days
    return run.ended_at <= now - days * DAY_MS


def _is_needed(connection: Connection, run: Row[Any]) -> bool:
    """Tell whether a copy of the run exists, or its parent has not ended."""
    copied = exists().where(_r.copied_from == run.id)
    if run.parent is not None:
        waiting = exists().where(_r.id == run.parent, _r.state.not_in(sorted(FINAL_RUN_STATES)))
        copied = copied | waiting
    return bool(connection.execute(select(copied)).scalar())


def _remove_run(connection: Connection, run: Row[Any], budget: int) -> tuple[int, bool]:
    """Remove a run, or as much of it as `budget` rows allow: its latest segments first, so that
    what is left still reads as the beginning of a run. Return the rows, and whether it is gone."""
    s = table.segment.c
    latest = (
        select(s.seq)
        .where(s.run_id == run.id)
        .order_by(s.seq.desc())
        .limit(budget)
        .scalar_subquery()
    )
    removed = connection.execute(delete(table.segment).where(s.run_id == run.id, s.seq.in_(latest)))
    if removed.rowcount >= budget:
        return removed.rowcount, False
    rows = removed.rowcount
    for hanging in HANGING:
        rows += connection.execute(delete(hanging).where(hanging.c.run_id == run.id)).rowcount
    rows += _remove_keys(connection, run)
    rows += connection.execute(delete(table.run).where(_r.id == run.id)).rowcount
    return rows, True


HANGING: Final[tuple[Table, ...]] = (table.wait, table.stripped)
"""Tables, besides the journal and the keys, whose rows go with their run; `run_id` leads their
primary key."""


def _remove_keys(connection: Connection, run: Row[Any]) -> int:
    k = table.run_key.c
    rows = 0
    for kind, value, connection_id in decode(run.keys):
        rows += connection.execute(
            delete(table.run_key).where(
                k.workspace_id == run.workspace_id,
                k.kind == kind,
                k.value == value,
                k.run_id == run.id,
                k.connection_id == connection_id,
            )
        ).rowcount
    return rows


def sweep_events(connection: Connection, rules: Rules, *, now: int, after: str = "") -> Swept:
    """Remove events that no run is of and whose own time is over, oldest first."""
    query = select(_e.id, _e.workspace_id, _e.received_at)
    query = query.where(_e.id > after).order_by(_e.id).limit(LOOKED_AT)
    found = connection.execute(query).all()
    gone: list[str] = []
    for workspace_id in {row.workspace_id for row in found}:
        before = now - rules.of(workspace_id).event_days * DAY_MS
        old = [
            row.id
            for row in found
            if row.workspace_id == workspace_id and row.received_at <= before
        ]
        gone += _remove_events(connection, old, before=before)
    last = found[-1].id if len(found) == LOOKED_AT else None
    return Swept(len(gone), last, tuple(gone))


def _remove_events(connection: Connection, event_ids: list[str], *, before: int) -> list[str]:
    """Remove those of the events that are old and that no run is of."""
    of_runs = exists().where(_r.event_id == _e.id)
    query = select(_e.id, _e.workspace_id, _e.type, _e["keys"])
    query = query.where(_e.id.in_(event_ids), _e.received_at <= before, ~of_runs)
    found = connection.execute(query).all()
    k = table.event_key.c
    for event in found:
        for kind, value, *_ in decode(event.keys):
            connection.execute(
                delete(table.event_key).where(
                    k.workspace_id == event.workspace_id,
                    k.type == event.type,
                    k.kind == kind,
                    k.value == value,
                    k.event_id == event.id,
                )
            )
    gone = [event.id for event in found]
    connection.execute(delete(table.event).where(_e.id.in_(gone)))
    return gone


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
