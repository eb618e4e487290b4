"""Flows that a simulation runs: small ones, each for something that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from tramo.testing.simulation.connector import ORDER, PAID
from tramo.testing.simulation.worker import CONNECTION

Document = dict[str, Any]
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
DAY_S: Final = 86_400


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """Flows, and what happens to them."""

    name: str
    flows: tuple[Document, ...]
    later: tuple[Document, ...] = ()
    """Versions that are published while runs are on their way."""
    orders: int = 3
    same_order: bool = False
    """All events are about one order."""
    shops: tuple[str, ...] = (CONNECTION,)
    """The connections that deliver the same orders, each about its own."""
    paired: bool = False
    """A delivery tells of two orders."""
    paid: bool = False
    """Some orders are paid, some time after."""
    cancels: bool = False
    news: int = 0
    """How much the vendor has for whoever asks."""
    reruns: bool = False
    """People let runs that have ended try again."""
    changes: bool = False
    """Now and then with another list than the event had. No backup is restored then: what such a
    try did went out under keys of its own, of which the backup knows nothing."""
    gives: str = ""
    """The node whose output people now and then say themselves, for another try."""
    moves: bool = False
    """People let runs that wait go on under the version that is published."""
    poison: bool = False
    delayed: bool = False
    """Not every event starts a run."""
    lasts_s: float | None = None
    """For how long things may go wrong; None: the seed decides."""
    outages_s: tuple[float, ...] | None = None
    """How long the outages are that it can be asked about; None: the seed decides."""
    tail_s: float = 4 * DAY_S
    """How long the world goes on after everything has ended: copies come late."""


def deed(id: str, kind: str, version: int = 1, **fields: Any) -> Document:
    """Return a node that acts at the vendor."""
    params = {"run": {"$expr": "run.origin"}, "node": id, "version": version}
    return {"id": id, "type": f"sim.{kind}", "params": params | fields.pop("params", {}), **fields}


def node(id: str, kind: str, params: Document | None = None, **fields: Any) -> Document:
    """Return a node of Tramo's own."""
    return {"id": id, "type": f"core.{kind}", "params": params or {}, **fields}


def trigger(id: str = "order", type: str = ORDER, connection: str = CONNECTION) -> Document:
    return {"id": id, "type": type, "connection": connection}


def flow(nodes: list[Document], edges: str, id: str = "flow_main", **fields: Any) -> Document:
    """Return a document; edges are words such as `order>pay` and `check:yes>ship`."""
    made = []
    for word in edges.split():
        head, _, to = word.partition(">")
        start, _, port = head.partition(":")
        made.append({"from": start, "port": port or "out", "to": to})
    return {"format": 1, "id": id, "name": id, "nodes": nodes, "edges": made, **fields}


def _keyed() -> Shape:
    return Shape(name="keyed", flows=(flow([trigger(), deed("pay", "pay")], "order>pay"),))


def _ship() -> Shape:
    return Shape(name="ship", flows=(flow([trigger(), deed("ship", "ship")], "order>ship"),))


def _label() -> Shape:
    nodes = [trigger(), deed("label", "label"), deed("ship", "ship", on_doubt="skip")]
    return Shape(name="label", flows=(flow(nodes, "order>label label>ship"),))


def _chain() -> Shape:
    nodes = [
        trigger(),
        deed("look", "look"),
        deed("put", "put"),
        deed("pay", "pay"),
        deed("ship", "ship"),
        deed("count", "count"),
    ]
    return Shape(
        name="chain", flows=(flow(nodes, "order>look look>put put>pay pay>ship ship>count"),)
    )


def _fork() -> Shape:
    nodes = [
        trigger(),
        deed("pay", "pay"),
        deed("ship", "ship"),
        deed("put", "put"),
        node("both", "merge"),
        deed("count", "count"),
    ]
    edges = "order>pay order>ship order>put pay>both ship>both put>both both>count"
    return Shape(name="fork", flows=(flow(nodes, edges),))


def _race() -> Shape:
    nodes = [
        trigger(),
        node("sleep", "wait", {"seconds": 40}),
        deed("look", "look"),
        deed("late", "put"),
        node("first", "merge", {"wait": "first"}),
        deed("pay", "pay"),
    ]
    edges = "order>sleep sleep>late late>first order>look look>first first>pay"
    return Shape(name="race", flows=(flow(nodes, edges),))


def _loop() -> Shape:
    item = {"place": {"$text": "{{ item }}"}}
    kept = {"$text": "{{ item }} {{ index }}"}
    items = {"items": {"$expr": "order.items"}, "at_once": 2, "collect": kept}
    nodes = [
        trigger(),
        node("each", "for_each", items),
        deed("pay", "pay", inside="each", params=item),
        node("nap", "wait", {"seconds": 90}, inside="each"),
        deed("ship", "ship", inside="each", params=item),
        deed("label", "label", inside="each", params=item, once="order"),
        deed("count", "count"),
    ]
    edges = "order>each pay>nap nap>ship nap>label each:done>count"
    return Shape(name="loop", flows=(flow(nodes, edges),), orders=2)


