"""Runs: lists, one run, cancel, and answers to doubts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, get, post
from litestar.params import Parameter, QueryParameter
from msgspec import Meta
from tramo.model.run import RunState

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]
Count = Annotated[int, Parameter(ge=1, le=200, description="How many at most.")]
Text = Annotated[str | None, Parameter(max_length=300)]


class StepAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """What a person knows about a step in doubt."""

    outcome: Literal["happened", "resend", "abort"]
    iteration: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=20)] = []
    output: Any = None


@get("/runs", summary="Runs, newest first")
async def list_runs(
    request: Asked,
    flow: Text = None,
    run_state: Annotated[RunState | None, QueryParameter(name="state")] = None,
    q: Text = None,
    limit: Count = 50,
    cursor: Text = None,
) -> Any:
    return await _desk(request).list(
        caller_of(request).scope, flow=flow, state=run_state, q=q, limit=limit, cursor=cursor
    )


@get("/runs/{run_id:str}", summary="A run with its steps")
async def get_run(request: Asked, run_id: Part) -> Any:
    return await _desk(request).get(caller_of(request).scope, run_id)


@post("/runs/{run_id:str}/cancel", summary="Cancel a run", status_code=200)
async def cancel_run(request: Asked, run_id: Part) -> Any:
    return await _desk(request).cancel(caller_of(request).scope, run_id)


@post(
    "/runs/{run_id:str}/steps/{node:str}/answer",
    summary="Settle a step in doubt",
    status_code=200,
    opt={"body": StepAnswer},
)
async def answer_step(request: Asked, run_id: Part, node: Part) -> Any:
    asked = await read(request, StepAnswer)
    return await _desk(request).answer(
        caller_of(request).scope, run_id, node, asked.iteration, asked.outcome, asked.output
    )


def _desk(request: Asked) -> Any:
    return request.app.state.house.runs


ROUTES = [list_runs, get_run, cancel_run, answer_step]
