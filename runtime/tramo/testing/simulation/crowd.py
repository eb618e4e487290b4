"""Shapes of flows whose runs have something in common: keys, slots, turns, windows, calls, or what
starts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tramo.testing.simulation.connector import ORDER, PAID
from tramo.testing.simulation.shape import (
    DAY_S,
    HOUR_S,
    LONE,
    MINUTE_S,
    Document,
    Shape,
    deed,
    flow,
    node,
    trigger,
)
from tramo.testing.simulation.worker import CONNECTION, OTHER_CONNECTION, THEIR_CONNECTION

BURST: Final = 36
"""Runs that one order starts: more than a process with one slot keeps."""


def _once() -> Shape:
    nodes = [
        trigger(),
        deed("ship", "ship", once="order", on_error="continue"),
        node("nap", "wait", {"seconds": 30}),
        deed("count", "count"),
    ]
    return Shape(
        name="once",
        flows=(flow(nodes, "order>ship ship>nap nap>count"),),
        orders=5,
        same_order=True,
    )


def _queue() -> Shape:
    nodes = [
        trigger(),
        deed("pay", "pay"),
        node("nap", "wait", {"seconds": 10 * MINUTE_S}),
        deed("count", "count"),
    ]
    limits = {"concurrency": {"key": "order", "at_once": 1}}
    return Shape(
        name="queue",
        flows=(flow(nodes, "order>pay pay>nap nap>count", limits=limits),),
        orders=5,
        same_order=True,
    )


def _replace() -> Shape:
    nodes = [
        trigger(),
        deed("pay", "pay"),
        node("nap", "wait", {"seconds": 10 * MINUTE_S}),
        deed("ship", "ship"),
    ]
    limits = {"concurrency": {"key": "order", "at_once": 1, "full": "replace"}}
    return Shape(
        name="replace",
        flows=(flow(nodes, "order>pay pay>nap nap>ship", limits=limits),),
        orders=4,
        same_order=True,
    )


def _call() -> Shape:
    parent = flow(
        [
            trigger(),
            node("call", "call_flow", {"flow": "flow_child", "event": {"$expr": "order"}}),
            deed("pay", "pay"),
        ],
        "order>call call>pay",
    )
    child = flow(
        [
            trigger("start", "core.flow_called"),
            deed("look", "look"),
            node("nap", "wait", {"seconds": MINUTE_S}),
            deed("ship", "ship"),
        ],
        "start>look look>nap nap>ship",
        id="flow_child",
    )
    del child["nodes"][0]["connection"]
    return Shape(name="call", flows=(parent, child), orders=3, cancels=True)


def _recall() -> Shape:
    """Another try of who called, and of what was called."""
    call = {"flow": "flow_child", "event": {"$expr": "order"}}
    parent = [trigger(), node("call", "call_flow", call), deed("put", "put", 0)]
    child = [
        node("start", "flow_called"),
        deed("pay", "pay", 0, retry={"attempts": 1}),
        node("nap", "wait", {"seconds": 30}),
        deed("ship", "ship", 0),
    ]
    return Shape(
        name="recall",
        flows=(
            flow(parent, "order>call call>put"),
            flow(child, "start>pay pay>nap nap>ship", id="flow_child"),
        ),
        orders=2,
        cancels=True,
        reruns=True,
    )


def _renamed() -> Shape:
    """Another try on a version in which two nodes have taken each other's ids."""

    def version(number: int) -> Document:
        kinds = ["ship", "pay"] if number == 1 else ["pay", "ship"]
        once = {"retry": {"attempts": 1}}
        nodes = [
            trigger(),
            deed("one", kinds[0], 0, **once),
            deed("two", kinds[1], 0, **once),
            deed("label", "label", 0, on_doubt="skip"),
        ]
        return flow(nodes, "order>one one>two two>label")

    return Shape(name="renamed", flows=(version(1),), later=(version(2),), orders=3, reruns=True)


