"""Tramo's own notices in Slack, against the twin."""

from __future__ import annotations

import pytest
from tramo import sdk
from tramo.testing import Trial
from tramo_slack import connector

from tests.plugins.slack.test_action import messages

QUESTION = sdk.Notice(
    to="#refunds",
    subject="Refund 80.10 €?",
    text="Order #1001 <!channel> asks for its money.",
    links=(sdk.NoticeLink("Yes", "https://t.example/answer/a?port=yes"),),
)


@pytest.fixture
def trial() -> Trial:
    return Trial(connector)


async def test_a_notice_stands_in_its_channel_with_a_button_that_opens_a_page(
    trial: Trial,
) -> None:
    await trial.notify(QUESTION)
    (message,) = messages(trial, "refunds")
    said, actions = message["blocks"]
    assert said["text"]["type"] == "plain_text"
    assert said["text"]["text"].startswith("Refund 80.10 €?\nOrder #1001")
    assert actions["elements"][0]["url"] == "https://t.example/answer/a?port=yes"
    assert "&lt;!channel&gt;" in message["text"], "customers' text mentions nobody"


async def test_a_person_is_found_by_the_address_and_gets_a_direct_message(trial: Trial) -> None:
    await trial.notify(sdk.Notice(to="ana@demo-shop.example", subject="Hello", text="Hello"))
    (channel,) = (key for key in trial.twin.state["messages"] if key.startswith("D"))
    assert trial.twin.state["messages"][channel][0]["text"] == "Hello"


async def test_nobody_with_the_address_is_a_refusal(trial: Trial) -> None:
    with pytest.raises(sdk.Rejected) as refusal:
        await trial.notify(sdk.Notice(to="zoe@elsewhere.example", subject="x", text="x"))
    assert refusal.value.code == "slack.users_not_found"


async def test_a_second_attempt_finds_what_the_first_left(trial: Trial) -> None:
    await trial.notify(QUESTION)
    await trial.notify(QUESTION, attempt=2)
    assert len(messages(trial, "refunds")) == 1
    await trial.notify(QUESTION, attempt=2, key="cd" * 16)
    assert len(messages(trial, "refunds")) == 2


async def test_a_press_on_a_notices_button_starts_no_flow(trial: Trial) -> None:
    await trial.notify(QUESTION)
    (message,) = messages(trial, "refunds")
    press = trial.twin._invent("block_actions")
    press["actions"][0]["action_id"] = message["blocks"][1]["elements"][0]["action_id"]
    heard = trial.deliver_webhook(trial.twin.happen("block_actions", press))
    assert not isinstance(heard, sdk.Reply)
    assert not trial.starts("button_pressed", {}, heard[0])
    press["actions"][0]["action_id"] = "approve"
    heard = trial.deliver_webhook(trial.twin.happen("block_actions", press))
    assert not isinstance(heard, sdk.Reply)
    assert trial.starts("button_pressed", {}, heard[0])
