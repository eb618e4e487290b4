"""Slack: posts and changes messages, finds people, and listens to channels and buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

from tramo import sdk

from tramo_slack import event
from tramo_slack.api import SlackBot, call, error_message, pages
from tramo_slack.twin import SlackTwin

connector: Final = sdk.Connector(
    "slack",
    title="Slack",
    summary="Messages to channels and people, and flows that answer them.",
    category="Team",
    credential=SlackBot,
    base_url="https://slack.com/api/",
    auth=sdk.Bearer("bot_token"),
    docs_url="https://docs.slack.dev/",
    error_message=error_message,
)
connector.twin(SlackTwin)

METADATA_TYPE: Final = "tramo_step"
"""Marks a message as ours; its payload carries the effect key by which a probe finds it again."""
CHOICE_PAGES: Final = 10
PROBE_PAGES: Final = 5

Channel = Annotated[
    str,
    sdk.Meta(
        title="Channel",
        description="Name or id, such as #orders. For a person, the person's id.",
        min_length=1,
        max_length=100,
    ),
    sdk.Choices("channels"),
]
Text = Annotated[
    sdk.LongText,
    sdk.Meta(
        title="Text",
        description="Slack's own markup works: *bold*, _italic_, <https://…|a link>.",
        min_length=1,
        max_length=4000,
    ),
]
Markup = Annotated[
    bool,
    sdk.Meta(
        title="Links and mentions work",
        description="Turn off when the text holds what customers wrote, so that nobody can "
        "mention a whole channel through you.",
    ),
]
Blocks = Annotated[
    tuple[dict[str, Any], ...],
    sdk.Meta(
        title="Blocks",
        description="Block Kit blocks, for buttons and layout. The text is then shown in "
        "notifications only.",
        max_length=50,
    ),
    sdk.hint(widget="code", language="json", advanced=True),
]


class Message(sdk.Params):
    """What to post, and where."""

    channel: Channel
    text: Text
    thread: Annotated[
        str,
        sdk.Meta(
            title="Thread",
            description="To answer in a thread: the thread of a message, from another node.",
            pattern=r"^(\d{10}\.\d{6})?$",
        ),
    ] = ""
    show_in_channel: Annotated[
        bool, sdk.Meta(title="Show the answer in the channel too"), sdk.hint(advanced=True)
    ] = False
    markup: Markup = True
    blocks: Blocks = ()
    preview_links: Annotated[
        bool, sdk.Meta(title="Show previews of links"), sdk.hint(advanced=True)
    ] = True


class PostedMessage(sdk.Output):
    """The message that was posted."""

    channel: Annotated[str, sdk.Meta(description="The channel's id.")]
    ts: Annotated[str, sdk.Meta(description="The message's id inside its channel.")]
    thread: Annotated[str, sdk.Meta(description="Use it to answer this message in its thread.")]
    text: str = ""


MESSAGE_EXAMPLE: Final = {
    "channel": "C012AB3CDE",
    "ts": "1503435956.000247",
    "thread": "1503435956.000247",
    "text": "New order #1001",
}


@connector.action(
    "post_message",
    title="Post message",
    effect="never_repeat",
    synonyms=("send", "notify", "tell", "chat"),
    example=MESSAGE_EXAMPLE,
)
async def post_message(ctx: sdk.Context[SlackBot], params: Message) -> PostedMessage:
    """Post a message to a channel, a person or a thread."""
    form = {
        "channel": params.channel,
        **_content(params.text, params.markup, params.blocks),
        "metadata": sdk.encode(
            {"event_type": METADATA_TYPE, "event_payload": {"key": ctx.key}}
        ).decode(),
        "unfurl_links": _flag(params.preview_links),
        "unfurl_media": _flag(params.preview_links),
    }
    if params.thread:
        form |= {"thread_ts": params.thread, "reply_broadcast": _flag(params.show_in_channel)}
    answer = await call(ctx, "chat.postMessage", form=form)
    posted = _posted(answer["channel"], answer.get("message") or {}, answer["ts"])
    ctx.add_key("thread", posted.thread)
    return posted


@connector.probe("post_message")
async def find_posted(ctx: sdk.Context[SlackBot], params: Message) -> sdk.ProbeResult:
    """Look for the message that carries this effect's key, from the start of the step on.

    A message that is not there proves nothing: it may still be on its way.
    """
    try:
        channel = await _channel_id(ctx, params.channel)
        if channel is None:
            return sdk.Unknown()
        query = {"channel": channel, "include_all_metadata": "true", "limit": 200}
        method = "conversations.history"
        if params.thread:
            method, query = "conversations.replies", {**query, "ts": params.thread}
        async for page in pages(ctx, method, query, PROBE_PAGES):
            for message in page.get("messages") or []:
                mark = message.get("metadata") or {}
                if (mark.get("event_payload") or {}).get("key") == ctx.key:
                    return sdk.Happened(_posted(channel, message, message["ts"]))
    except sdk.Rejected:
        pass  # The app may post here but not read: a person has to look.
    return sdk.Unknown()


class MessageChange(sdk.Params):
    """Which message to change, and its new content."""

    channel: Annotated[
        str,
        sdk.Meta(
            title="Channel id",
            description="The channel from the output of the node that posted the message.",
            pattern="^[CGD][A-Z0-9]{8,}$",
        ),
    ]
    message: Annotated[
        str,
        sdk.Meta(
            title="Message",
            description="The ts from the output of the node that posted the message.",
            pattern=r"^\d{10}\.\d{6}$",
        ),
    ]
    text: Text
    markup: Markup = True
    blocks: Blocks = ()


@connector.action(
    "update_message",
    title="Change message",
    effect="repeatable",
    synonyms=("edit", "update"),
    example=MESSAGE_EXAMPLE,
)
async def update_message(ctx: sdk.Context[SlackBot], params: MessageChange) -> PostedMessage:
    """Replace the text and blocks of a message that the app posted."""
    form = {
        "channel": params.channel,
        "ts": params.message,
        **_content(params.text, params.markup, params.blocks),
    }
    form.setdefault("blocks", "[]")  # Without it Slack would keep the old blocks on show.
    answer = await call(ctx, "chat.update", form=form)
    message = {"text": answer.get("text"), **(answer.get("message") or {})}
    return _posted(answer["channel"], message, answer["ts"])


class EmailAddress(sdk.Params):
    """Whom to look for."""

    email: Annotated[str, sdk.Meta(title="E-mail address", min_length=3), sdk.Personal("email")]


class FoundUser(sdk.Output):
    """The person, if the workspace has one with this address."""

    found: bool
    id: Annotated[str | None, sdk.Meta(description="Post to it to write to the person.")] = None
    name: Annotated[str | None, sdk.Personal("name")] = None
    display_name: Annotated[str | None, sdk.Personal("name")] = None
    email: Annotated[str | None, sdk.Personal("email")] = None
    timezone: str | None = None
    active: bool = False


@connector.action(
    "find_user",
    title="Find person by e-mail",
    effect="pure",
    synonyms=("lookup", "search", "member", "user"),
    example={
        "found": True,
        "id": "U012AB3CD",
        "name": "Ana Torres",
        "display_name": "ana",
        "email": "ana@example.com",
        "timezone": "Europe/Madrid",
        "active": True,
    },
)
async def find_user(ctx: sdk.Context[SlackBot], params: EmailAddress) -> FoundUser:
    """Look a member of the workspace up by e-mail address."""
    try:
        answer = await call(ctx, "users.lookupByEmail", query={"email": params.email.strip()})
    except sdk.Rejected as refusal:
        if refusal.code == "slack.users_not_found":
            return FoundUser(found=False)
        raise
    user = answer["user"]
    profile = user.get("profile") or {}
    return FoundUser(
        found=True,
        id=user["id"],
        name=user.get("real_name") or profile.get("real_name"),
        display_name=profile.get("display_name") or user.get("name"),
        email=profile.get("email") or params.email.strip(),
        timezone=user.get("tz"),
        active=not user.get("deleted", False),
    )


# Triggers ----------------------------------------------------------------------------------------

connector.door(
    sdk.WebhookDoor(
        signature=sdk.HmacSignature(
            header="x-slack-signature",
            secret="signing_secret",  # noqa: S106 - the name of a field
            prefix="v0=",
            base="v0:{timestamp}:{body}",
            timestamp_header="x-slack-request-timestamp",
            tolerance_s=300,
        ),
        read=event.read,
    )
)
connector.webhook_trigger(
    "message_posted",
    title="Message posted",
    summary="Starts when somebody writes in a channel the app is in.",
    topic="message",
    params=event.MessageFilter,
    event=event.MessagePosted,
    output=event.message_output,
    matches=event.message_matches,
    keys={"person": "user", "channel": "channel", "thread": "thread"},
    synonyms=("chat", "said", "wrote"),
    example={
        "channel": "C012AB3CDE",
        "channel_type": "channel",
        "user": "U012AB3CD",
        "text": "Where is order #1001?",
        "ts": "1503435956.000247",
        "thread": "1503435956.000247",
        "is_reply": False,
        "is_bot": False,
        "team": "T012AB3CD",
        "file_ids": [],
    },
)
connector.webhook_trigger(
    "button_pressed",
    title="Button pressed",
    summary="Starts when somebody presses a button in a message of the app.",
    topic="block_actions",
    params=event.ButtonFilter,
    event=event.ButtonPressed,
    output=event.button_output,
    matches=event.button_matches,
    keys={"person": "user", "channel": "channel", "thread": "thread"},
    synonyms=("click", "interaction", "approve"),
    example={
        "action": "approve",
        "block": "b1",
        "value": "1001",
        "label": "Approve",
        "user": "U012AB3CD",
        "user_name": "ana",
        "channel": "C012AB3CDE",
        "channel_name": "orders",
        "message": "1503435956.000247",
        "thread": "1503435956.000247",
    },
)


# The account -------------------------------------------------------------------------------------


@connector.test
async def test_account(ctx: sdk.Context[SlackBot]) -> sdk.Account:
    """Ask Slack whose token this is."""
    answer = await call(ctx, "auth.test")
    return sdk.Account(name=f"{answer['team']} ({answer['user']})", id=answer["team_id"])


@connector.choices("channels")
async def list_channels(ctx: sdk.Context[SlackBot], search: str) -> list[sdk.Choice]:
    """Offer the channels the app may see, those it is in first."""
    wanted = search.strip().lstrip("#").lower()
    found = [channel async for channel in _channels(ctx) if wanted in channel["name"].lower()]
    found.sort(key=lambda channel: (not channel.get("is_member"), channel["name"]))
    return [
        sdk.Choice(
            value=channel["id"],
            label=f"#{channel['name']}",
            hint=None if channel.get("is_member") else "invite the app first",
        )
        for channel in found
    ]


async def _channels(ctx: sdk.Context[SlackBot]) -> AsyncIterator[dict[str, Any]]:
    """Yield public channels, and private ones where the app's scopes show them."""
    for kinds in ("public_channel,private_channel", "public_channel"):
        query = {"types": kinds, "exclude_archived": "true", "limit": 200}
        try:
            async for page in pages(ctx, "conversations.list", query, CHOICE_PAGES):
                for channel in page["channels"]:
                    yield channel
        except sdk.Rejected as refusal:
            if refusal.code == "slack.missing_scope" and "," in kinds:
                continue
            raise
        return


async def _channel_id(ctx: sdk.Context[SlackBot], channel: str) -> str | None:
    """Find the id that reading a channel needs; posting takes names too."""
    if not channel.startswith("#"):
        return channel
    async for known in _channels(ctx):
        if known["name"] == channel[1:]:
            return known["id"]
    return None


def _content(text: str, markup: bool, blocks: Sequence[Any]) -> dict[str, str]:
    if not markup:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": text, **({"blocks": sdk.encode(blocks).decode()} if blocks else {})}


def _posted(channel: str, message: dict[str, Any], ts: str) -> PostedMessage:
    return PostedMessage(
        channel=channel,
        ts=ts,
        thread=message.get("thread_ts") or ts,
        text=message.get("text") or "",
    )


def _flag(value: bool) -> str:
    return "true" if value else "false"


__all__ = ["SlackBot", "connector"]
