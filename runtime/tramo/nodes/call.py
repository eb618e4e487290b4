"""The node that calls another flow."""

from __future__ import annotations

from typing import Annotated, Any, Final

from tramo import sdk
from tramo.sdk import Meta


class CallFlow(sdk.Params):
    flow: Annotated[
        str,
        Meta(
            title="Flow",
            description="The flow to run. It must be published and not paused.",
            min_length=1,
        ),
        sdk.hint(widget="flow"),
    ]
    event: Annotated[
        Any,
        Meta(title="Event", description="What its trigger hands on; any value."),
        sdk.hint(formula=True),
    ] = None
    wait: Annotated[
        bool,
        Meta(
            title="Wait for its end",
            description="Goes on with its output when it has succeeded, and fails if it fails. "
            "Off: starts it and goes on at once.",
        ),
    ] = True


class Called(sdk.Output):
    """The run that was started, and what it gave."""

    run: str
    state: str
    output: Any = None


LOOK_AGAIN_MS: Final = 30_000
"""Somebody re-runs what was called before; how often the caller looks whether it is at its end."""
CALLED = {"run": "run_0192f3c4d5e6", "state": "succeeded", "output": {"reserved": True}}


def call_flow(store: sdk.Store, params: CallFlow) -> Called | sdk.Hold:
    """Run another flow as a step of this one, with this run's business keys.

    The version is the one that is live when the call is made.
    """
    run_id = store.start_flow(params.flow, params.event, wait=params.wait)
    if run_id is None:
        return sdk.Hold(until_ms=store.now_ms + LOOK_AGAIN_MS)
    if not params.wait:
        return Called(run=run_id, state="queued")
    ended = store.outcome(run_id)
    if ended is None:
        return sdk.Hold()
    if ended["state"] != "succeeded":
        raise _failed(ended)
    return Called(run=run_id, state=ended["state"], output=ended["output"])


def _failed(ended: dict[str, Any]) -> sdk.Rejected:
    error = ended["error"]
    if error is not None:
        said = f"failed: {error['message']}"
    elif ended["reason"] == "concurrency":
        said = "was not run, because too many of its runs were open."
    else:
        said = f"ended as {ended['state']}."
    return sdk.Rejected(
        f"The flow that was called {said}",
        code="flow.call_failed",
        details={"run": ended["run"], "state": ended["state"], "error": error},
    )
