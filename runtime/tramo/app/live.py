"""The live feed: what runs and steps do, for the people who are looking right now.

It is a bounded memory of this process and promises nothing: who was away too long, or read too
slowly, gets one `reset` and reads the present state again. Publish and subscribe from the event
loop's thread only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.ports.clock import Clock

REMEMBERED: Final = 2_000
WAITING: Final = 1_000


class LiveItem(msgspec.Struct, frozen=True):
    """One happening. `id` is `epoch-number`: another epoch means that the server was restarted."""

    id: str
    event: str
    data: bytes


class _Entry(msgspec.Struct, frozen=True):
    number: int
    workspace_id: str
    flow_id: str | None
    run_id: str | None
    item: LiveItem


class Subscription:
    """A listener's own bounded queue. Close it, or use it in a `with`."""

    def __init__(
        self, feed: LiveFeed, workspace_id: str, flow: str | None, run: str | None
    ) -> None:
        self._feed = feed
        self._workspace_id = workspace_id
        self._flow = flow
        self._run = run
        self._items: deque[LiveItem] = deque()
        self._bell = asyncio.Event()
        self._closed = False

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> LiveItem:
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._bell.clear()
            await self._bell.wait()
        return self._items.popleft()

    def close(self) -> None:
        """Stop listening; whoever waits for the next item is let go."""
        self._closed = True
        self._feed._leave(self)
        self._bell.set()

    def _wants(self, entry: _Entry) -> bool:
        return (
            entry.workspace_id == self._workspace_id
            and (self._flow is None or self._flow == entry.flow_id)
            and (self._run is None or self._run == entry.run_id)
        )

    def _put(self, item: LiveItem) -> None:
        if len(self._items) >= WAITING:
            self._items.clear()
            item = LiveItem(item.id, "reset", b"{}")
        self._items.append(item)
        self._bell.set()


class LiveFeed:
    """Hands happenings to whoever listens."""

    def __init__(self, *, clock: Clock, remembered: int = REMEMBERED) -> None:
        self._epoch = f"{clock.now_ms():x}"
        self._remembered = remembered
        self._entries: deque[_Entry] = deque(maxlen=remembered)
        self._listeners: list[Subscription] = []
        self._number = 0
        # Entries still to be kept although nobody listens, for one whose line broke; 0: keep none.
        self._patience = 0
        self._closed = False
        self.on_listener: Callable[[], None] = lambda: None
        """Called when somebody begins to listen."""

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def watched(self) -> set[str]:
        """Return the workspaces that somebody listens to."""
        return {listener._workspace_id for listener in self._listeners}

    def listening(self, _workspace_id: str) -> bool:
        """Tell whether a publication would be kept, so that nobody prepares one in vain."""
        return self._patience > 0

    def publish(self, workspace_id: str, event: str, data: dict[str, Any]) -> None:
        """Tell the listeners of a workspace; costs next to nothing while there are none.

        `event` is `run` (data with `id` and `flow_id`), `step` (data with `run_id`, `flow_id`), or
        what becomes of a flow: `flow` and `presence` (data with `flow_id`).
        """
        if not self._patience:
            return
        if not self._listeners:
            self._patience -= 1
            if not self._patience:
                self._forget()
                return
        self._number += 1
        item = LiveItem(f"{self._epoch}-{self._number}", event, encode(data))
        run_id = data.get("id") if event == "run" else data.get("run_id")
        entry = _Entry(self._number, workspace_id, data.get("flow_id"), run_id, item)
        self._entries.append(entry)
        for listener in self._listeners:
            if listener._wants(entry):
                listener._put(item)

    def subscribe(
        self,
        scope: Scope,
        flow: str | None = None,
        run: str | None = None,
        after: str | None = None,
    ) -> Subscription:
        """Listen from now on, or from what came `after` an item's id.

        The first item is a `reset` when what came between is not remembered any more.
        """
        subscription = Subscription(self, scope.workspace_id, flow, run)
        if self._closed:
            subscription.close()
            return subscription
        self._listeners.append(subscription)
        self._patience = self._remembered
        if after is not None:
            self._catch_up(subscription, after)
        self.on_listener()
        return subscription

    def _catch_up(self, subscription: Subscription, after: str) -> None:
        epoch, _, text = after.rpartition("-")
        first = self._entries[0].number if self._entries else self._number + 1
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1
        if epoch != self._epoch or not first - 1 <= number <= self._number:
            subscription._put(LiveItem(f"{self._epoch}-{self._number}", "reset", b"{}"))
            return
        for entry in self._entries:
            if entry.number > number and subscription._wants(entry):
                subscription._put(entry.item)

    def _leave(self, subscription: Subscription) -> None:
        if subscription in self._listeners:
            self._listeners.remove(subscription)

    def _forget(self) -> None:
        self._entries.clear()
        # A gap in the numbers, so that an id from before it is known to be too old.
        self._number += 2

    def close(self) -> None:
        """Let every listener go and take no new ones."""
        self._closed = True
        for listener in list(self._listeners):
            listener.close()
