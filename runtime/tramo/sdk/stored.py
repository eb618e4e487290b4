"""What a node of effect `stored` is handed: Tramo's own database, inside one transaction.

Everything that a stored function changes is committed together with its step's result, so that it
happens exactly once. It runs on the writing thread: no waiting, no network, little work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec


class Found(msgspec.Struct, frozen=True):
    """How many rows of a table match a question, and the first of them, each with its `key`."""

    count: int
    rows: list[dict[str, Any]]


class Window(msgspec.Struct, frozen=True):
    """A window of items, as the step that carries it finds it."""

    items: list[Any]
    """Empty while it is open."""
    opened_ms: int
    closes_ms: int | None
    closed_ms: int | None
    """Set once its time has come or it is full: then it is taken, and gone."""


class Tables(Protocol):
    """Named tables of rows; a row is an object, known by its key (a text)."""

    def get(self, table: str, key: str) -> dict[str, Any] | None: ...
    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None: ...
    def delete(self, table: str, key: str) -> bool: ...
    def query(
        self,
        table: str,
        where: Sequence[tuple[str, str, Any]],
        *,
        order: str | None,
        descending: bool,
        limit: int,
    ) -> Found: ...
    def count(self, table: str) -> int: ...


class Store(Protocol):
    """One step's view of the database. Instants are milliseconds since the epoch."""

    now_ms: int
    run_id: str
    flow_id: str
    node_id: str
    iteration: tuple[int, ...]
    key: str
    """The effect key of the step: the same in every re-run, and whenever the function is called
    again after a Hold."""
    held: bool
    """This step's function has returned a Hold before."""
    keys: Mapping[str, str]
    """The run's business keys by kind."""
    depth: int
    """How many runs above this one called each other."""

    @property
    def tables(self) -> Tables: ...

    def mark(self, scope: str, value: str, *, until_ms: int | None = None) -> bool:
        """Note a value in a scope of this workspace, until then; False if it is noted already."""
        ...

    def join_window(
        self, scope: str, item: Any, *, closes_ms: int | None, size: int | None
    ) -> tuple[bool, int]:
        """Add an item to the open window of a scope, opening one that closes then or at that size.

        Returns whether this step carries the window (it opened it), and the item's number in it.
        A window that is full wakes the run that carries it.
        """
        ...

    def take_window(self, scope: str) -> Window:
        """Return the window this step carries, and remove it once it is closed."""
        ...

    def take_turn(self, scope: str, *, count: int, per_ms: int) -> int:
        """Reserve the next free turn in a scope where `count` are allowed in `per_ms`; return when
        it is."""
        ...

    def start_flow(self, flow: str, event: Any, *, wait: bool) -> str | None:
        """Start a run of another flow's active version; return its id, the same at every call.

        Where this run is a re-run, what it starts goes on from what was started before; None while
        that is still going on: hold, and call again. With `wait`, its end wakes this run. Raises
        Rejected for an unknown or inactive flow, past the depth that runs may call each other, and
        where what was started before is not kept any more.
        """
        ...

    def outcome(self, run_id: str) -> dict[str, Any] | None:
        """Return `{run, state, reason, error, output}` of a run that has ended, else None."""
        ...
