"""What needs people: approvals and their answers, alerts, notices and the way they take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post, put
from litestar.params import Parameter, QueryParameter
from msgspec import Meta

from tramo_web.auth import caller_of
from tramo_web.body import read
from tramo_web.failure import told

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]
Count = Annotated[int, Parameter(ge=1, le=200, description="How many at most.")]
Text = Annotated[str | None, Parameter(max_length=400)]
NoticeState = Literal["waiting", "sent", "given_up", "withdrawn"]


class Reply(msgspec.Struct, forbid_unknown_fields=True):
    """The way out that a person chooses, and what they add."""

    port: Annotated[str, Meta(min_length=1, max_length=64)]
    data: Any = None
    iteration: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=20)] = []


class Way(msgspec.Struct, forbid_unknown_fields=True):
    """Ids of the connections that bring notices; none: the only one for e-mail."""

    connections: Annotated[list[Annotated[str, Meta(max_length=80)]], Meta(max_length=5)]


# Approvals -------------------------------------------------------------------------------------


@get("/approvals", summary="Questions that wait for a person")
async def list_approvals(
    request: Asked, flow: Text = None, run: Text = None, limit: Count = 50, cursor: Text = None
) -> Any:
    return await _house(request).approvals.list(
        caller_of(request).scope, flow=flow, run=run, limit=limit, cursor=cursor
    )


@post(
    "/runs/{run_id:str}/steps/{node:str}/reply",
    summary="Answer a question that a step asks",
    status_code=200,
    opt={"role": "viewer", "body": Reply},
)
async def reply_to_step(request: Asked, run_id: Part, node: Part) -> Any:
    asked = await read(request, Reply)
    scope, house = caller_of(request).scope, _house(request)
    await house.approvals.reply(scope, run_id, node, asked.port, asked.data, tuple(asked.iteration))
    return told(request, await house.runs.get(scope, run_id))


# Alerts ----------------------------------------------------------------------------------------


@get("/alerts", summary="Alerts, newest first")
async def list_alerts(
    request: Asked,
    flow: Text = None,
    seen: Annotated[bool | None, QueryParameter()] = None,
    limit: Count = 50,
    cursor: Text = None,
) -> Any:
    answer = await _house(request).alerts.list(
        caller_of(request).scope, flow=flow, seen=seen, limit=limit, cursor=cursor
    )
    return told(request, answer)


@post("/alerts/{alert_id:str}/seen", summary="Say that an alert was seen", status_code=204)
async def see_alert(request: Asked, alert_id: Part) -> None:
    await _house(request).alerts.mark_seen(caller_of(request).scope, alert_id)


# Notices ---------------------------------------------------------------------------------------


@get("/notices", summary="Messages to people, newest first")
async def list_notices(
    request: Asked,
    notice_state: Annotated[NoticeState | None, QueryParameter(name="state")] = None,
    limit: Count = 50,
    cursor: Text = None,
) -> Any:
    return await _house(request).notices.list(
        caller_of(request).scope, notice_state, limit=limit, cursor=cursor
    )


@post("/notices/{notice_id:str}/send", summary="Send a message again", status_code=204)
async def send_notice(request: Asked, notice_id: Part) -> None:
    await _house(request).notices.send_again(caller_of(request).scope, notice_id)


@get("/notices/way", summary="Which connections bring messages")
async def get_way(request: Asked) -> Any:
    return await _house(request).notices.way(caller_of(request).scope)


@put("/notices/way", summary="Choose the connections that bring messages", opt={"body": Way})
async def choose_way(request: Asked) -> Any:
    asked = await read(request, Way)
    return await _house(request).notices.choose_way(caller_of(request).scope, asked.connections)


def _house(request: Asked) -> Any:
    return request.app.state.house


ROUTES = [
    list_approvals,
    reply_to_step,
    list_alerts,
    see_alert,
    list_notices,
    send_notice,
    get_way,
    choose_way,
]
