"""Random flows: a few nodes that a seed puts together, so that shapes come up that nobody thought
of."""

from __future__ import annotations

from typing import Any, Final

from tramo.testing.simulation.chance import Chance
from tramo.testing.simulation.connector import PAID
from tramo.testing.simulation.shape import (
    DAY_S,
    HOUR_S,
    MINUTE_S,
    Document,
    Shape,
    deed,
    flow,
    node,
    trigger,
)

DEEDS: Final = ("look", "put", "pay", "pay", "ship", "label", "count")
NAPS_S: Final = (1, 30, MINUTE_S, 20 * MINUTE_S, HOUR_S, 3 * DAY_S)


def grow(seed: int) -> Shape:
    """Return a shape of three to nine nodes, with a called flow now and then."""
    chance = Chance(seed, "garden")
    bed = _Bed(chance)
    flows = [bed.grow("order", chance.randint(3, 9))]
    if bed.calls:
        below = _Bed(chance, called=True)
        child = below.grow("start", chance.randint(1, 3), id="flow_child")
        flows.append(child)
    same = chance.happens(0.4)
    if chance.happens(0.3):
        key = {"key": "order"} if same else {}
        full = chance.choice(("queue", "queue", "replace", "refuse"))
        at_once = chance.randint(1, 2)
        flows[0]["limits"] = {"concurrency": {**key, "at_once": at_once, "full": full}}
    return Shape(
        name="garden",
        flows=tuple(flows),
        orders=chance.randint(2, 5),
        same_order=same,
        paid=bed.waits,
        cancels=chance.happens(0.15),
    )


class _Bed:
    """A flow that grows: each node hangs on one that was there before."""

    def __init__(self, chance: Chance, *, called: bool = False) -> None:
        self._chance = chance
        self._called = called
        self._nodes: list[Document] = []
        self._edges: list[str] = []
        self._ends: list[str] = []
        """Ports that something may hang on, such as `n3:out`."""
        self.calls = False
        self.waits = False

    def grow(self, first: str, count: int, id: str = "flow_main") -> Document:
        """Return a flow of so many nodes behind its trigger."""
        start = trigger(first)
        if self._called:
            start = {"id": first, "type": "core.flow_called"}
        self._nodes.append(start)
        self._ends.append(f"{first}:out")
        for number in range(count):
            self._add(f"n{number}")
        return flow(self._nodes, " ".join(self._edges), id=id)

    def _add(self, id: str) -> None:
        chance = self._chance
        end = chance.choice(self._ends)
        drawn = chance.random()
        if drawn < 0.08 and len(self._ends) > 2:
            self._merge(id)
            return
        if drawn < 0.55:
            made, ports = self._deed(id), ["out"]
        elif drawn < 0.75:
            made, ports = self._wait(id)
        elif drawn < 0.85:
            made, ports = self._loop(id), ["done"]
        elif drawn < 0.92 and not (self._called or self.calls):
            self.calls = True
            made = node(id, "call_flow", {"flow": "flow_child", "event": {"$expr": "order"}})
            ports = ["out"]
        else:
            rule = {"port": "some", "when": {"$expr": "order.total > 0"}}
            when = {"$expr": "true"} if self._called else rule["when"]
            made = node(id, "branch", {"rules": [{**rule, "when": when}]})
            ports = ["some", "else"]
        if made.get("on_error") == "branch":
            ports.append("error")
        self._nodes.append(made)
        self._edges.append(f"{end}>{id}")
        self._ends += [f"{id}:{port}" for port in ports]

    def _merge(self, id: str) -> None:
        chance = self._chance
        ends = dict.fromkeys(chance.sample(self._ends, 2))
        self._nodes.append(node(id, "merge", {"wait": chance.choice(("all", "any", "first"))}))
        self._edges += [f"{end}>{id}" for end in ends]
        self._ends.append(f"{id}:out")

    def _deed(self, id: str, **fields: Any) -> Document:
        chance = self._chance
        kind = chance.choice(DEEDS[:-1] if "inside" in fields else DEEDS)
        if kind == "count":
            return deed(id, kind, **fields)
        if chance.happens(0.3):
            attempts = chance.randint(1, 5)
            fields["retry"] = {"attempts": attempts, "backoff_s": chance.randint(1, 60)}
        if chance.happens(0.3) and "inside" not in fields:
            fields["on_error"] = chance.choice(("branch", "continue"))
        if chance.happens(0.2) and "inside" not in fields and not self._called:
            fields["once"] = "order"
        if kind in ("ship", "label") and chance.happens(0.2):
            fields["on_doubt"] = "skip"
        return deed(id, kind, **fields)

    def _wait(self, id: str) -> tuple[Document, list[str]]:
        chance = self._chance
        drawn = chance.random()
        if drawn < 0.5:
            return node(id, "wait", {"seconds": chance.choice(NAPS_S)}), ["out"]
        limit_s = chance.choice(NAPS_S[2:])
        if drawn < 0.75:
            self.waits = True
            event = {"type": PAID, "key": "order", "since": chance.choice(("start", "now"))}
            return node(id, "wait", {"event": event, "timeout_s": limit_s}), ["out", "late"]
        made = node(id, "approve", {"title": "Go on?", "timeout_s": limit_s})
        return made, ["yes", "no", "late"]

    def _loop(self, id: str) -> Document:
        chance = self._chance
        place = {"place": {"$text": "{{ item }}"}}
        self._nodes.append(self._deed(f"{id}a", inside=id, params=place))
        if chance.happens(0.5):
            nap = node(f"{id}b", "wait", {"seconds": chance.choice(NAPS_S[:4])}, inside=id)
            self._nodes.append(nap)
            self._edges.append(f"{id}a>{id}b")
        items = {"$value": ["a", "b", "c"][: chance.randint(0, 3)]}
        params = {"items": items, "at_once": chance.randint(1, 3)}
        if chance.happens(0.5):
            params["on_item_error"] = "continue"
        return node(id, "for_each", params)
