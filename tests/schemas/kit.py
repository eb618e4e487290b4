"""Example flows run whole: the house of `tramo run --twins --clock fast`, kept open for more runs,
with the twins and tables to look at, and small services for what has no connector yet."""

from __future__ import annotations

from asyncio import timeout
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tramo.app.house import House, open_house
from tramo.app.play import JumpingClock, Play, read_answers
from tramo.model.value import decode, encode
from tramo.ports.http import Interrupted, Request, Response
from tramo.sdk import json_response, moment_ms, rfc3339
from tramo.sdk.stored import Tables
from tramo.store.stored import StepTables

from tests.kit import REGISTRY, owner, settings
from tests.runtime.outbound.server import http_server

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
MONDAY = "2031-01-06T09:00:00Z"
"""When a shop opens: a working day, later than any machine's clock."""

Service = Callable[[Any], Awaitable[Any]]
"""Answers an aiohttp request."""


def read_event(name: str, /, **changes: Any) -> Any:
    """Return an example's event with some fields changed."""
    return {**decode((EXAMPLES / "events" / f"{name}.json").read_bytes()), **changes}


class Run:
    """A run as it stands."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.id: str = document["id"]
        self.state: str = document["state"]
        self.reason: str | None = document["reason"]
        self.error: Any = document["error"]
        self.steps: list[dict[str, Any]] = document["steps"]

    def step(self, node: str, *iteration: int) -> dict[str, Any]:
        """Return a node's step, of one iteration if it is inside a loop."""
        for step in self.steps:
            if (step["node"], tuple(step["iteration"])) == (node, iteration):
                return step
        raise AssertionError(f"{node} {iteration} has no step; it is not reached or not there")

    def output(self, node: str, *iteration: int) -> Any:
        return self.step(node, *iteration)["output"]

    def after_s(self, node: str) -> float:
        """Return how many seconds after the run's start a step began."""
        first = min(step["started_at"] for step in self.steps if step["started_at"])
        return _seconds(first, self.step(node)["started_at"])

    def lasted_s(self, node: str) -> float:
        """Return how many seconds a step took."""
        step = self.step(node)
        return _seconds(step["started_at"], step["ended_at"])

    def done(self, *nodes: str) -> bool:
        """Tell whether all of these nodes succeeded."""
        return all(self.step(node)["state"] == "succeeded" for node in nodes)

    def skipped(self, *nodes: str) -> bool:
        """Tell whether none of these nodes was reached."""
        return all(self.step(node)["state"] == "skipped" for node in nodes)


