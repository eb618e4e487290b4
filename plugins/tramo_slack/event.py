"""What Slack delivers: events and button presses, read into plain outputs.

Slack sends JSON for events and a form with one JSON field for interactivity, to the same address
and with the same signature. What the app itself posted is dropped here, so that a flow that answers
messages cannot answer itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import parse_qs

from tramo import sdk

SPOKEN_SUBTYPES: Final = ("bot_message", "file_share", "thread_broadcast", "me_message")
"""Subtypes under which somebody still says something; the rest are edits, joins and notices."""
SECRETS: Final = frozenset({"token", "bot_access_token", "response_url", "function_data"})
"""Fields of deliveries that open a door; no run may keep them."""
NOTICE_ACTION: Final = "tramo_notice_"
"""How the buttons of our own notices are named: they open a page, and start no flow."""

CHANNEL_ID: Final = "^[CGD][A-Z0-9]{8,}$|^$"


class MessagePosted(sdk.Output, kw_only=True):
    """A message that somebody posted."""

    channel: str
    channel_type: str | None = None
    user: Annotated[str | None, sdk.Meta(description="Id of the person or bot.")] = None
    text: str = ""
    ts: Annotated[str, sdk.Meta(description="The message's id inside its channel.")]
    thread: Annotated[str, sdk.Meta(description="Id of the thread it belongs to or may start.")]
    is_reply: bool = False
    is_bot: bool = False
    team: str | None = None
    file_ids: tuple[str, ...] = ()
    raw: Any = None


class MessageFilter(sdk.Params):
    """Which messages start the flow."""

    channel: Annotated[
        str,
        sdk.Meta(
            title="Channel",
            description="Only messages of this channel. Empty: every channel the app is in.",
            pattern=CHANNEL_ID,
        ),
        sdk.Choices("channels"),
    ] = ""
    replies: Annotated[
        bool,
        sdk.Meta(
            title="Replies in threads too", description="Otherwise only what begins a thread."
        ),
    ] = True
    bots: Annotated[
        bool,
        sdk.Meta(
            title="Messages of other bots too",
            description="What this app itself posts never starts a flow.",
        ),
    ] = False


class ButtonPressed(sdk.Output, kw_only=True):
    """A press of a button, or another choice, in a message of the app."""

    action: Annotated[str, sdk.Meta(description="The action_id that the block names.")]
    block: str | None = None
    value: str | None = None
    label: str | None = None
    user: str
    user_name: Annotated[str | None, sdk.Personal("name")] = None
    channel: str | None = None
    channel_name: str | None = None
    message: Annotated[str | None, sdk.Meta(description="ts of the message.")] = None
    thread: str | None = None
    raw: Any = None


class ButtonFilter(sdk.Params):
    """Which presses start the flow."""

    action: Annotated[
        str,
        sdk.Meta(
            title="Action id",
            description="Only buttons with this action_id. Empty: every button of the app.",
            max_length=255,
        ),
    ] = ""


# Reading ---------------------------------------------------------------------------------------


def read(delivery: sdk.Delivery) -> list[sdk.Incoming] | sdk.Reply:
    """Read a delivery whose signature holds. Raises ValueError for what Slack does not send."""
    if delivery.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return _read_interaction(delivery.body)
    body = sdk.decode(delivery.body)
    if not isinstance(body, dict):
        raise ValueError("Slack's deliveries are JSON objects")
    if body.get("type") == "url_verification":
        return sdk.Reply(body=str(body.get("challenge", "")).encode())
    if body.get("type") != "event_callback":
        return []
    event = body.get("event")
    if not isinstance(event, dict):
        raise ValueError("the delivery holds no event")
    if not _is_message(event) or _is_own(body, event):
        return []
    event_id = body.get("event_id")
    return [_incoming("message", str(event_id) if event_id else None, body, message_output)]


def _is_message(event: dict[str, Any]) -> bool:
    subtype = event.get("subtype")
    return event.get("type") == "message" and (subtype is None or subtype in SPOKEN_SUBTYPES)


def _is_own(body: dict[str, Any], event: dict[str, Any]) -> bool:
    """Tell whether the app that the delivery is for posted the message itself."""
    app = body.get("api_app_id")
    profile = event.get("bot_profile")
    posted_by = event.get("app_id") or (
        profile.get("app_id") if isinstance(profile, dict) else None
    )
    return bool(app) and posted_by == app


def _read_interaction(body: bytes) -> list[sdk.Incoming]:
    fields = parse_qs(body.decode("utf-8"))
    if "payload" not in fields:
        return []  # A slash command: no node listens to those yet.
    payload = sdk.decode(fields["payload"][0])
    if not isinstance(payload, dict):
        raise ValueError("the payload is not a JSON object")
    if payload.get("type") != "block_actions":
        return []
    common = {name: value for name, value in payload.items() if name != "actions"}
    incoming: list[sdk.Incoming] = []
    actions = payload.get("actions")
    for number, action in enumerate(actions if isinstance(actions, list) else []):
        trigger_id = payload.get("trigger_id")
        delivery_id = f"{trigger_id}:{number}" if trigger_id else None
        press = {**common, "actions": [action]}
        incoming.append(_incoming("block_actions", delivery_id, press, button_output))
    return incoming


def _incoming(
    topic: str,
    delivery_id: str | None,
    payload: dict[str, Any],
    output: Callable[[dict[str, Any]], sdk.Output],
) -> sdk.Incoming:
    """Take a payload in, without its secrets, if an output can be made of it."""
    opened = {name: value for name, value in payload.items() if name not in SECRETS}
    try:
        output(opened)
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"this is not shaped as Slack's deliveries of {topic} are") from None
    return sdk.Incoming(topic=topic, delivery_id=delivery_id, payload=opened)


# Outputs ---------------------------------------------------------------------------------------


def message_output(payload: dict[str, Any]) -> MessagePosted:
    """Make the trigger's output of an event delivery."""
    event = payload["event"]
    thread = event.get("thread_ts") or event["ts"]
    return MessagePosted(
        channel=event["channel"],
        channel_type=event.get("channel_type"),
        user=event.get("user") or event.get("bot_id") or None,
        text=event.get("text") or "",
        ts=event["ts"],
        thread=thread,
        is_reply=thread != event["ts"],
        is_bot=bool(event.get("bot_id")) or event.get("subtype") == "bot_message",
        team=event.get("team") or payload.get("team_id"),
        file_ids=tuple(file["id"] for file in event.get("files") or [] if file.get("id")),
        raw=payload,
    )


