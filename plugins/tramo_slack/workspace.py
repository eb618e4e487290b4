"""The demo shop's workspace as the twin shows it: people, channels, what they say and press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

TEAM: Final = "T0DEMOSHOP"
APP: Final = "A0TRAMOAPP"
BOT: Final = "B0TRAMOBOT"
BOT_USER: Final = "U0TRAMOBOT"

CHANNELS: Final = [
    "general",
    "random",
    "orders",
    "vip",
    "stock",
    "shipping",
    "returns",
    "refunds",
    "support",
    "sales",
    "marketing",
    "finance",
    "alerts",
    "ops",
    "warehouse",
    "team",
    "reviews",
    "fraud",
    "pedidos",
    "ventas",
    "almacen",
    "atencion",
    "vendas",
    "estoque",
    "comenzi",
    "depozit",
]
PEOPLE: Final = (
    ("U0ANATORRES", "ana", "Ana Torres", "ana@demo-shop.example", "Europe/Madrid"),
    ("U0BRUNOLIMA", "bruno", "Bruno Lima", "bruno@demo-shop.example", "America/Sao_Paulo"),
    ("U0IOANAPOP", "ioana", "Ioana Popescu", "ioana@demo-shop.example", "Europe/Bucharest"),
    ("U0ELLENWARD", "ellen", "Ellen Ward", "ellen@demo-shop.example", "Europe/London"),
)
SAYINGS: Final = (
    "Where is order #1001? The customer called twice.",
    "The new delivery has arrived, 40 boxes.",
    "Can somebody check the stock of SKU-RED-M?",
    "Refund for #1002 is fine by me.",
)


def fresh_channels() -> dict[str, Any]:
    """Return the channels of the first day: most with the app in them, some that refuse it."""
    channels: dict[str, Any] = {
        f"C0DEMO{number:04d}": {"name": name, "is_private": False, "is_member": True}
        for number, name in enumerate(CHANNELS, 1)
    }
    channels["C0DEMO0900"] = {"name": "leadership", "is_private": True, "is_member": False}
    channels["C0DEMO0901"] = {"name": "lunch", "is_private": False, "is_member": False}
    channels["C0DEMO0902"] = {
        "name": "black-friday-2025",
        "is_private": False,
        "is_member": True,
        "is_archived": True,
    }
    return channels


def fresh_users() -> dict[str, Any]:
    """Return the people of the workspace."""
    return {
        user_id: {"name": name, "real_name": real_name, "email": email, "tz": tz}
        for user_id, name, real_name, email, tz in PEOPLE
    }


def is_visible(channel: Mapping[str, Any]) -> bool:
    """Tell whether Slack lets the app know that the channel exists."""
    return not channel["is_private"] or channel["is_member"]


def kind_of(channel: Mapping[str, Any]) -> str:
    """Return the word by which `types` of conversations.list asks for such a channel."""
    if channel.get("is_im"):
        return "im"
    return "private_channel" if channel["is_private"] else "public_channel"


def show_channel(id: str, channel: Mapping[str, Any]) -> dict[str, Any]:
    """Return a channel in the form of conversations.list."""
    private = channel["is_private"]
    return {
        "id": id,
        "name": channel["name"],
        "name_normalized": channel["name"],
        "is_channel": not private,
        "is_group": private,
        "is_private": private,
        "is_member": channel["is_member"],
        "is_archived": channel.get("is_archived", False),
        "created": 1_700_000_000,
        "creator": PEOPLE[0][0],
    }


def show_user(id: str, user: Mapping[str, Any]) -> dict[str, Any]:
    """Return a person in the form of users.lookupByEmail."""
    return {
        "id": id,
        "team_id": TEAM,
        "name": user["name"],
        "real_name": user["real_name"],
        "deleted": False,
        "is_bot": False,
        "is_app_user": False,
        "tz": user["tz"],
        "updated": 1_700_000_000,
        "profile": {
            "real_name": user["real_name"],
            "display_name": user["name"],
            "email": user["email"],
            "team": TEAM,
        },
    }


def say(channel: str, ts: str, serial: int, now_ms: int) -> dict[str, Any]:
    """Return the event delivery for a message that somebody writes."""
    return {
        "token": "demo-verification-token",
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": f"Ev{now_ms:X}{serial:06X}",
        "event_time": now_ms // 1000,
        "authed_users": [BOT_USER],
        "event": {
            "type": "message",
            "user": PEOPLE[serial % len(PEOPLE)][0],
            "text": SAYINGS[serial % len(SAYINGS)],
            "team": TEAM,
            "ts": ts,
            "channel": channel,
            "channel_type": "channel",
            "event_ts": ts,
        },
    }


def press(channel: str, name: str, ts: str, serial: int, now_ms: int) -> dict[str, Any]:
    """Return the interaction for a button that somebody presses."""
    user, user_name, *_ = PEOPLE[serial % len(PEOPLE)]
    return {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "demo-shop"},
        "user": {"id": user, "name": user_name, "username": user_name, "team_id": TEAM},
        "api_app_id": APP,
        "token": "demo-verification-token",
        "trigger_id": f"{now_ms}.{serial}.demo",
        "container": {"type": "message", "message_ts": ts, "channel_id": channel},
        "channel": {"id": channel, "name": name},
        "message": {"type": "message", "user": BOT_USER, "ts": ts, "text": "Hold this order?"},
        "response_url": "https://hooks.slack.com/actions/demo",
        "actions": [
            {
                "type": "button",
                "action_id": "approve",
                "block_id": "b1",
                "text": {"type": "plain_text", "text": "Approve"},
                "value": "1001",
                "action_ts": ts,
            }
        ],
    }
