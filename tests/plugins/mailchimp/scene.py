"""What the tests of Mailchimp share: an account on trial, and how answers get lost."""

from __future__ import annotations

from typing import Any, Final

import pytest
from tramo import sdk
from tramo.ports.http import Interrupted, Request
from tramo.testing import Trial
from tramo_mailchimp import connector

SHOP: Final = "a6b5da1054"
WHOLESALE: Final = "57afe96172"
LUCIA: Final = {"audience": SHOP, "email": "lucia.fernandez@example.com"}
NOBODY: Final = {"audience": SHOP, "email": "nobody@example.com"}
CAMPAIGN: Final = {
    "audience": SHOP,
    "subject": "New lamps",
    "from_name": "Casa Lumina",
    "reply_to": "hola@casa-lumina.example",
}


def fresh() -> Trial:
    return Trial(connector)


def member(trial: Trial, email: str, audience: str = SHOP) -> dict[str, Any]:
    return trial.twin.people.member(audience, email)


async def draft(trial: Trial) -> str:
    made = await trial.run_action("create_campaign", CAMPAIGN)
    content = {"campaign": made["id"], "html": "<p>Lamps</p>"}
    await trial.run_action("set_campaign_content", content)
    return made["id"]


def lose_answers(trial: Trial, patch: pytest.MonkeyPatch, method: str = "") -> None:
    """Let requests arrive and their answers get lost, those of one method or all."""
    carry = trial.twin.send

    async def lose(request: Request) -> sdk.Response:
        answer = await carry(request)
        if method in ("", request.method):
            raise Interrupted("reset")
        return answer

    patch.setattr(trial.twin, "send", lose)
