"""The timeline of an order, a person or a SKU: what touched it, and stop or hurry what goes on."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import Parameter
from msgspec import Meta

from tramo_web.auth import caller_of
from tramo_web.body import read
from tramo_web.failure import told

Asked = Request[Any, Any, Any]
Text = Annotated[str, Parameter(min_length=1, max_length=300)]
Count = Annotated[int, Parameter(ge=1, le=100, description="How many runs at most.")]
Cursor = Annotated[str | None, Parameter(max_length=300)]


class Record(msgspec.Struct, forbid_unknown_fields=True):
    """A business key: this order, that person."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    value: Annotated[str, Meta(min_length=1, max_length=300)]


@get("/timeline", summary="Everything that touched an order, a person or a SKU")
async def get_timeline(
    request: Asked, kind: Text, value: Text, limit: Count = 20, cursor: Cursor = None
) -> Any:
    answer = await _desk(request).show(caller_of(request).scope, kind, value, limit, cursor)
    return told(request, answer)


@post(
    "/timeline/stop",
    summary="Cancel every run about it that goes on",
    status_code=200,
    opt={"body": Record},
)
async def stop_runs(request: Asked) -> Any:
    asked = await read(request, Record)
    return await _desk(request).stop(caller_of(request).scope, asked.kind, asked.value)


@post(
    "/timeline/hurry",
    summary="End every wait for a time in runs about it",
    status_code=200,
    opt={"body": Record},
)
async def hurry_runs(request: Asked) -> Any:
    asked = await read(request, Record)
    return await _desk(request).hurry(caller_of(request).scope, asked.kind, asked.value)


def _desk(request: Asked) -> Any:
    return request.app.state.house.timeline


ROUTES = [get_timeline, stop_runs, hurry_runs]
