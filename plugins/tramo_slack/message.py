"""Messages: posted once, found again by their key, changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final

from tramo import sdk

from tramo_slack import connector
from tramo_slack.api import SlackBot, call, pages
from tramo_slack.channel import find_channel

METADATA_TYPE: Final = "tramo_step"
"""Marks a message as ours; its payload carries the effect key by which a probe finds it again."""
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
        bool,
        sdk.Meta(
            title="Show the answer in the channel too",
            description="Otherwise an answer is seen by those who open the thread.",
        ),
        sdk.hint(advanced=True),
    ] = False
    markup: Markup = True
    blocks: Blocks = ()
    preview_links: Annotated[
        bool,
        sdk.Meta(
            title="Show previews of links",
            description="A picture and a few lines of the pages that the text links to.",
        ),
        sdk.hint(advanced=True),
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
    """Look for the message that carries this effect's key, among the newest of its channel.

    A message that is not there proves nothing: it may still be on its way.
    """
    try:
        channel = await find_channel(ctx, params.channel)
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