def _relist() -> Shape:
    """Another try for a list that is not what it was."""
    item = {"place": {"$text": "{{ item }}"}}
    nodes = [
        trigger(),
        node("each", "for_each", {"items": {"$expr": "order.items"}, "at_once": 2}),
        deed("pay", "pay", 0, inside="each", params=item, retry={"attempts": 1}),
        deed("ship", "ship", 0, inside="each", params=item),
        deed("put", "put", 0),
    ]
    return Shape(
        name="relist",
        flows=(flow(nodes, "order>each pay>ship each:done>put"),),
        orders=2,
        reruns=True,
        changes=True,
    )


def _poison() -> Shape:
    never = {"event": {"type": PAID, "key": "order"}, "timeout_s": 20 * DAY_S}
    nodes = [
        trigger(),
        deed("pay", "pay"),
        deed("bane", "poison"),
        node("paid", "wait", never),
        node("both", "merge"),
        deed("ship", "ship"),
    ]
    edges = "order>paid order>pay pay>bane bane>both paid:out>both both>ship"
    limits = {"concurrency": {"key": "order", "at_once": 1}}
    return Shape(
        name="poison",
        flows=(flow(nodes, edges, limits=limits),),
        orders=2,
        same_order=True,
        poison=True,
    )


def _rate() -> Shape:
    nodes = [
        trigger(),
        node("turn", "rate_limit", {"count": 1, "per_s": 50}),
        deed("pay", "pay"),
        node("new", "dedupe", {"key": {"$expr": "order.order"}}),
        deed("ship", "ship"),
    ]
    edges = "order>turn turn>pay pay>new new:new>ship"
    return Shape(name="rate", flows=(flow(nodes, edges),), orders=5, same_order=True)


def _turns() -> Shape:
    """Whose turn does not come in time goes another way."""
    turn = {"count": 2, "per_s": 300}
    nodes = [
        trigger(),
        node("turn", "rate_limit", turn, timeout_s=60, on_error="branch"),
        deed("pay", "pay"),
        deed("put", "put"),
    ]
    edges = "order>turn turn>pay turn:error>put"
    return Shape(name="turns", flows=(flow(nodes, edges),), orders=6, same_order=True)


def _doomed() -> Shape:
    """Who called a flow is ended in quarantine, and the called one goes on still."""
    call = {"flow": "flow_child", "event": {"$expr": "order"}}
    parent = [trigger(), node("call", "call_flow", call), deed("bane", "poison")]
    child = [
        node("start", "flow_called"),
        node("nap", "wait", {"seconds": 20 * DAY_S}),
        deed("put", "put"),
    ]
    return Shape(
        name="doomed",
        flows=(
            flow(parent, "order>call order>bane"),
            flow(child, "start>nap nap>put", id="flow_child"),
        ),
        orders=2,
        poison=True,
    )


def _schedule() -> Shape:
    every = {"every_s": 10 * MINUTE_S, "missed": "all"}
    nodes = [node("clock", "schedule", every), deed("pay", "pay"), deed("ship", "ship")]
    return Shape(
        name="schedule",
        flows=(flow(nodes, "clock>pay pay>ship"),),
        orders=0,
        lasts_s=2 * HOUR_S,
        outages_s=(0.2, 20.0, 700.0),
        tail_s=HOUR_S,
    )


def _poll() -> Shape:
    nodes = [
        {"id": "news", "type": "sim.news", "params": {"every_s": 10 * MINUTE_S}},
        deed("pay", "pay"),
        deed("ship", "ship"),
    ]
    nodes[0]["connection"] = CONNECTION
    return Shape(
        name="poll",
        flows=(flow(nodes, "news>pay pay>ship"),),
        orders=0,
        news=10,
        lasts_s=2 * HOUR_S,
        outages_s=(0.2, 20.0, 700.0),
        tail_s=HOUR_S,
    )


