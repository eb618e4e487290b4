"""What the built-in triggers take and what they hand to the flow; doors do the firing."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from tramo import sdk
from tramo.sdk import Meta

Path = Annotated[str, Meta(max_length=200, extra_json_schema={"format": "path"})]


class Webhook(sdk.Params):
    method: Annotated[
        Literal["POST", "GET", "PUT", "PATCH", "DELETE"],
        Meta(title="Method", description="The HTTP method that the other system uses."),
    ] = "POST"
    keys: Annotated[
        dict[str, Path],
        Meta(
            title="Business keys",
            description="What a call is about, so that its runs can be found by it later: "
            "a kind such as order, and where its value stands, such as body.order_id.",
        ),
        sdk.hint(widget="keys"),
    ] = msgspec.field(default_factory=dict)
    dedupe: Annotated[
        Path | None,
        Meta(
            title="Delivery id",
            description="Where each call's own id stands, such as body.id. "
            "A second call with the same id starts nothing. Empty: every call counts.",
        ),
    ] = None
    secret: Annotated[
        sdk.Secret | None,
        Meta(
            title="Secret",
            description="Calls must bring it in the header X-Tramo-Secret, or sign their body "
            "with it: X-Tramo-Signature: sha256= and the HMAC-SHA256 in hexadecimal digits. "
            "Empty: whoever knows the address may call.",
        ),
    ] = None
    answer: Annotated[
        Literal["received", "finished", "respond"],
        Meta(
            title="Answer",
            description="When the caller gets its answer, and what it says.",
        ),
        sdk.hint(
            labels={
                "received": "At once",
                "finished": "After the last step, with its output",
                "respond": "What a Respond step says",
            }
        ),
    ] = "received"
    answer_within_s: Annotated[
        int,
        Meta(
            ge=1,
            le=60,
            title="Answer within",
            description="How long the caller waits for the flow. After that it gets 202 and an "
            "address where the result will be.",
        ),
        sdk.hint(when={"answer": ["finished", "respond"]}, widget="duration", advanced=True),
    ] = 10


class Call(sdk.Output, kw_only=True):
    """A request to the webhook's address."""

    body: Any = None
    headers: dict[str, str]
    query: dict[str, str]
    method: str


CALL: Final = {
    "body": {"order_id": 1001, "status": "packed"},
    "headers": {"content-type": "application/json"},
    "query": {},
    "method": "POST",
}


class Schedule(sdk.Params):
    cron: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "cron"})] | None,
        Meta(
            title="At set times",
            description="On which days, at what time.",
            examples=["0 9 * * 1-5"],
        ),
        sdk.hint(widget="cron", one_of="time"),
    ] = None
    every_s: Annotated[
        Annotated[int, Meta(ge=1, le=31_622_400)] | None,
        Meta(title="Every", description="The time from one start to the next."),
        sdk.hint(widget="duration", one_of="time"),
    ] = None
    timezone: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "timezone"})] | None,
        Meta(
            title="Time zone",
            description="Where the clock hangs, such as Europe/Madrid. Empty: the flow's time "
            "zone.",
        ),
        sdk.hint(widget="timezone"),
    ] = None
    missed: Annotated[
        Literal["skip", "latest", "all"],
        Meta(
            title="Missed starts",
            description="What to do about starts that were missed while Tramo was off.",
        ),
        sdk.hint(
            labels={
                "latest": "Make up for the latest",
                "all": "Make up for all",
                "skip": "Skip them",
            },
            advanced=True,
        ),
    ] = "latest"


class Firing(sdk.Output):
    """One start of the schedule."""

    scheduled_at: str
    fired_at: str


FIRING: Final = {"scheduled_at": "2026-11-23T08:00:00Z", "fired_at": "2026-11-23T08:00:00Z"}


class FlowFailed(sdk.Params):
    flows: Annotated[
        list[Annotated[str, Meta(pattern="^flow_[A-Za-z0-9_-]{1,64}$")]],
        Meta(
            title="Flows",
            description="The flows to follow. Empty: every flow except this one.",
            max_length=200,
        ),
        sdk.hint(widget="flows"),
    ] = msgspec.field(default_factory=list)


class NamedFlow(sdk.Output):
    id: str
    name: str


class FailedRun(sdk.Output):
    id: str
    started_at: str
    ended_at: str
    keys: dict[str, str]
    """What the run was about: a value by kind, such as order."""


class Reason(sdk.Output, kw_only=True):
    code: str
    message: str
    details: Any = None


class Failure(sdk.Output, kw_only=True):
    """A run that failed."""

    flow: NamedFlow
    run: FailedRun
    error: Reason
    node: str | None = None


FAILURE: Final = {
    "flow": {"id": "flow_8Zk2", "name": "Tag VIP orders"},
    "run": {
        "id": "run_01",
        "started_at": "2026-11-23T08:00:00.000Z",
        "ended_at": "2026-11-23T08:00:02.000Z",
        "keys": {"order": "1001"},
    },
    "error": {"code": "slack.channel_not_found", "message": "No such channel.", "details": None},
    "node": "tell",
}


class After(sdk.Params, kw_only=True):
    type: Annotated[
        str,
        Meta(
            title="Event",
            description="What happens first, such as an order that is placed.",
            pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$",
        ),
        sdk.hint(widget="trigger"),
    ]
    connection: Annotated[
        Annotated[str, Meta(pattern="^conn_[A-Za-z0-9_-]{1,64}$")] | None,
        Meta(
            title="Connection",
            description="The account whose events count. Empty: the accounts that this flow's "
            "nodes of that kind work with, or else all of them.",
        ),
        sdk.hint(widget="connection", advanced=True),
    ] = None
    key: Annotated[
        str,
        Meta(
            title="Business key",
            description="What the delay is counted for: each order, say, has a start of its own. "
            "An event without such a key starts nothing.",
            min_length=1,
            max_length=40,
        ),
        sdk.hint(widget="key"),
    ]
    seconds: Annotated[
        sdk.Duration,
        Meta(
            title="Delay",
            description="The time from the event to the start.",
            ge=1,
            le=31_622_400,
        ),
    ]
    restart: Annotated[
        bool,
        Meta(
            title="Count anew",
            description="A newer event about the same key takes the waiting one's place, and the "
            "delay begins anew. Off: newer events are left alone until the flow has started.",
        ),
    ] = True
