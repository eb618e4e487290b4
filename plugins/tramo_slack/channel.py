"""Channels: offered in forms, and found by name where Slack wants an id."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any, Final

from tramo import sdk

from tramo_slack import connector
from tramo_slack.api import SlackBot, pages

PAGES: Final = 10
IDS: Final = re.compile(r"[CGDUW][A-Z0-9]{7,}\Z")


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
            hint_key=None if channel.get("is_member") else "invite",
        )
        for channel in found
    ]


async def _channels(ctx: sdk.Context[SlackBot]) -> AsyncIterator[dict[str, Any]]:
    """Yield public channels, and private ones where the app's scopes show them."""
    for kinds in ("public_channel,private_channel", "public_channel"):
        query = {"types": kinds, "exclude_archived": "true", "limit": 200}
        try:
            async for page in pages(ctx, "conversations.list", query, PAGES):
                for channel in page["channels"]:
                    yield channel
        except sdk.Rejected as refusal:
            if refusal.code == "slack.missing_scope" and "," in kinds:
                continue
            raise
        return


async def find_channel(ctx: sdk.Context[SlackBot], channel: str) -> str | None:
    """Find the id that reading a channel needs; posting takes names too."""
    if IDS.match(channel):
        return channel
    async for known in _channels(ctx):
        if known["name"] == channel.removeprefix("#"):
            return known["id"]
    return None
