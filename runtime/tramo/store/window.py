"""Windows: items that several runs put together, and the one run that goes on with them.

The step that opens a window carries it. A window whose carrier has ended without taking it is never
lost: what others put in moves to the next window of its scope.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from tramo.model.run import FINAL_RUN_STATES
from tramo.model.value import decode, encode
from tramo.sdk.stored import Window
from tramo.store import table

ITEMS: Final = 10_000
BYTES: Final = 4 * 1024 * 1024
"""A window that has as many items, or as much in them, closes at once."""

_w = table.item_window.c
_i = table.window_item.c


class Joined(msgspec.Struct, frozen=True):
    """Where an item went."""

    carries: bool
    """Whether the step that gave it carries the window."""
    number: int
    """The item's number in the window, from 1."""
    full: str | None = None
    """The run that carries the window, if this item made it full."""


class Place(msgspec.Struct, frozen=True):
    """A scope, and the step that asks."""

    workspace_id: str
    scope: str
    step: str
    run_id: str


def join_window(
    connection: Connection,
    place: Place,
    item: Any,
    *,
    now: int,
    closes_at: int | None,
    size: int | None,
) -> Joined:
    """Add an item to the open window of a scope, opening one if there is none."""
    windows = _windows(connection, place)
    lost = [row for row in windows if row.state in FINAL_RUN_STATES]
    left = [item for row in lost for item in _break_up(connection, place, row.step)]
    taking = (row.step for row in windows if row not in lost and _takes_more(row, now))
    window = next(taking, None) or _open(connection, place, now=now, closes_at=closes_at, size=size)
    for step, raw in left:
        _add(connection, place, window, step, raw)
    number = _add(connection, place, window, place.step, encode(item))
    full = _close_if_full(connection, place, window, now)
    return Joined(window == place.step, number, full)


def take_window(connection: Connection, place: Place, now: int) -> Window:
    """Return the window that a step carries, and remove it if its time has come or it is full."""
    row = connection.execute(select(table.item_window).where(*_window(place, place.step))).one()
    closed_at = row.closed_at
    if closed_at is None and row.closes_at is not None and row.closes_at <= now:
        closed_at = now
    if closed_at is None:
        return Window([], row.opened_at, row.closes_at, None)
    items = connection.execute(
        select(_i.item).where(*_items_of(place, place.step)).order_by(_i.number)
    ).scalars()
    taken = [decode(item) for item in items]
    _remove(connection, place, place.step)
    return Window(taken, row.opened_at, row.closes_at, closed_at)


# Windows -----------------------------------------------------------------------------------------


def _windows(connection: Connection, place: Place) -> list[Row[Any]]:
    """Return the windows of a scope, oldest first, each with the state of the run that carries
    it."""
    query = (
        select(table.item_window, table.run.c.state)
        .join_from(table.item_window, table.run, table.run.c.id == _w.run_id)
        .where(_w.workspace_id == place.workspace_id, _w.scope == place.scope)
        .order_by(_w.opened_at, _w.step)
    )
    return list(connection.execute(query).all())


def _takes_more(row: Row[Any], now: int) -> bool:
    return row.closed_at is None and (row.closes_at is None or row.closes_at > now)


def _window(place: Place, step: str) -> tuple[Any, ...]:
    return (
        _w.workspace_id == place.workspace_id,
        _w.scope == place.scope,
        _w.step == step,
    )


def _open(
    connection: Connection, place: Place, *, now: int, closes_at: int | None, size: int | None
) -> str:
    connection.execute(
        insert(table.item_window).values(
            workspace_id=place.workspace_id,
            scope=place.scope,
            step=place.step,
            run_id=place.run_id,
            opened_at=now,
            closes_at=closes_at,
            size=size,
            count=0,
            bytes=0,
        )
    )
    return place.step


def _break_up(connection: Connection, place: Place, window: str) -> list[tuple[str, bytes]]:
    """Remove a window and return what others put in, (step, item): they have gone on.

    The carrier's own item goes with its run, which puts it in again if it is run again.
    """
    items = connection.execute(
        select(_i.step, _i.item).where(*_items_of(place, window)).order_by(_i.number)
    ).all()
    _remove(connection, place, window)
    return [(row.step, row.item) for row in items if row.step != window]


def _remove(connection: Connection, place: Place, window: str) -> None:
    connection.execute(delete(table.window_item).where(*_items_of(place, window)))
    connection.execute(delete(table.item_window).where(*_window(place, window)))


def _close_if_full(connection: Connection, place: Place, window: str, now: int) -> str | None:
    row = connection.execute(select(table.item_window).where(*_window(place, window))).one()
    most = min(row.size or ITEMS, ITEMS)
    if row._mapping["count"] < most and row.bytes < BYTES:
        return None
    connection.execute(
        update(table.item_window).where(*_window(place, window)).values(closed_at=now)
    )
    return row.run_id


# Items -------------------------------------------------------------------------------------------


def _items_of(place: Place, window: str) -> tuple[Any, ...]:
    return (
        _i.workspace_id == place.workspace_id,
        _i.scope == place.scope,
        _i.window == window,
    )


def _add(connection: Connection, place: Place, window: str, step: str, raw: bytes) -> int:
    number = connection.execute(
        update(table.item_window)
        .where(*_window(place, window))
        .values(count=_w.count + 1, bytes=_w.bytes + len(raw))
        .returning(_w.count)
    ).scalar_one()
    connection.execute(
        insert(table.window_item).values(
            workspace_id=place.workspace_id,
            scope=place.scope,
            window=window,
            number=number,
            step=step,
            item=raw,
        )
    )
    return number
