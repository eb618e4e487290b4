"""A stored step: its function runs inside the transaction that holds its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from tramo.model.pause import Hold
from tramo.store.lease import wake
from tramo.store.stored import StepStore


class StoredResult(msgspec.Struct, frozen=True):
    """What a stored function gave, as journalled; or why it did not."""

    segment: bytes | None = None
    outcome: Any = None
    error: Exception | None = None
    ended: bool = False
    """The step is done, and not only held."""


class StoredStep:
    """A stored function with its params, to be run on the writing connection.

    `journal` makes the segment of what the function returned.
    """

    def __init__(
        self,
        function: Callable[[Any, Any], Any],
        params: Any,
        journal: Callable[[Any], tuple[bytes, Any]],
        **place: Any,
    ) -> None:
        self._function = function
        self._params = params
        self._journal = journal
        self._place = place

    def apply(self, connection: Connection, woken: list[str]) -> StoredResult:
        """Run it; an error takes back what it changed, and nothing else."""
        store = StepStore(connection, **self._place)
        nested = connection.begin_nested()
        try:
            given = self._function(store, self._params)
            segment, outcome = self._journal(given)
        except Exception as error:  # noqa: BLE001 - it is the step's failure, told by the runner
            nested.rollback()
            return StoredResult(error=error)
        nested.commit()
        wake(connection, store.woken, store.now_ms)
        woken += store.woken
        return StoredResult(segment, outcome, ended=not isinstance(given, Hold))