def message_matches(params: MessageFilter, output: Any) -> bool:
    """Tell whether a message, as plain output, starts a flow with these params."""
    return (
        params.channel in ("", output["channel"])
        and (params.replies or not output["is_reply"])
        and (params.bots or not output["is_bot"])
    )


def button_output(payload: dict[str, Any]) -> ButtonPressed:
    """Make the trigger's output of one press."""
    action = payload["actions"][0]
    container = payload.get("container") or {}
    message = payload.get("message") or {}
    channel = payload.get("channel") or {}
    user = payload["user"]
    return ButtonPressed(
        action=str(action.get("action_id") or ""),
        block=action.get("block_id"),
        value=_chosen(action),
        label=(action.get("text") or {}).get("text"),
        user=user["id"],
        user_name=user.get("name") or user.get("username"),
        channel=channel.get("id") or container.get("channel_id"),
        channel_name=channel.get("name"),
        message=container.get("message_ts") or message.get("ts"),
        thread=container.get("thread_ts") or message.get("thread_ts") or message.get("ts"),
        raw=payload,
    )


def _chosen(action: dict[str, Any]) -> str | None:
    """Return what was chosen, whichever kind of block it was."""
    option = action.get("selected_option") or {}
    for value in (
        action.get("value"),
        option.get("value"),
        action.get("selected_user"),
        action.get("selected_channel"),
        action.get("selected_conversation"),
        action.get("selected_date"),
        action.get("selected_time"),
    ):
        if value:
            return str(value)
    return None


def button_matches(params: ButtonFilter, output: Any) -> bool:
    """Tell whether a press, as plain output, starts a flow with these params."""
    if output["action"].startswith(NOTICE_ACTION):
        return False
    return params.action in ("", output["action"])