def _follow() -> Shape:
    nodes = [
        trigger(),
        deed("pay", "pay", retry={"attempts": 2, "backoff_s": 5}),
        node("nap", "wait", {"seconds": 30}),
        deed("put", "put", retry={"attempts": 1, "backoff_s": 5}),
    ]
    failed = {"id": "failed", "type": "core.run_failed", "params": {"flows": ["flow_main"]}}
    after = [failed, deed("label", "label"), deed("ship", "ship", on_error="continue")]
    main = flow(nodes, "order>pay pay>nap nap>put")
    follower = flow(after, "failed>label label>ship", id="flow_after")
    return Shape(name="follow", flows=(main, follower), orders=5, cancels=True)


def _gather() -> Shape:
    gather = {"item": {"$expr": "run.id"}, "seconds": 10 * MINUTE_S, "size": 3}
    nodes = [trigger(), node("all", "digest", gather), deed("pay", "pay"), deed("put", "put")]
    edges = "order>all all:out>pay all:added>put"
    return Shape(name="gather", flows=(flow(nodes, edges),), orders=7, cancels=True)


def _after() -> Shape:
    wait = {"type": ORDER, "connection": CONNECTION, "key": "order", "seconds": 10 * MINUTE_S}
    nodes = [
        {"id": "later", "type": "core.after", "params": wait},
        deed("pay", "pay"),
        deed("ship", "ship", params={"value": {"$expr": "later.total"}}),
    ]
    return Shape(
        name="after",
        flows=(flow(nodes, "later>pay pay>ship"),),
        orders=5,
        same_order=True,
        delayed=True,
    )


def _shops() -> Shape:
    own, other = (
        flow([trigger(connection=connection), deed("ship", "ship")], "order>ship", id=id)
        for id, connection in (("flow_main", CONNECTION), ("flow_other", OTHER_CONNECTION))
    )
    return Shape(name="shops", flows=(own, other), shops=(CONNECTION, OTHER_CONNECTION))


def _neighbours() -> Shape:
    """Two workspaces have a flow of the same id, and shops that sell under the same numbers. What
    fails is heard of in one of them only."""
    paid = {"event": {"type": PAID, "key": "order"}, "timeout_s": HOUR_S}

    def main(connection: str) -> Document:
        nodes = [
            trigger(connection=connection),
            deed("label", "label", once="order", on_error="continue"),
            node("new", "dedupe", {"key": {"$expr": "order.order"}}),
            node("paid", "wait", paid),
            deed("ship", "ship"),
            deed("put", "put", retry={"attempts": 1, "backoff_s": 5}),
        ]
        edges = "order>label label>new new:new>paid paid:out>ship paid:late>put"
        limits = {"concurrency": {"key": "order", "at_once": 1}}
        return flow(nodes, edges, limits=limits)

    failed = {"id": "failed", "type": "core.run_failed", "params": {"flows": ["flow_main"]}}
    after = flow([failed, deed("look", "look")], "failed>look", id="flow_after")
    return Shape(
        name="neighbours",
        flows=(main(CONNECTION), main(THEIR_CONNECTION), after),
        orders=4,
        shops=(CONNECTION, THEIR_CONNECTION),
        paid=True,
        cancels=True,
    )


def _beside() -> Shape:
    """Events, a person and time come while something is carried out in another process."""
    paid = {"event": {"type": PAID, "key": "order"}, "timeout_s": HOUR_S}
    more = {"event": {"type": ORDER, "key": "order"}, "timeout_s": HOUR_S}
    nodes = [
        trigger(),
        deed("look", "look"),
        deed("pay", "pay"),
        deed("put", "put"),
        deed("ship", "ship"),
        node("paid", "wait", paid),
        node("more", "wait", more),
        node("boss", "approve", {"title": "Go on?", "timeout_s": 2 * HOUR_S}),
        deed("label", "label"),
        deed("count", "count"),
    ]
    edges = "order>look look>pay pay>put put>ship order>paid order>more order>boss "
    edges += "paid:out>label more:out>count"
    return Shape(
        name="beside",
        flows=(flow(nodes, edges),),
        orders=4,
        same_order=True,
        paid=True,
        cancels=True,
    )


def _pair() -> Shape:
    """A delivery tells of two orders: both are taken in, or it is read again."""
    nodes = [trigger(), deed("pay", "pay"), deed("ship", "ship")]
    return Shape(name="pair", flows=(flow(nodes, "order>pay pay>ship"),), paired=True)


