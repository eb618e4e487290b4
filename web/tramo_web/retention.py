"""How long what is kept."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post, put
from litestar.params import Parameter
from tramo.app.retention import Choice

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]


@get("/retention", summary="How long runs, deliveries and acts are kept")
async def get_retention(request: Asked) -> Any:
    return await _desk(request).get(caller_of(request).scope)


@put("/retention", summary="Choose it for the workspace", opt={"role": "owner", "body": Choice})
async def put_retention(request: Asked) -> Any:
    return await _desk(request).put(caller_of(request).scope, await read(request, Choice))


@put(
    "/flows/{flow_id:str}/retention",
    summary="Choose it for a flow",
    opt={"role": "owner", "body": Choice},
)
async def put_flow_retention(request: Asked, flow_id: Part) -> Any:
    choice = await read(request, Choice)
    return await _desk(request).put(caller_of(request).scope, choice, flow_id)


@post(
    "/retention/sweep",
    summary="Remove now what is over",
    status_code=200,
    opt={"role": "owner"},
)
async def sweep(request: Asked) -> Any:
    return await _desk(request).sweep(caller_of(request).scope)


def _desk(request: Asked) -> Any:
    return request.app.state.house.retention


ROUTES = [get_retention, put_retention, put_flow_retention, sweep]
