"""A connector to a shop of the tests' own, and contexts whose vendor is a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from tramo import sdk
from tramo.app.port import SystemIds, TaskSpawn
from tramo.model.connection import Connection
from tramo.outbound import CallContext, Outbound, TwinHouse

from tests.runtime.outbound.server import Answers, StillClock, http_server

TOKEN = "shpat_0123456789abcdef"


class Shop(sdk.Credential):
    address: str
    token: sdk.Secret
    user: str = "me"


def definition(auth: sdk.Auth | None = None, **fields: Any) -> sdk.Definition:
    connector = sdk.Connector(
        "shop",
        title="Shop",
        credential=Shop,
        base_url="{address}/api/v1/",
        auth=auth or sdk.Header("X-Token", "token"),
        **fields,
    )
    return connector.tramo_connector()


@asynccontextmanager
async def outbound(clock: Any = None) -> AsyncIterator[Outbound]:
    clock = clock or StillClock()
    door = Outbound(
        clock=clock,
        twins=TwinHouse(clock=clock, ids=SystemIds(), spawn=TaskSpawn()),
        private_hosts=["shop.test", "other.test"],
        resolver=Answers(["127.0.0.1"]),
    )
    yield door
    await door.close()


@asynccontextmanager
async def calling(handler: Any, auth: sdk.Auth | None = None, **fields: Any):
    """Give a context whose connection's vendor is a real server with this handler."""
    async with http_server(handler) as port, outbound() as door:
        yield context(door, port, auth, **fields)


def context(door: Outbound, port: int, auth: sdk.Auth | None = None, **fields: Any) -> CallContext:
    return door.context(
        definition(auth, **fields),
        Connection(id="conn_1", name="Shop", connector="shop"),
        Shop(address=f"http://shop.test:{port}", token=TOKEN),
    )


def answering(status: int = 200, body: Any = b"", **headers: str):
    async def handler(request: web.Request) -> web.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=names)

    return handler


async def echo(request: web.Request) -> web.Response:
    return web.json_response(
        {
            "method": request.method,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        }
    )