def _memory() -> Shape:
    """A mark that is forgotten, and turns that somebody waits for only so long."""
    rate = {"count": 2, "per_s": 300}
    nodes = [
        trigger(),
        node("new", "dedupe", {"key": {"$expr": "order.order"}, "within_s": 120}),
        node("turn", "rate_limit", rate, timeout_s=60, on_error="branch"),
        deed("pay", "pay"),
        deed("put", "put", params={"value": {"$expr": "turn.code"}}),
    ]
    edges = "order>new order>turn turn>pay turn:error>put"
    return Shape(name="memory", flows=(flow(nodes, edges),), orders=7, same_order=True)


def _given() -> Shape:
    """Another try in which people say what a step gave."""
    nodes = [
        trigger(),
        deed("look", "look", 0),
        deed("put", "put", 0, params={"value": {"$expr": "look.value"}}),
        deed("pay", "pay", 0, retry={"attempts": 1}),
        deed("ship", "ship", 0),
    ]
    edges = "order>look look>put put>pay pay>ship"
    return Shape(name="given", flows=(flow(nodes, edges),), orders=2, reruns=True, gives="look")


def _overnight() -> Shape:
    """Nobody is there for most of the time in which the vendor knows a key."""
    nodes = [trigger(), deed("pay", "pay"), deed("ship", "ship")]
    return Shape(
        name="overnight", flows=(flow(nodes, "order>pay pay>ship"),), outages_s=(0.2, 60_000.0)
    )


def _narrow() -> Shape:
    """More steps than a run may carry out at once."""
    kinds = {"one": "pay", "two": "look", "three": "put", "four": "pay", "five": "label"}
    nodes = [trigger(), *(deed(id, kind) for id, kind in kinds.items())]
    edges = " ".join(f"order>{id}" for id in kinds)
    limits = {"at_once": 2}
    return Shape(name="narrow", flows=(flow(nodes, edges, limits=limits),), orders=2)


def _nest() -> Shape:
    """A list in a race: what lost begins with no further item."""
    item = {"place": {"$text": "{{ item }}"}}
    items = {"items": {"$value": list("abcdef")}, "at_once": 1}
    nodes = [
        trigger(),
        node("each", "for_each", items),
        deed("pay", "pay", inside="each", params=item),
        node("nap", "wait", {"seconds": 20}, inside="each"),
        node("sleep", "wait", {"seconds": 30}),
        deed("put", "put"),
        node("first", "merge", {"wait": "first"}),
        deed("ship", "ship"),
    ]
    edges = "order>each pay>nap each:done>first order>sleep sleep>put put>first first>ship"
    return Shape(name="nest", flows=(flow(nodes, edges),), orders=2)


def _burst() -> Shape:
    """One order starts more runs than a process has room for, and others come behind them."""
    call = {"flow": "flow_child", "event": {"$expr": "order"}, "wait": False}
    nodes = [
        trigger(),
        node("each", "for_each", {"items": {"$value": list(range(BURST))}, "at_once": 10}),
        node("call", "call_flow", call, inside="each"),
        deed("put", "put"),
    ]
    child = [node("start", "flow_called"), deed("put", "put")]
    return Shape(
        name="burst",
        flows=(
            flow(nodes, "order>each each:done>put"),
            flow(child, "start>put", id="flow_child"),
        ),
        orders=2,
        lasts_s=120.0,
    )


CROWD: Final[tuple[Callable[[], Shape], ...]] = (
    _once,
    _queue,
    _replace,
    _call,
    _poison,
    _rate,
    _turns,
    _doomed,
    _schedule,
    _poll,
    _follow,
    _gather,
    _after,
    _shops,
    _neighbours,
    _beside,
    _burst,
    _recall,
    _renamed,
    _relist,
    _pair,
    _memory,
    _given,
    _overnight,
    _narrow,
    _nest,
)
SHAPES: Final = {shape.name: shape for shape in (make() for make in (*LONE, *CROWD))}
"""All shapes by name."""