class Shop:
    """One example flow in a house of twins, whose clock jumps to what is due."""

    def __init__(self, house: House, clock: JumpingClock, flow_id: str) -> None:
        self.house = house
        self.clock = clock
        self.flow_id = flow_id

    async def run(self, event: Any, answers: Any = (), *, trigger: str | None = None) -> Run:
        """Run the flow to its end, or as far as it gets; `answers` as in an answers file, or the
        name of an example's."""
        return await self.play(await self.start(event, trigger=trigger), answers)

    async def start(self, event: Any, *, trigger: str | None = None) -> str:
        """Start a run and return its id."""
        return await self.house.flows.start(owner(self.house), self.flow_id, event, trigger)

    async def play(self, run_id: str, answers: Any = ()) -> Run:
        """Let time jump until a run has ended or nothing more can happen."""
        if isinstance(answers, str):
            said = (EXAMPLES / "answers" / f"{answers}.json").read_bytes()
        else:
            said = encode(list(answers))
        play = Play(self.house, owner(self.house), run_id, answers=read_answers(said), fast=True)
        await play.to_end(20)
        return await self.look(run_id)

    async def look(self, run_id: str) -> Run:
        """Return a run as it stands."""
        return Run(await self.house.runs.get(owner(self.house), run_id))

    def twin(self, connector: str) -> Any:
        """Return the twin that a connector's nodes work with."""
        found = self.house.registry.connectors[connector]
        assert found.twin is not None
        credential = found.twin.demo_credential()
        return self.house.twins.open(f"conn_{connector}", found, credential).twin

    async def until(self, run_id: str, node: str) -> None:
        """Let a run come as far as a step that waits, without a jump of time."""
        async with timeout(20):
            while True:
                steps = (await self.look(run_id)).steps
                if any((step["node"], step["state"]) == (node, "waiting") for step in steps):
                    return
                await self.house.clock.sleep(0.01)

    @property
    def mails(self) -> list[dict[str, Any]]:
        """The mails that were sent, oldest first."""
        return self.twin("email").state["inbox"]

    def asked(self, mutation: str) -> list[dict[str, Any]]:
        """Return the variables of each such request to Shopify, oldest first."""
        bodies = [line.body for line in self.twin("shopify").ledger if line.method == "POST"]
        return [body["variables"] for body in bodies if f"{mutation}(" in body["query"]]

    def posts(self, channel: str) -> list[str]:
        """Return the texts that stand in a Slack channel, oldest first."""
        state = self.twin("slack").state
        named = {f"#{found['name']}": id for id, found in state["channels"].items()}
        messages = state["messages"].get(named[channel], [])
        return [message["text"] for message in sorted(messages, key=lambda m: m["ts"])]

    async def with_tables(self, work: Callable[[Tables], Any]) -> Any:
        """Do something with the workspace's tables, and return what it returns."""
        workspace, now = self.house.workspace_id, self.clock.now_ms()
        return await self.house.database.write(lambda c: work(StepTables(c, workspace, now)))

    async def row(self, table: str, key: str) -> dict[str, Any] | None:
        return await self.with_tables(lambda tables: tables.get(table, key))

    def at(self, **ago: float) -> str:
        """Return the instant that was so many days or hours ago."""
        hours = ago.get("days", 0) * 24 + ago.get("hours", 0)
        return rfc3339(self.clock.now_ms() - round(hours * 3_600_000))

    def variant(self, sku: str) -> dict[str, Any]:
        """Return an article as the shop holds it."""
        return next(each for each in self.twin("shopify").state["variants"] if each["sku"] == sku)

    def refuse_price(self, sku: str, price: str) -> Callable[[], None]:
        """Let the shop refuse a price of an article; returns what ends that."""
        twin = self.twin("shopify")
        send, id = twin.send, str(self.variant(sku)["id"])
        error = {"field": ["variants"], "message": "Product is locked", "code": "INVALID_INPUT"}
        refusal = {"productVariantsBulkUpdate": {"productVariants": None, "userErrors": [error]}}

        async def refusing(request: Request) -> Response:
            body = request.body.decode()
            if "SetPrice" in body and id in body and f'"price":"{price}"' in body:
                return json_response({"data": refusal})
            return await send(request)

        def mend() -> None:
            twin.send = send

        twin.send = refusing
        return mend

    def lose_answer(self, connector: str, path: str, said: str = "") -> None:
        """Let the next answer to a request be lost, after the vendor has done its part; `said`
        is in the request's body."""
        twin = self.twin(connector)
        send = twin.send

        async def lossy(request: Request) -> Response:
            response = await send(request)
            if request.url.endswith(path) and said.encode() in request.body:
                twin.send = send
                raise Interrupted("the line went dead")
            return response

        twin.send = lossy


@asynccontextmanager
async def opened(
    folder: Path,
    name: str,
    *,
    services: Mapping[str, Service] | None = None,
    also: tuple[str, ...] = (),
) -> AsyncIterator[Shop]:
    """Open a house with an example flow; `services` stand in for web addresses that it names."""
    clock = JumpingClock()
    clock.jump_to(moment_ms(MONDAY, "UTC"))
    given = settings(folder, force_twins=True, synchronous="OFF", private_hosts=("127.0.0.0/8",))
    async with AsyncExitStack() as stack:
        ports = {
            origin: await stack.enter_async_context(http_server(service))
            for origin, service in (services or {}).items()
        }
        house = await stack.enter_async_context(open_house(given, registry=REGISTRY, clock=clock))
        for other in also:
            made = await house.flows.put(owner(house), _document(other, ports))
            await house.flows.publish(owner(house), made["id"])
        flow = await house.flows.put(owner(house), _document(name, ports))
        yield Shop(house, clock, flow["id"])


def _document(name: str, ports: Mapping[str, int]) -> Any:
    text = (EXAMPLES / f"{name}.json").read_text("utf-8")
    for origin, port in ports.items():
        text = text.replace(origin, f"http://127.0.0.1:{port}")
    return decode(text.encode())


def _seconds(start: str, end: str) -> float:
    return (moment_ms(end, "UTC") - moment_ms(start, "UTC")) / 1_000
