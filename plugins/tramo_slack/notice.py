"""Tramo's own notices in Slack: to a channel, or to the person with an e-mail address."""

from __future__ import annotations

from typing import Any, Final

from tramo import sdk

from tramo_slack import connector
from tramo_slack.api import SlackBot
from tramo_slack.channel import IDS
from tramo_slack.event import NOTICE_ACTION
from tramo_slack.member import EmailAddress, find_user
from tramo_slack.message import Message, find_posted, post_message

SECTION: Final = 3_000
"""Slack's limit for the text of a section."""
LABEL: Final = 75


@connector.notifier(reaches="chat")
async def notify(ctx: sdk.Context[SlackBot], notice: sdk.Notice) -> None:
    """Post a notice once; a second attempt first looks for the message of the first."""
    text = notice.text if notice.subject in notice.text else f"{notice.subject}\n{notice.text}"
    message = Message(
        channel=await _channel(ctx, notice.to),
        text=text[:4_000],
        markup=False,
        blocks=_blocks(text, notice.links),
        preview_links=False,
    )
    if ctx.attempt > 1 and isinstance(await find_posted(ctx, message), sdk.Happened):
        return
    await post_message(ctx, message)


async def _channel(ctx: sdk.Context[SlackBot], to: str) -> str:
    if "@" not in to or IDS.match(to):
        return to
    person = await find_user(ctx, EmailAddress(email=to))
    if person.id is None:
        raise sdk.Rejected(
            f"Nobody in the Slack workspace has the address {to}.", code="slack.users_not_found"
        )
    return person.id


def _blocks(text: str, links: tuple[sdk.NoticeLink, ...]) -> tuple[dict[str, Any], ...]:
    said = {"type": "section", "text": {"type": "plain_text", "text": text[:SECTION]}}
    if not links:
        return (said,)
    buttons = [
        {
            "type": "button",
            "action_id": f"{NOTICE_ACTION}{number}",
            "text": {"type": "plain_text", "text": link.label[:LABEL]},
            "url": link.url,
        }
        for number, link in enumerate(links)
    ]
    return said, {"type": "actions", "elements": buttons}
