"""The house in which stories are told: a clock that jumps, and a service with its moods."""

from __future__ import annotations

from asyncio import timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from tramo.app.house import House, open_house
from tramo.app.play import JumpingClock, Play, read_answers
from tramo.model.value import encode
from tramo.sdk import moment_ms

from tests.kit import REGISTRY, document, owner, publish, settings
from tests.runtime.outbound.server import http_server
from tests.schemas.kit import MONDAY

BIG: Final = 820982911946154508
GO: Final = {"id": "go", "type": "core.manual"}


class Service:
    """Answers by the path that is asked: once badly, then well."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, first = request.path, request.path not in self.heard
        self.heard.append(path)
        if path.startswith("/refuse") or (path == "/refuse_once" and first):
            return web.json_response({"error": "not that one"}, status=422)
        if path == "/busy" and first:
            return web.json_response({}, status=503, headers={"retry-after": "30"})
        if path == "/drop" and first:
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"id": BIG, "heard": len(self.heard), "items": [], "fee": 1.10})


class Stage:
    """A house in which a story's flows run."""

    def __init__(self, house: House, clock: JumpingClock, url: str) -> None:
        self.house = house
        self.clock = clock
        self.url = url

    def call(self, id: str, method: str, path: str, **fields: Any) -> dict[str, Any]:
        params = {"method": method, "url": self.url + path, **fields.pop("params", {})}
        return {"id": id, "type": "core.http_request", "params": params, **fields}

    async def put(self, id: str, nodes: list[Any], edges: str, **fields: Any) -> str:
        """Publish a flow; edges are text such as `go > a, a.error > b`."""
        arrows = []
        for part in filter(None, (text.strip() for text in edges.split(","))):
            start, end = (side.strip() for side in part.split(">"))
            start, _, port = start.partition(".")
            arrows.append((start, port or "out", end))
        head = [] if any(_is_trigger(node) for node in nodes) else [GO]
        about = {"id": f"flow_{id}", "name": id.replace("_", " ").capitalize(), **fields}
        await publish(self.house, document([*head, *nodes], arrows, **about))
        return f"flow_{id}"

    async def start(self, flow_id: str, event: Any = None) -> str:
        return await self.house.flows.start(
            owner(self.house), flow_id, {} if event is None else event, version="published"
        )

    async def play(self, run_id: str, *answers: Any) -> str:
        """Let time jump, and people and events answer, until nothing more can happen."""
        said = read_answers(encode(list(answers)))
        await Play(self.house, owner(self.house), run_id, answers=said, fast=True).to_end(20)
        return run_id

    async def until(self, run_id: str, state: str) -> None:
        """Wait until a run is in a state."""
        async with timeout(20):
            while (await self.house.runs.get(owner(self.house), run_id))["state"] != state:
                await self.house.clock.sleep(0.005)

    async def run(self, flow_id: str, event: Any = None, *answers: Any) -> str:
        return await self.play(await self.start(flow_id, event), *answers)


def _is_trigger(node: dict[str, Any]) -> bool:
    kind = REGISTRY.node_type(node["type"], 1)
    return kind is not None and kind.kind == "trigger"


def expr(source: str) -> dict[str, str]:
    return {"$expr": source}


def node(id: str, type: str, inside: str | None = None, **params: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"id": id, "type": f"core.{type}", "params": params}
    return made | ({"inside": inside} if inside else {})


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    clock = JumpingClock()
    clock.jump_to(moment_ms(MONDAY, "UTC"))
    given = settings(folder, synchronous="OFF", private_hosts=("127.0.0.0/8",))
    async with (
        http_server(Service().answer) as port,
        open_house(given, registry=REGISTRY, clock=clock) as house,
    ):
        yield Stage(house, clock, f"http://127.0.0.1:{port}")
