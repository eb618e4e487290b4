"""Pinned data: what stands in for a node's output while a draft is tried."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, put
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType
from tramo.model.problem import TramoError

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]


class NewPin(msgspec.Struct, forbid_unknown_fields=True):
    """Data to pin: itself, or the run that a step gave it in."""

    output: Any = UNSET
    port: Annotated[str, Meta(min_length=1, max_length=64)] = "out"
    run: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    iteration: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=20)] = []


@get("/flows/{flow_id:str}/pins", summary="Data pinned to the nodes of a flow's draft")
async def list_pins(request: Asked, flow_id: Part) -> Any:
    return await _desk(request).list(caller_of(request).scope, flow_id)


@put("/flows/{flow_id:str}/pins/{node:str}", summary="Pin data to a node", opt={"body": NewPin})
async def put_pin(request: Asked, flow_id: Part, node: Part) -> Any:
    asked = await read(request, NewPin)
    scope, desk = caller_of(request).scope, _desk(request)
    if (asked.output is UNSET) == (asked.run is UNSET):
        raise TramoError("pin.data", "Give either an output or a run.", status=422)
    if asked.run is not UNSET:
        return await desk.put_from(scope, flow_id, node, asked.run, tuple(asked.iteration))
    return await desk.put(scope, flow_id, node, asked.output, asked.port)


@delete("/flows/{flow_id:str}/pins/{node:str}", summary="Unpin a node")
async def delete_pin(request: Asked, flow_id: Part, node: Part) -> None:
    await _desk(request).delete(caller_of(request).scope, flow_id, node)


def _desk(request: Asked) -> Any:
    return request.app.state.house.pins


ROUTES = [list_pins, put_pin, delete_pin]
