"""What starts flows: messages and buttons, at one signed door."""

from __future__ import annotations

from tramo import sdk

from tramo_slack import connector, event

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
