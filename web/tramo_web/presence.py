"""Who has a flow open, and who of them edits it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, delete, post
from litestar.params import Parameter
from msgspec import Meta

from tramo_web.auth import caller_of, session_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]


class Here(msgspec.Struct, forbid_unknown_fields=True):
    """A tab of a browser, what it looks at, and whether it wants to edit."""

    tab: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    wish: Literal["read", "edit", "take"] = "read"
    node: Annotated[str, Meta(max_length=64)] | None = None


@post(
    "/flows/{flow_id:str}/presence",
    summary="Say that you are here",
    status_code=200,
    opt={"role": "viewer", "body": Here},
)
async def join(request: Asked, flow_id: Part) -> Any:
    session_of(request)
    here = await read(request, Here)
    scope = caller_of(request).scope
    return await _desk(request).join(scope, flow_id, here.tab, here.wish, here.node)


@delete(
    "/flows/{flow_id:str}/presence/{tab:str}",
    summary="Say that you are gone",
    opt={"role": "viewer"},
)
async def leave(request: Asked, flow_id: Part, tab: Part) -> None:
    session_of(request)
    await _desk(request).leave(caller_of(request).scope, flow_id, tab)


def _desk(request: Asked) -> Any:
    return request.app.state.house.presence


ROUTES = [join, leave]