def _rounds() -> Shape:
    item = {"place": {"$text": "{{ item }}"}}
    items = {"$value": list("abcdefgh")}
    nodes = [
        trigger(),
        node("each", "for_each", {"items": items, "at_once": 1}),
        deed("pay", "pay", inside="each", params=item),
        node("nap", "wait", {"seconds": 10 * MINUTE_S}, inside="each"),
        deed("ship", "ship"),
    ]
    edges = "order>each pay>nap each:done>ship"
    return Shape(name="rounds", flows=(flow(nodes, edges),), orders=2)


def _asks() -> Shape:
    """Every item waits for a person, and for what tells of its order."""
    item = {"place": {"$text": "{{ item }}"}}
    boss = {"title": "Pay?", "timeout_s": 2 * DAY_S}
    paid = {"event": {"type": PAID, "key": "order"}, "timeout_s": DAY_S}
    nodes = [
        trigger(),
        node("each", "for_each", {"items": {"$value": list("abc")}, "at_once": 2}),
        node("boss", "approve", boss, inside="each"),
        deed("pay", "pay", inside="each", params=item),
        deed("look", "look", inside="each", params=item),
        node("paid", "wait", paid, inside="each"),
        deed("put", "put"),
    ]
    edges = "order>each boss:yes>pay boss:no>look each:done>put"
    return Shape(name="asks", flows=(flow(nodes, edges),), orders=2, paid=True)


def _nested() -> Shape:
    """A loop in a loop; an item that fails ends both."""
    inner = {"place": {"$text": "{{ box }}{{ item }}"}}
    kept = {"$text": "{{ box }} {{ index }}"}
    boxes = {"items": {"$value": list("ab")}, "as": "box", "at_once": 2, "collect": kept}
    nodes = [
        trigger(),
        node("boxes", "for_each", boxes),
        node("each", "for_each", {"items": {"$value": list("cde")}, "at_once": 2}, inside="boxes"),
        deed("pay", "pay", inside="each", params=inner, retry={"attempts": 1}),
        node("nap", "wait", {"seconds": 30}, inside="each"),
        deed("ship", "ship", inside="each", params=inner),
        deed("put", "put", inside="boxes", params={"place": {"$text": "{{ box }}"}}),
        deed("count", "count"),
    ]
    edges = "order>boxes pay>nap nap>ship each:done>put boxes:done>count"
    return Shape(name="nested", flows=(flow(nodes, edges),), orders=2, cancels=True)


def _wait() -> Shape:
    nodes = [trigger(), node("nap", "wait", {"seconds": 10 * DAY_S}), deed("pay", "pay")]
    return Shape(name="wait", flows=(flow(nodes, "order>nap nap>pay"),))


def _event() -> Shape:
    nodes = [
        trigger(),
        deed("look", "look"),
        node(
            "paid",
            "wait",
            {"event": {"type": PAID, "key": "order"}, "timeout_s": HOUR_S},
        ),
        deed("ship", "ship"),
        deed("put", "put"),
    ]
    edges = "order>look look>paid paid:out>ship paid:late>put"
    return Shape(name="event", flows=(flow(nodes, edges),), orders=5, paid=True)


def _vigil() -> Shape:
    nodes = [
        trigger(),
        node("paid", "wait", {"event": {"type": PAID, "key": "order"}, "timeout_s": DAY_S}),
        node("boss", "approve", {"title": "Ship?", "timeout_s": 2 * DAY_S}),
        node("nap", "wait", {"seconds": HOUR_S}),
        node("all", "merge"),
        deed("ship", "ship"),
    ]
    edges = "order>paid order>boss order>nap paid:out>all boss:yes>all nap>all all>ship"
    return Shape(name="vigil", flows=(flow(nodes, edges),), orders=4, paid=True)


def _join() -> Shape:
    rules = [{"port": "some", "when": {"$expr": "order.total > 1"}}]
    nodes = [
        trigger(),
        node("check", "branch", {"rules": rules}),
        deed("look", "look"),
        deed("pay", "pay"),
        deed("put", "put"),
        node("both", "merge"),
        node("either", "merge", {"wait": "any"}),
        deed("ship", "ship"),
        deed("count", "count"),
    ]
    edges = (
        "order>look order>check check:some>pay check:else>put look>both pay>both pay>either "
        "put>either both>ship either>count"
    )
    return Shape(name="join", flows=(flow(nodes, edges),), orders=4)


def _approve() -> Shape:
    nodes = [
        trigger(),
        node("boss", "approve", {"title": "Pay?", "timeout_s": 2 * DAY_S}),
        deed("pay", "pay"),
        deed("put", "put"),
    ]
    edges = "order>boss boss:yes>pay boss:no>put boss:late>put"
    return Shape(name="approve", flows=(flow(nodes, edges),))


def _errors() -> Shape:
    nodes = [
        trigger(),
        deed("pay", "pay", retry={"attempts": 3, "backoff_s": 5}, on_error="branch"),
        deed("put", "put", timeout_s=20, params={"value": {"$expr": "pay.code"}}),
        deed("count", "count"),
    ]
    return Shape(name="errors", flows=(flow(nodes, "order>pay pay>count pay:error>put"),), orders=4)


