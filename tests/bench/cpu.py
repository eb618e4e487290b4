"""What one order-routing run costs the event loop's thread, layer by layer: µs of processor time.

The application is called in this process, without sockets; all else is real, commits included. Only
this thread's processor time counts. A shared machine is twice as slow from one second to the next,
so every short batch is measured beside a fixed piece of Python, and the lower quartile of the
ratios is given: in µs of a machine on which that piece takes `NOMINAL_US`.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from statistics import quantiles
from typing import Any

from tramo.app.house import House, open_throwaway_house
from tramo.app.setting import load_settings
from tramo.engine import Began, State, decide, encode_segment
from tramo.model.scope import Scope, system_scope
from tramo.model.value import decode
from tramo_web.asgi import Application, build_app

from tests.bench.order import ORDER
from tests.bench.routing import document

CONNECTIONS = 32
BATCHES = 150
ROUNDS = 3
"""Deliveries of a connection in one batch."""
CALLS = 50
NOMINAL_US = 11.5
FLOW = document()["id"]
HEADERS = [
    (b"host", b"127.0.0.1:8700"),
    (b"content-length", str(len(ORDER)).encode()),
    (b"content-type", b"application/json"),
    (b"x-request-number", b"1790000000000"),
]


def run() -> list[dict[str, Any]]:
    """Measure the whole run and its layers."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(_run())
    return uvloop.run(_run())


async def _run() -> list[dict[str, Any]]:
    async with open_throwaway_house(load_settings()) as house:
        scope = system_scope(house.workspace_id)
        await house.flows.create(scope, document())
        published = await house.flows.publish(scope, FLOW)
        address = published["addresses"][0]["url"].rpartition("/in/")[2]
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        figures = {"a run, all but the server": await _whole(build_app(house), f"/in/{address}")}
        figures["a delivery, all but the web"] = await _delivered(house, address)
        figures |= await _layers(house, scope)
    return [{"case": f"CPU, {name}", "figure": us, "unit": "µs"} for name, us in figures.items()]


async def _whole(app: Application, path: str) -> float:
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": HEADERS,
        "client": ("127.0.0.1", 40_000),
    }
    request = {"type": "http.request", "body": ORDER, "more_body": False}

    async def receive() -> dict[str, Any]:
        return request

    async def send(message: dict[str, Any]) -> None:
        if message.get("status", 200) != 200:
            raise RuntimeError(f"an answer that was no 200: {message}")

    return await _side_by_side(lambda: app({**scope}, receive, send))


async def _delivered(house: House, address: str) -> float:
    headers = {name.decode(): value.decode() for name, value in HEADERS}
    return await _side_by_side(
        lambda: house.door.deliver(address, method="POST", headers=headers, query={}, body=ORDER)
    )


async def _side_by_side(deliver: Callable[[], Any]) -> float:
    """Deliver over as many connections as the bench over sockets has; return µs a run."""

    async def connection() -> None:
        for _ in range(ROUNDS):
            await deliver()

    ratios = []
    for _ in range(BATCHES):
        fixed = _fixed()
        began = time.thread_time()
        await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
        took = time.thread_time() - began
        ratios.append(took / (CONNECTIONS * ROUNDS) / min(fixed, _fixed()))
    return quantiles(ratios)[0] * NOMINAL_US


async def _layers(house: House, scope: Scope) -> dict[str, float]:
    version = (await house.flows.get(scope, FLOW))["published"]["version"]
    plan = await house.plans.get(scope.workspace_id, FLOW, version)
    trigger = plan.triggers[0]
    headers = {name.decode(): value.decode() for name, value in HEADERS}
    output = {"body": decode(ORDER), "headers": headers, "query": {}, "method": "POST"}

    def settle() -> State:
        state = State(plan, run_id="run_1", trigger=trigger)
        decide(state, Began(1_000, output, {}))
        return state

    moments = settle().moments
    layers: dict[str, Callable[[], Any]] = {
        "decode the order": lambda: decode(ORDER),
        "begin a run: decide, make its rows": lambda: house.runner.begin(
            house.workspace_id, plan, trigger, output
        ),
        "of which decide": settle,
        "of which encode the segment": lambda: encode_segment(moments),
    }
    return {name: _alone(call) for name, call in layers.items()}


def _alone(call: Callable[[], Any]) -> float:
    ratios = []
    for _ in range(BATCHES):
        fixed = _fixed()
        began = time.thread_time()
        for _ in range(CALLS):
            call()
        took = time.thread_time() - began
        ratios.append(took / CALLS / min(fixed, _fixed()))
    return quantiles(ratios)[0] * NOMINAL_US


def _fixed() -> float:
    """Return how long a fixed piece of Python takes now."""
    began = time.thread_time()
    for _ in range(20):
        found: dict[str, int] = {}
        for number in range(100):
            found[str(number)] = number
    return (time.thread_time() - began) / 20
