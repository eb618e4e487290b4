"""A run in the hands of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tramo.engine import Finish, State
from tramo.model.event import Key
from tramo.store.wait import Place


class Outcome(msgspec.Struct, frozen=True):
    """How a run stands when somebody who waited for it is told."""

    run_id: str
    state: str
    reason: str | None
    response: Any = None
    output: Any = None


class LiveRun:
    """The state of a run, and what this process is doing about it."""

    __slots__ = (
        "__weakref__",
        "at_work",
        "calls",
        "crashes",
        "depth",
        "due_at",
        "finish",
        "going_on",
        "held_back",
        "interrupted",
        "is_big",
        "keys",
        "leased_until",
        "parent",
        "rung",
        "seq",
        "state",
        "storing",
        "tasks",
        "token",
        "uses",
        "waits",
        "workspace_id",
        "writing",
    )

    def __init__(
        self,
        workspace_id: str,
        state: State,
        *,
        token: int = 1,
        seq: int = 0,
        crashes: int = 0,
        keys: tuple[Key, ...] = (),
        parent: str | None = None,
        depth: int = 0,
        rung: int = 0,
        waits: set[Place] | None = None,
    ) -> None:
        self.workspace_id = workspace_id
        self.state = state
        self.token = token
        self.seq = seq
        self.crashes = crashes
        self.keys: list[Key] = list(keys)
        self.parent = parent
        self.depth = depth
        self.rung = rung
        """How often somebody had rung for it when its row was last read."""
        self.waits: set[Place] = waits or set()
        """Steps whose wait is a row."""
        self.calls = state.plan.stores
        """It may have called other flows, which end with it."""
        self.due_at: int | None = None
        self.leased_until = 0
        """Until when nobody else may take it over."""
        self.interrupted = False
        """It was taken up as another left it: what was being carried out is to be looked at before
        anything else happens to it."""
        self.is_big = False
        """It holds so much that only a few like it are in memory at once."""
        self.at_work = False
        """It has one of the process's slots."""
        self.tasks: dict[tuple[int, Any], asyncio.Task[None]] = {}
        self.uses = 0
        """Advances on their way to the disk, and whoever else keeps it in hand."""
        self.writing = asyncio.Lock()
        """Segments are written one after the other, in the order they were decided in."""
        self.storing = asyncio.Lock()
        """A stored step is being written: nothing is decided before its result is known."""
        self.going_on = False
        """It will say by itself that there is more to settle."""
        self.finish: Finish | None = None
        self.held_back: Outcome | None = None
        """Set where it was written in another state than it has here: nothing of it was done."""

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep it in hand, whatever becomes of it meanwhile."""
        self.uses += 1
        try:
            yield
        finally:
            self.uses -= 1

    @property
    def idle(self) -> bool:
        """Nothing of this run goes on in this process."""
        return not self.tasks and not self.uses

    @property
    def working(self) -> bool:
        """Something of it is being carried out in the world."""
        return bool(self.state.counted("running"))

    def cancel(self) -> None:
        """Stop what is being carried out."""
        for task in self.tasks.values():
            task.cancel()

    def outcome(self) -> Outcome:
        """Return how the run stands now."""
        if self.held_back is not None:
            return self.held_back
        state = self.state
        return Outcome(state.run_id, state.status, state.reason, state.response, last_output(state))


def last_output(state: State) -> Any:
    """Return the output of the last node, in Kahn's order, that has one."""
    env, states = state.root.env, state.root.states
    for node in state.plan.backwards:
        if node.id in env and states[node.slot] == "succeeded":
            return env[node.id]
    return None
