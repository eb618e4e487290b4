"""A run as it was recorded: its version's document, what the trigger gave, the journal as it was
stored, and the steps that people saw then."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, LargeBinary, select, type_coerce
from tramo.app.house import House
from tramo.engine import State, fold, view_steps
from tramo.graph import load
from tramo.graph.plan import Plan, compile_plan
from tramo.model.event import Key
from tramo.model.value import decode, encode
from tramo.runner.load import first_keys
from tramo.runner.prior import prior_steps
from tramo.store import table
from tramo.store.codec import unpack

from tests.kit import REGISTRY

Stored = list[tuple[int, str]]
"""Segments by format, packed as in the store, in base64."""


class Recording(msgspec.Struct, kw_only=True):
    """What a file of the corpus holds; `tramo` is the release whose code ran it."""

    tramo: str
    story: str
    version: str
    document: Any
    run: str
    trigger: str
    origin: str
    generation: int
    keys: list[Any]
    rerun: str | None
    before: Stored
    """Journals of the runs that this one goes on with."""
    output: Any
    """The trigger's."""
    segments: Stored
    state: str
    steps: list[dict[str, Any]]

    @classmethod
    def read(cls, path: Path) -> Recording:
        return msgspec.convert(decode(path.read_bytes()), cls)

    def write(self, path: Path) -> None:
        """Write a new file; a recorded run never changes."""
        with path.open("xb") as file:
            file.write(msgspec.json.format(encode(self), indent=1) + b"\n")

    def plan(self) -> Plan:
        """Compile the document as today's Tramo does, at the version that the run had."""
        return compile_plan(load(encode(self.document)), self.version, REGISTRY.node_type)

    @property
    def journal(self) -> list[tuple[int, bytes]]:
        return _unpacked(self.segments)

    def fold(self, plan: Plan, count: int | None = None) -> State:
        """Rebuild the run's state from its first segments; from all of them by default."""
        keys = first_keys(msgspec.convert(self.keys, tuple[Key, ...]))
        return fold(
            plan,
            run_id=self.run,
            trigger=self.trigger,
            output=self.output,
            segments=self.journal[:count],
            origin=self.origin,
            generation=self.generation,
            keys=keys,
            prior=prior_steps(plan, _unpacked(self.before), self.rerun),
        )

    def view(self, plan: Plan) -> list[dict[str, Any]]:
        """Return the steps as people see them today."""
        trigger = plan.by_id[self.trigger].index
        state = State(
            plan,
            run_id=self.run,
            trigger=trigger,
            origin=self.origin,
            generation=self.generation,
        )
        return decode(encode(view_steps(state, self.journal, self.output)))


def _unpacked(stored: Stored) -> list[tuple[int, bytes]]:
    return [(fmt, unpack(base64.b64decode(body))) for fmt, body in stored]


async def record(house: House, run_id: str, story: str, release: str) -> Recording:
    """Return a run of a house as it stands."""
    row, document, before, segments = await house.database.read(lambda c: _read(c, run_id))
    made = Recording(
        tramo=release,
        story=story,
        version=row.version,
        document=decode(document),
        run=row.id,
        trigger=row.trigger,
        origin=row.origin,
        generation=row.generation,
        keys=decode(row[5]),
        rerun=row.rerun,
        before=before,
        output=decode(row.payload),
        segments=segments,
        state=row.state,
        steps=[],
    )
    made.steps = made.view(made.plan())
    return made


def _read(connection: Connection, run_id: str) -> tuple[Any, bytes, Stored, Stored]:
    r, v = table.run.c, table.flow_version.c
    row = connection.execute(
        select(
            r.id, r.version, r.trigger, r.origin, r.generation, r["keys"], r.rerun, r.state,
            r.copied_from, r.workspace_id, r.flow_id, table.event.c.payload,
        )
        .join(table.event, table.event.c.id == r.event_id)
        .where(r.id == run_id)
    ).one()  # fmt: skip
    document = connection.execute(
        select(v.document).where(
            v.workspace_id == row.workspace_id, v.flow_id == row.flow_id, v.version == row.version
        )
    ).scalar_one()
    before: list[Stored] = []
    other = row.copied_from
    while other is not None:
        before.append(_segments(connection, other))
        other = connection.execute(select(r.copied_from).where(r.id == other)).scalar()
    earlier = [segment for stored in reversed(before) for segment in stored]
    return row, document, earlier, _segments(connection, run_id)


def _segments(connection: Connection, run_id: str) -> Stored:
    s = table.segment.c
    rows = connection.execute(
        select(s.fmt, type_coerce(s.body, LargeBinary)).where(s.run_id == run_id).order_by(s.seq)
    )
    return [(fmt, base64.b64encode(bytes(body)).decode()) for fmt, body in rows]
