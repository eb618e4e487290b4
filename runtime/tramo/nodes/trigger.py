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
            description="received: at once, when the call is stored. finished: after the last "
            "node, with its output. respond: with what a Respond node says.",
        ),
    ] = "received"
    answer_within_s: Annotated[
        int,
        Meta(
            ge=1,
            le=60,
            title="Answer within",
            description="Seconds to wait for the flow. Past them the caller gets 202 and an "
            "address where the result will be.",
        ),
        sdk.hint(widget="duration", advanced=True),
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
            title="Cron rule",
            description="Minute, hour, day, month and weekday: 0 9 * * 1-5 is nine o'clock on "
            "working days.",
            examples=["0 9 * * 1-5"],
        ),
        sdk.hint(widget="cron", one_of="time"),
    ] = None
    every_s: Annotated[
        Annotated[int, Meta(ge=1, le=31_622_400)] | None,
        Meta(title="Every", description="Seconds from one start to the next."),
        sdk.hint(widget="duration", one_of="time"),
    ] = None
    timezone: Annotated[
        Annotated[str, Meta(extra_json_schema={"format": "timezone"})] | None,
        Meta(
            title="Time zone",
            description="Where the cron rule's clock hangs, such as Europe/Madrid. "
            "Empty: the flow's time zone.",
        ),
        sdk.hint(widget="timezone"),
    ] = None
    missed: Annotated[
        Literal["skip", "latest", "all"],
        Meta(
            title="Missed starts",
            description="What to do about starts missed while Tramo was off: skip them, make up "
            "for the latest, or for all.",
        ),
        sdk.hint(advanced=True),
    ] = "latest"


class Firing(sdk.Output):
    """One start of the schedule."""

    scheduled_at: str
    fired_at: str


FIRING: Final = {"scheduled_at": "2026-11-23T08:00:00Z", "fired_at": "2026-11-23T08:00:00Z"}