def _large() -> Shape:
    nodes = [
        trigger(),
        deed("look", "look", params={"size": 90_000}),
        deed("pay", "pay"),
        node("nap", "wait", {"seconds": 30}),
        deed("ship", "ship", params={"value": {"$expr": "look.value"}}),
    ]
    return Shape(name="large", flows=(flow(nodes, "order>look look>pay pay>nap nap>ship"),))


def _edit() -> Shape:
    def version(number: int) -> Document:
        return flow(
            [
                trigger(),
                deed("pay", "pay", number),
                node("nap", "wait", {"seconds": 5 * MINUTE_S}),
                deed("ship", "ship", number),
                *([deed("put", "put", number)] if number > 1 else []),
            ],
            "order>pay pay>nap nap>ship" + (" ship>put" if number > 1 else ""),
        )

    return Shape(name="edit", flows=(version(1),), later=(version(2),), orders=5)


def _cancel() -> Shape:
    nodes = [
        trigger(),
        deed("pay", "pay"),
        node("nap", "wait", {"seconds": 20}),
        deed("ship", "ship"),
        node("rest", "wait", {"seconds": 2 * HOUR_S}),
        deed("put", "put"),
    ]
    edges = "order>pay pay>nap nap>ship ship>rest rest>put"
    return Shape(name="cancel", flows=(flow(nodes, edges),), orders=4, cancels=True)


def _limit() -> Shape:
    nodes = [
        trigger(),
        node("boss", "approve", {"title": "Pay?", "timeout_s": DAY_S}, timeout_s=30 * MINUTE_S),
        node("nap", "wait", {"seconds": 20 * MINUTE_S}),
        deed("look", "look"),
        node("rest", "wait", {"seconds": 60 * MINUTE_S}),
        deed("ship", "ship"),
        deed("pay", "pay"),
    ]
    edges = "order>boss boss:yes>pay order>nap nap>look look>rest rest>ship"
    limits = {"timeout_s": 70 * MINUTE_S}
    return Shape(name="limit", flows=(flow(nodes, edges, limits=limits),), orders=4)


def _rerun() -> Shape:
    def version(number: int) -> Document:
        nodes = [
            trigger(),
            deed("look", "look", 0),
            deed("pay", "pay", 0, retry={"attempts": 2, "backoff_s": 5}),
            deed("ship", "ship", 0),
            deed("label", "label", 0, on_error="branch"),
            deed("count", "count", 0),
            *([deed("put", "put", number)] if number > 1 else []),
        ]
        edges = "order>look look>pay pay>ship ship>label label>count"
        return flow(nodes, edges + (" count>put" if number > 1 else ""))

    return Shape(
        name="rerun", flows=(version(1),), later=(version(2),), orders=3, cancels=True, reruns=True
    )


def _rerun_loop() -> Shape:
    item = {"place": {"$text": "{{ item }}"}}
    items = {"$value": list("abc")}
    nodes = [
        trigger(),
        node("each", "for_each", {"items": items, "at_once": 2}),
        deed("pay", "pay", inside="each", params=item, retry={"attempts": 1, "backoff_s": 5}),
        deed("ship", "ship", inside="each", params=item, once="order"),
        deed("put", "put"),
    ]
    edges = "order>each pay>ship each:done>put"
    return Shape(name="rerun_loop", flows=(flow(nodes, edges),), orders=2, reruns=True)


def _move() -> Shape:
    def version(number: int) -> Document:
        item = {"place": {"$text": "{{ item }}"}}
        nap_s = 5 * MINUTE_S if number < 3 else 6 * MINUTE_S
        paid = {"event": {"type": PAID, "key": "order"}, "timeout_s": 2 * HOUR_S}
        nodes = [
            trigger(),
            node("each", "for_each", {"items": {"$value": list("abcd")}, "at_once": 1}),
            deed("pay", "pay", 0, inside="each", params=item),
            node("nap", "wait", {"seconds": nap_s}, inside="each"),
            node("paid", "wait", paid),
            deed("ship", "ship", number),
            deed("label", "label", number),
            *([deed("put", "put", number)] if number > 1 else []),
        ]
        edges = "order>each pay>nap each:done>paid paid:out>ship paid:late>label"
        return flow(nodes, edges + (" ship>put" if number > 1 else ""))

    return Shape(
        name="move",
        flows=(version(1),),
        later=(version(2), version(3)),
        orders=4,
        paid=True,
        moves=True,
    )


LONE: Final[tuple[Callable[[], Shape], ...]] = (
    _keyed,
    _ship,
    _label,
    _chain,
    _fork,
    _race,
    _loop,
    _wait,
    _event,
    _approve,
    _errors,
    _large,
    _edit,
    _cancel,
    _rounds,
    _asks,
    _nested,
    _vigil,
    _join,
    _rerun,
    _rerun_loop,
    _move,
    _limit,
)
"""Shapes whose runs go their own way."""
