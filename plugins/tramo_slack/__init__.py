"""Slack: posts and changes messages, finds people, and listens to channels and buttons.

The table of contents. How Slack is called and refuses is said in `api`, what it delivers in
`event`; each resource has a module with its actions.
"""

from __future__ import annotations

from typing import Final

from tramo import sdk

from tramo_slack.api import SlackBot, call, error_message
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


@connector.test
async def test_account(ctx: sdk.Context[SlackBot]) -> sdk.Account:
    """Ask Slack whose token this is."""
    answer = await call(ctx, "auth.test")
    return sdk.Account(name=f"{answer['team']} ({answer['user']})", id=answer["team_id"])


# Each module registers itself on the connector above, so they come after it.
from tramo_slack import channel, member, message, notice, trigger  # noqa: E402

__all__ = ["SlackBot", "channel", "connector", "member", "message", "notice", "trigger"]
