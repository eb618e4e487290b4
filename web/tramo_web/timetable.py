"""When schedules fire next."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import Parameter
from msgspec import Meta

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]


class Schedule(msgspec.Struct, forbid_unknown_fields=True):
    """The params of a schedule as they stand in the editor."""

    params: dict[str, Any]
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"
    """The flow's; params may name another."""


@get("/flows/{flow_id:str}/timetable", summary="When a flow's schedules fire next")
async def get_timetable(request: Asked, flow_id: Part) -> Any:
    desk = request.app.state.house.timetable
    return await desk.of_flow(caller_of(request).scope, flow_id)


@post(
    "/timetable",
    summary="When a schedule would fire",
    status_code=200,
    opt={"role": "viewer", "body": Schedule},
)
async def preview_timetable(request: Asked) -> Any:
    asked = await read(request, Schedule)
    desk = request.app.state.house.timetable
    return desk.of_params(caller_of(request).scope, asked.params, asked.timezone)


ROUTES = [get_timetable, preview_timetable]
