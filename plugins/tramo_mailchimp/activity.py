"""Events of people: what they did elsewhere, told to Mailchimp once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from tramo import sdk

from tramo_mailchimp import connector
from tramo_mailchimp.api import Context, call, pages
from tramo_mailchimp.audience import Audience
from tramo_mailchimp.member import NO_PERSON, Email, member_path

MARK: Final = "tramo_key"
"""The property that carries the effect key, by which a probe finds the event again."""
PROBE_PAGES: Final = 5


class MemberEvent(sdk.Params):
    """What happened, and to whom."""

    audience: Audience
    email: Email
    name: Annotated[
        str,
        sdk.Meta(
            title="Event",
            description="Its name, 2 to 30 characters, such as bought or review_left. Mailchimp's "
            "automations wait for it by this name.",
            min_length=2,
            max_length=30,
        ),
    ]
    properties: Annotated[
        Mapping[str, Any],
        sdk.Meta(
            title="Properties",
            description="More about it, such as order: 1001. Numbers are sent as text.",
        ),
    ] = {}
    occurred_at: Annotated[
        str,
        sdk.Meta(
            title="When",
            description="Such as 2026-11-21T10:35:57Z. Empty: now.",
            pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?$",
        ),
        sdk.hint(advanced=True),
    ] = ""
    quiet: Annotated[
        bool,
        sdk.Meta(
            title="Start no automations",
            description="Mailchimp's own automations that wait for this event stay still.",
        ),
        sdk.hint(advanced=True),
    ] = False


class RecordedEvent(sdk.Output, kw_only=True):
    """The event that was recorded."""

    audience: str
    email: Annotated[str, sdk.Personal("email")]
    name: str


@connector.action(
    "record_event",
    title="Record event",
    effect="never_repeat",
    synonyms=("track", "activity", "behaviour", "journey"),
    example={"audience": "a6b5da1054", "email": "ana@example.com", "name": "bought"},
)
async def record_event(ctx: Context, params: MemberEvent) -> RecordedEvent:
    """Tell Mailchimp what a person did, so that its automations can follow."""
    properties = {name: _text(name, value) for name, value in params.properties.items()}
    body: dict[str, Any] = {
        "name": params.name,
        "properties": properties | {MARK: ctx.key},
        "is_syncing": params.quiet,
    }
    if params.occurred_at:
        body["occurred_at"] = params.occurred_at
    await call(ctx, "POST", _path(params), json=body, missing=NO_PERSON)
    return _recorded(ctx, params)


@connector.probe("record_event")
async def find_event(ctx: Context, params: MemberEvent) -> sdk.ProbeResult:
    """Look for the event that carries this effect's key.

    An event that is not there proves nothing: it may still be on its way.
    """
    try:
        async for event in pages(ctx, _path(params), "events", PROBE_PAGES):
            if (event.get("properties") or {}).get(MARK) == ctx.key:
                return sdk.Happened(_recorded(ctx, params))
    except sdk.Rejected:
        pass  # The person may be gone meanwhile: somebody has to look.
    return sdk.Unknown()


def _path(params: MemberEvent) -> str:
    return f"{member_path(params.audience, params.email)}/events"


def _recorded(ctx: Context, params: MemberEvent) -> RecordedEvent:
    email = params.email.strip()
    ctx.add_key("person", email)
    return RecordedEvent(audience=params.audience, email=email, name=params.name)


def _text(name: str, value: Any) -> str:
    """Return a property as the text that Mailchimp takes, numbers exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal | float):
        return str(value)
    if value is None:
        return ""
    raise sdk.BadParams(
        f"The property “{name}” is a list or object; an event takes texts only.",
        params={"why": "mailchimp.property", "name": name},
    )
