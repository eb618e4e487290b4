"""The Store that a stored node is handed: one step's view of the open transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from tramo.model.problem import TramoError
from tramo.sdk.error import Rejected
from tramo.sdk.stored import Found, Tables, Window
from tramo.store import call, data_table, mark, turn, window


class StepStore:
    """Implements `sdk.Store` over the writing connection.

    `woken` collects the runs that have to be woken when the transaction is durable.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        workspace_id: str,
        run_id: str,
        flow_id: str,
        node_id: str,
        iteration: tuple[int, ...],
        key: str,
        held: bool,
        keys: Mapping[str, str],
        depth: int,
        now_ms: int,
    ) -> None:
        self.now_ms = now_ms
        self.run_id = run_id
        self.flow_id = flow_id
        self.node_id = node_id
        self.iteration = iteration
        self.key = key
        self.held = held
        self.keys = keys
        self.depth = depth
        self.woken: list[str] = []
        self._connection = connection
        self._workspace_id = workspace_id
        self._tables = StepTables(connection, workspace_id, now_ms)

    @property
    def tables(self) -> Tables:
        return self._tables

    def mark(self, scope: str, value: str, *, until_ms: int | None = None) -> bool:
        return mark.note_mark(
            self._connection,
            self._workspace_id,
            scope,
            value,
            step=self.key,
            until=until_ms,
            now=self.now_ms,
        )

    def join_window(
        self, scope: str, item: Any, *, closes_ms: int | None, size: int | None
    ) -> tuple[bool, int]:
        joined = window.join_window(
            self._connection,
            self._place(scope),
            item,
            now=self.now_ms,
            closes_at=closes_ms,
            size=size,
        )
        if joined.full is not None and not joined.carries:  # Maybe another step of this very run.
            self.woken.append(joined.full)
        return joined.carries, joined.number

    def take_window(self, scope: str) -> Window:
        return window.take_window(self._connection, self._place(scope), self.now_ms)

    def _place(self, scope: str) -> window.Place:
        return window.Place(self._workspace_id, scope, self.key, self.run_id)

    def take_turn(self, scope: str, *, count: int, per_ms: int) -> int:
        return turn.take_turn(
            self._connection,
            self._workspace_id,
            scope,
            step=self.key,
            held=self.held,
            count=count,
            per_ms=per_ms,
            now=self.now_ms,
        )

    def start_flow(self, flow: str, event: Any, *, wait: bool) -> str | None:
        caller = call.Caller(
            self._workspace_id, self.run_id, self.node_id, self.iteration, self.key, self.depth
        )
        run_id, woken = call.start_flow(
            self._connection, caller, flow, event, wait=wait, now=self.now_ms
        )
        self.woken += woken
        return run_id

    def outcome(self, run_id: str) -> dict[str, Any] | None:
        return call.read_outcome(self._connection, run_id)


class StepTables:
    """Implements `sdk.Tables`; what a table refuses fails the step."""

    def __init__(self, connection: Connection, workspace_id: str, now_ms: int) -> None:
        self._connection = connection
        self._workspace_id = workspace_id
        self._now_ms = now_ms

    def get(self, table: str, key: str) -> dict[str, Any] | None:
        with _refusing():
            return data_table.get_row(self._connection, self._workspace_id, table, key)

    def put(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        with _refusing():
            data_table.put_row(
                self._connection, self._workspace_id, table, key, dict(row), self._now_ms
            )

    def delete(self, table: str, key: str) -> bool:
        with _refusing():
            return data_table.delete_row(self._connection, self._workspace_id, table, key)

    def query(
        self,
        table: str,
        where: Sequence[tuple[str, str, Any]],
        *,
        order: str | None,
        descending: bool,
        limit: int,
    ) -> Found:
        with _refusing():
            return data_table.query_rows(
                self._connection,
                self._workspace_id,
                table,
                where,
                order=order,
                descending=descending,
                limit=limit,
            )

    def count(self, table: str) -> int:
        with _refusing():
            return data_table.count_rows(self._connection, self._workspace_id, table)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except TramoError as error:
        raise Rejected(error.message, code=error.code) from None
