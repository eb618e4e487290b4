"""The course of a run: what its flow's document allows, held against what its journal says.

It reads the document's arrows by itself and asks the engine for nothing, so that a node that begins
too early, twice or never is seen whatever state the engine kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

from tramo.engine.journal import Transition, decode_segment, iteration_of
from tramo.model.flow import Edge, Flow, Node, Retry
from tramo.testing.simulation.file import Place, RunFile
from tramo.testing.simulation.vendor import PAUSES_S

BEGINS: Final = frozenset("ibkswlf")
BACKOFF_MOST_S: Final = 900
TOO_LONG: Final = "step.timeout"
SPREAD: Final = 1.25
"""A further try comes so much later at most than the one before says."""
OPEN: Final = object()
"""How a node stands that nothing is settled about."""
DEAD: Final = None
"""How a node stands that delivers by no port."""


class Course:
    """One run's way through its flow, as its journal tells it."""

    def __init__(self, file: RunFile, broken: Callable[[str], None]) -> None:
        assert file.plan is not None
        self._file = file
        self._broken = broken
        flow: Flow = file.plan.flow
        self._flow = flow
        self._nodes: dict[str, Node] = {node.id: node for node in flow.nodes}
        self._into: dict[str, list[Edge]] = defaultdict(list)
        for edge in flow.edges:
            self._into[edge.to].append(edge)
        self._triggers = file.plan.triggers
        self._raced = self._before_races()
        self._ways: dict[Place, Any] = {}
        """By which port each step that is settled delivers."""
        self._begun: dict[Place, None] = {}
        self._running: dict[Place, None] = {}
        self._params: dict[Place, Any] = {}
        self._attempts: dict[Place, int] = {}
        self._items: dict[Place, int] = {}
        """How many items each loop has."""
        self._done: set[Place] = set()
        """Items that are done, by their loop and path."""
        self._results: dict[Place, Any] = {}
        """What was kept of each item, by its loop and path."""
        self._lost: dict[Place, None] = {}
        """What lost a race before it began."""
        self._beaten: set[Place] = set()
        """What lost a race after it began."""
        self._aside: set[Place] = set()
        """What waits for another try."""
        self._over_at: int | None = None
        """When the run has taken as long as it may."""
        self._failed: set[Place] = set()
        """Items that failed, and loops that end because one of theirs did."""
        self._fails_as: str | None = None
        """How the run is to end, by what stopped it first."""
        self._latest = ""
        self._stopped = False
        self._ended = False

    def follow(self) -> None:
        """Go along the journal, and look at its end whether anything was left out."""
        for at, transition in _transitions(self._file):
            self._take(at, transition)
        if self._file.row is not None and self._file.row.state == "succeeded":
            self._look_back()

    def _wrong(self, rule: str, place: Place, words: str) -> None:
        self._broken(f"{rule}: {self._file.id} {place[0]} {list(place[1])} {words}")

    # Along the journal -------------------------------------------------------------------------

    def _take(self, at: int, transition: Transition) -> None:
        kind = transition[0]
        if kind == "t":
            for index in self._triggers:
                self._ways[(self._file.plan.nodes[index].id, ())] = DEAD  # type: ignore[union-attr]
            self._ways[(transition[1], ())] = "out"
            timeout_s = self._flow.limits.timeout_s
            self._over_at = None if timeout_s is None else at + timeout_s * 1_000
        elif kind in "cxe":
            if kind == "e":
                self._look_at_state(transition[1], transition[2])
            else:
                self._stop("cancelled" if kind == "c" else "failed")
            self._stopped = True
            self._ended |= kind == "e"
        elif self._ended:
            return  # Somebody said after the end what became of a doubt.
        elif kind == "z":
            place = (transition[1], tuple(transition[2]))
            self._done.add(place)
            self._results[place] = transition[3] if len(transition) > 3 else None
            goes_on = self._nodes[place[0]].params.get("on_item_error") == "continue"
            if len(transition) > 4 and not goes_on:
                self._failed.add((place[0], place[1][:-1]))
        else:
            self._take_step(at, (transition[1], iteration_of(transition)), transition)
        self._latest = kind

    def _stop(self, state: str) -> None:
        self._fails_as = self._fails_as or state

    def _look_at_state(self, state: str, reason: str | None) -> None:
        """What stops a run first decides how it ends, unless it is ended in quarantine."""
        ended_aside = state == "cancelled" and self._latest == "c"
        if state != (self._fails_as or "succeeded") and not ended_aside and reason != "stopped":
            self._broken(f"end.other: {self._file.id} is {state}, and not {self._fails_as}")

    def _take_step(self, at: int, place: Place, transition: Transition) -> None:
        kind = transition[0]
        if kind in BEGINS and place not in self._begun:
            self._begun[place] = None
            self._look_at_start(at, place)
        match kind:
            case "s":
                self._look_at_attempt(place, transition)
            case "r":
                self._look_at_retry(at, place, transition)
            case "w":
                self._look_at_wait(at, place, transition)
            case "l":
                self._items[place] = len(transition[3])
        if kind == "s" and place in self._beaten & self._aside:
            self._wrong("race.retried", place, "is tried again, and its race is over")
        (self._aside.add if kind in "rp" else self._aside.discard)(place)
        if kind == "f" and transition[3] == TOO_LONG and not self._is_limited(place[0]):
            self._wrong("limit.none", place, "fails by a time limit that it does not have")
        if kind != "s":
            self._running.pop(place, None)
        way = self._way(place, transition)
        if way is not OPEN:
            if place in self._ways:
                self._wrong("step.again", place, "is settled a second time")
            self._ways[place] = way
            self._look_at_end(place, transition)

    def _look_at_end(self, place: Place, transition: Transition) -> None:
        """Note who lost a race that is over, and hold a loop's results against its items'."""
        if self._merges(place[0]) == "first":
            rivals = self._before({place[0]})
            lost = [(id, place[1]) for id in rivals]
            self._lost |= {each: None for each in lost if each not in self._begun}
            self._beaten |= {each for each in lost if each not in self._ways}
        elif transition[0] == "d" and self._nodes[place[0]].params.get("collect") is not None:
            count = self._items[place]
            kept = [self._results.get((place[0], (*place[1], item))) for item in range(count)]
            if transition[4]["results"] != kept:
                self._wrong("loop.results", place, f"kept {transition[4]['results']} of {kept}")

    def _way(self, place: Place, transition: Transition) -> Any:
        """Say by which port a step delivers from here on."""
        node = self._nodes[place[0]]
        onwards = "done" if node.type == "core.for_each" else "out"
        match transition[0]:
            case "i":
                return transition[2]
            case "d" | "k":
                return transition[3]
            case "b":
                return onwards
            case "f":
                ways = {"branch": "error", "continue": onwards}
                self._look_at_failure(node, place, transition)
                return ways.get(node.on_error, DEAD)
            case "a" if transition[3] != "resend":
                if transition[3] == "abort":
                    self._stop("cancelled")
                self._stopped |= transition[3] == "abort"
                return "out" if transition[3] == "happened" else DEAD
            case "o" | "n":
                return DEAD
        return OPEN

    def _look_at_failure(self, node: Node, place: Place, transition: Transition) -> None:
        if transition[3] == "loop.item_failed" and node.params.get("on_item_error") == "continue":
            self._wrong("loop.gives_up", place, "fails with an item, and is to take the next one")
        if node.on_error != "stop":
            return
        if place[1]:
            self._failed.add((str(node.inside), place[1]))
        else:
            self._stop("failed")
            self._stopped = True

    def _look_at_start(self, at: int, place: Place) -> None:
        if place in self._lost:
            self._wrong("race.lost", place, "begins, and its race is over")
        if self._over_at is not None and at >= self._over_at:
            self._wrong("deadline.passed", place, "begins after the run's time is over")
        if self._stopped:
            self._wrong("course.stopped", place, "begins after the run was to stop")
        standing = self._standing(place)
        if standing is not True:
            self._wrong("course.early", place, f"begins, and what leads to it is {standing}")
        node = self._nodes[place[0]]
        if node.inside is not None:
            self._look_at_items(node.inside, place)

    def _is_limited(self, id: str) -> bool:
        """Tell whether a step has a time limit: each has that is carried out."""
        node = self._nodes[id]
        return node.timeout_s is not None or not node.type.startswith("core.")

    def _look_at_items(self, loop: str, place: Place) -> None:
        around = (loop, place[1][:-1])
        inside, path = self._nodes[loop], place[1]
        while True:
            if {(inside.id, path), (inside.id, path[:-1])} & self._failed:
                self._wrong("loop.failed", place, f"begins, and an item of {inside.id} failed")
            if (inside.id, path[:-1]) in self._beaten:
                self._wrong("loop.goes_on", place, f"begins, and {inside.id} lost its race")
            if inside.inside is None:
                break
            inside, path = self._nodes[inside.inside], path[:-1]
        if place[1][-1] >= self._items.get(around, 0):
            self._wrong("loop.items", place, "is about an item that there is not")
        if (loop, place[1]) in self._done:
            self._wrong("loop.again", place, "begins after its item was done")
        most = self._nodes[loop].params.get("at_once", 1)
        open_items = {
            path
            for id, path in self._begun
            if self._nodes[id].inside == loop
            and path[:-1] == place[1][:-1]
            and (loop, path) not in self._done
        }
        if len(open_items) > most:
            self._wrong("loop.crowded", place, f"is one of {len(open_items)} items at once")

    def _look_at_attempt(self, place: Place, transition: Transition) -> None:
        _, _, _, attempt, _, _, params = transition
        if self._params.setdefault(place, params) != params:
            self._wrong("params.changed", place, "is tried again with other values")
        if attempt not in (self._attempts.get(place, 0), self._attempts.get(place, 0) + 1):
            self._wrong("attempts.jump", place, f"goes on with try {attempt}")
        fresh = place not in self._attempts  # What is tried again waits for nobody.
        self._attempts[place] = attempt
        self._running[place] = None
        if fresh and len(self._running) > self._flow.limits.at_once:
            self._wrong("steps.crowded", place, f"is one of {len(self._running)} steps at once")

    def _look_at_retry(self, at: int, place: Place, transition: Transition) -> None:
        retry = self._nodes[place[0]].retry or Retry()
        least_s = min(retry.backoff_s * 2 ** (self._attempts[place] - 1), BACKOFF_MOST_S)
        if transition[3] < at + least_s * 1_000:
            self._wrong("retry.hasty", place, f"is tried again after {transition[3] - at} ms")
        if transition[3] > at + max(least_s * SPREAD, *PAUSES_S) * 1_000:
            self._wrong("retry.late", place, f"is tried again only after {transition[3] - at} ms")

    def _look_at_wait(self, at: int, place: Place, transition: Transition) -> None:
        """A wait is as long as its node says."""
        node = self._nodes[place[0]]
        lasts = (node.params.get("seconds"), node.params.get("timeout_s"), node.timeout_s)
        known = [each for each in lasts if isinstance(each, int)]
        due_at = at + min(known) * 1_000 if known else None
        if transition[3] != due_at:
            self._wrong("wait.length", place, f"waits until {transition[3]}, and not {due_at}")

    # What the arrows say -----------------------------------------------------------------------

    def _standing(self, place: Place) -> Any:
        """Say whether a node is to begin: True, or how what leads to it stands."""
        id, path = place
        edges = self._into[id]
        if not edges:
            return self._nodes[id].inside is not None or "nothing"
        delivers = [self._delivers(edge, path) for edge in edges]
        wait = self._merges(id)
        if wait == "first":
            return True in delivers or "open"
        if OPEN in delivers:
            return "open"
        return all(delivers) if wait == "all" else any(delivers) or "dead"

    def _merges(self, id: str) -> str:
        node = self._nodes[id]
        return node.params.get("wait", "all") if node.type == "core.merge" else "any"

    def _delivers(self, edge: Edge, path: tuple[int, ...]) -> Any:
        way = self._fate((edge.from_, path))
        return OPEN if way is OPEN else way == edge.port

    def _fate(self, place: Place) -> Any:
        """Return a node's port, DEAD where nothing leads to it, or OPEN."""
        if place in self._ways:
            return self._ways[place]
        if place in self._begun or not self._into[place[0]]:
            return OPEN
        standing = self._standing(place)
        return OPEN if standing in (True, "open") else DEAD

    def _look_back(self) -> None:
        """Nothing that the arrows lead to was left out of a run that succeeded."""
        for node in self._nodes.values():
            for path in self._paths(node):
                place = (node.id, path)
                if place in self._ways or not (self._into[node.id] or path):
                    continue
                if node.id in self._raced:
                    continue  # What came first ended it.
                if place in self._begun:
                    self._wrong("course.open", place, "has begun and did not end")
                elif self._standing(place) is True:
                    self._wrong("course.left_out", place, "never began")
        for place, count in self._items.items():
            done = sum(1 for id, path in self._done if (id, path[:-1]) == place)
            if self._ways.get(place) == "done" and done < count:
                self._wrong("loop.left_out", place, f"ended after {done} of {count} items")

    def _paths(self, node: Node) -> Iterator[tuple[int, ...]]:
        if node.inside is None:
            yield ()
            return
        for (id, path), count in self._items.items():
            if id == node.inside:
                yield from ((*path, index) for index in range(count))

    def _before_races(self) -> set[str]:
        """Return the nodes before one that takes the first that comes, and inside their loops."""
        races = {id for id in self._nodes if self._merges(id) == "first"}
        found = {edge.from_ for id in races for edge in self._into[id]}
        found |= self._before(found, alone=False)
        return found | {id for id, node in self._nodes.items() if node.inside in found}

    def _before(self, ends: set[str], *, alone: bool = True) -> set[str]:
        """Return the nodes that lead to one of these: with `alone` nowhere else."""
        found: set[str] = set()
        while True:
            last = {edge.from_ for id in ends | found for edge in self._into[id]} - found
            if alone:
                last = {
                    id
                    for id in last
                    if all(edge.to in ends | found for edge in self._flow.edges if edge.from_ == id)
                }
            if not last:
                return found
            found |= last


def _transitions(file: RunFile) -> Iterator[tuple[int, Transition]]:
    for fmt, raw in file.segments:
        for at, transitions in decode_segment(fmt, raw):
            for transition in transitions:
                yield at, transition


def follow(file: RunFile, broken: Callable[[str], None]) -> None:
    """Hold a run's journal against its flow."""
    Course(file, broken).follow()
