"""What the Slack nodes do, against the twin."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.ports.http import Interrupted, Request
from tramo.testing import Trial
from tramo_slack import connector
from tramo_slack.api import IN_DOUBT, NOT_DONE, REFUSED_CREDENTIAL, say_no
from tramo_slack.twin import SlackTwin


@pytest.fixture
def trial() -> Trial:
    return Trial(connector)


def messages(trial: Trial, name: str) -> list[dict[str, Any]]:
    state = trial.twin.state
    (channel_id,) = (key for key, about in state["channels"].items() if about["name"] == name)
    return state["messages"].get(channel_id, [])


async def post(trial: Trial, channel: str, text: str, key: str = "ab" * 16, **more: Any) -> Any:
    params = {"channel": channel, "text": text, **more}
    return await trial.run_action("post_message", params, key=key)


async def test_a_posted_message_is_in_the_channel_and_its_output_names_it(trial: Trial) -> None:
    output = await post(trial, "#orders", "New order #1001: 10.10 €")
    (message,) = messages(trial, "orders")
    assert message["text"] == output["text"] == "New order #1001: 10.10 €"
    assert message["ts"] == output["ts"] == output["thread"]
    assert trial.last is not None
    assert trial.last.sent
    assert [(key.kind, key.value) for key in trial.last.keys] == [("thread", output["ts"])]
    assert trial.twin.ledger[-1].summary == "Message to #orders: New order #1001: 10.10 €"
    assert trial.twin.ledger[-1].body["text"] == "New order #1001: 10.10 €"


async def test_an_answer_goes_into_the_thread(trial: Trial) -> None:
    first = await post(trial, "orders", "first")
    answer = await post(trial, first["channel"], "second", thread=first["thread"])
    assert answer["thread"] == first["ts"] != answer["ts"]


async def test_a_person_gets_a_direct_message(trial: Trial) -> None:
    found = await trial.run_action("find_user", {"email": "ana@demo-shop.example"})
    output = await post(trial, found["id"], "Hello")
    assert output["channel"].startswith("D")


async def test_customers_text_cannot_mention_a_channel_when_markup_is_off(trial: Trial) -> None:
    await post(trial, "#vip", "<!channel> & <b>", markup=False)
    assert messages(trial, "vip")[0]["text"] == "&lt;!channel&gt; &amp; &lt;b&gt;"


async def test_a_changed_message_keeps_its_place_and_loses_its_old_blocks(trial: Trial) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "old"}}]
    posted = await post(trial, "#ops", "old", blocks=blocks)
    change = {"channel": posted["channel"], "message": posted["ts"], "text": "new"}
    changed = await trial.run_action("update_message", change)
    assert await trial.run_action("update_message", change) == changed
    (message,) = messages(trial, "ops")
    assert changed["ts"] == posted["ts"]
    assert message["text"] == "new"
    assert "blocks" not in message


async def test_a_search_that_finds_nobody_is_an_answer_and_not_an_error(trial: Trial) -> None:
    output = await trial.run_action("find_user", {"email": "nobody@example.com"})
    assert output["found"] is False
    assert output["id"] is None
    assert trial.last is not None
    assert not trial.last.sent


@pytest.mark.parametrize(
    ("channel", "code", "says"),
    [
        ("#nowhere", "slack.channel_not_found", "invite the app"),
        ("#lunch", "slack.not_in_channel", "invite the app to the channel"),
        ("#leadership", "slack.channel_not_found", "private"),
        ("#black-friday-2025", "slack.is_archived", "archived"),
    ],
)
async def test_a_refusal_says_what_to_do(trial: Trial, channel: str, code: str, says: str) -> None:
    with pytest.raises(sdk.Rejected) as refusal:
        await post(trial, channel, "hello")
    assert refusal.value.code == code
    assert says in refusal.value.message
    assert "refused" in trial.twin.ledger[-1].summary


async def test_a_wrong_token_parks_the_connection(trial: Trial) -> None:
    with pytest.raises(sdk.CredentialRefused) as refusal:
        await trial.test({"bot_token": "xoxb-stolen"})
    assert refusal.value.code == "slack.invalid_auth"
    assert "xoxb-stolen" not in refusal.value.message


def test_a_token_that_is_no_bot_token_is_refused_before_it_is_stored(trial: Trial) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.bot_token"):
        trial.context(credential={"bot_token": "xoxp-1"})


async def test_hammering_a_channel_is_answered_with_a_wait_that_then_works(trial: Trial) -> None:
    for number in range(60):
        await post(trial, "#orders", f"order {number}")
    with pytest.raises(sdk.Transient) as wait:
        await post(trial, "#orders", "one too many")
    assert wait.value.settled
    assert wait.value.retry_after_s == 60
    await trial.clock.sleep(60)
    await post(trial, "#orders", "after the wait")
    assert len(messages(trial, "orders")) == 61


def test_every_word_of_slack_has_one_class_and_a_settled_one_only_where_nothing_was_done() -> None:
    for word in REFUSED_CREDENTIAL:
        assert isinstance(say_no({"error": word}), sdk.CredentialRefused)
    for word in NOT_DONE | IN_DOUBT:
        error = say_no({"error": word})
        assert isinstance(error, sdk.Transient)
        assert error.settled is (word in NOT_DONE)
    assert isinstance(say_no({"error": "a_word_of_tomorrow"}), sdk.Rejected)
    assert "chat:write" in say_no({"error": "missing_scope", "needed": "chat:write"}).message


@pytest.mark.parametrize(
    "body",
    [None, b"", b'{"ok": tr', b"[]", b'{"ok": false, "error": "internal_error"}'],
    ids=["lost", "empty", "cut", "no object", "internal error"],
)
async def test_a_lost_answer_is_a_doubt_that_the_probe_settles(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, body: bytes | None
) -> None:
    carry = trial.twin.send

    async def lose(request: Request) -> sdk.Response:
        await carry(request)
        if body is None:
            raise Interrupted("reset")
        return sdk.Response(status=200, body=body)

    monkeypatch.setattr(trial.twin, "send", lose)
    with pytest.raises(sdk.Transient) as lost:
        await post(trial, "#orders", "New order")
    assert not lost.value.settled
    assert trial.last is not None
    assert trial.last.sent
    monkeypatch.undo()

    params = {"channel": "orders", "text": "New order"}
    found = await trial.run_probe("post_message", params, key="ab" * 16)
    assert isinstance(found, sdk.Happened)
    assert found.output.text == "New order"
    assert found.output.ts == messages(trial, "orders")[0]["ts"]


async def test_a_change_whose_answer_is_lost_is_made_again_with_the_same_end(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = await post(trial, "#ops", "old")
    change = {"channel": posted["channel"], "message": posted["ts"], "text": "new"}
    carry = trial.twin.send

    async def lose(request: Request) -> sdk.Response:
        await carry(request)
        raise Interrupted("reset")

    with monkeypatch.context() as lossy:
        lossy.setattr(trial.twin, "send", lose)
        with pytest.raises(sdk.Transient):
            await trial.run_action("update_message", change)
    before = messages(trial, "ops")[0].copy()
    await trial.run_action("update_message", change)
    assert messages(trial, "ops") == [before]


async def test_the_probe_finds_an_answer_inside_its_thread(trial: Trial) -> None:
    first = await post(trial, "#vip", "first")
    params = {"channel": first["channel"], "text": "reply", "thread": first["ts"]}
    await trial.run_action("post_message", params, key="cd" * 16)
    found = await trial.run_probe("post_message", params, key="cd" * 16)
    assert isinstance(found, sdk.Happened)


async def test_the_probe_finds_the_message_among_hundreds_and_an_hour_later(trial: Trial) -> None:
    params = {"channel": "#orders", "text": "New order"}
    await trial.run_action("post_message", params)
    for number in range(300):
        await trial.clock.sleep(12)
        await post(trial, "#orders", f"another {number}", key=f"{number:032x}")
    assert isinstance(await trial.run_probe("post_message", params), sdk.Happened)


async def test_the_probe_never_takes_another_message_or_silence_for_proof(trial: Trial) -> None:
    params = {"channel": "#orders", "text": "New order"}
    await trial.run_action("post_message", params, key="cd" * 16)
    assert isinstance(await trial.run_probe("post_message", params), sdk.Unknown)
    unreadable = params | {"channel": "#lunch"}
    assert isinstance(await trial.run_probe("post_message", unreadable), sdk.Unknown)
    assert trial.last is not None
    assert not trial.last.sent
    assert len(messages(trial, "orders")) == 1


async def test_the_account_is_the_workspace(trial: Trial) -> None:
    assert await trial.test() == sdk.Account(name="Demo shop (tramo)", id="T0DEMOSHOP")


async def test_channels_are_offered_from_every_page_and_searched(trial: Trial) -> None:
    trial.twin.state["channels"] |= {
        f"C0MANY{number:05d}": {"name": f"many-{number}", "is_private": False, "is_member": True}
        for number in range(450)
    }
    offered = await trial.list_choices("channels")
    assert len(offered) == 450 + 26 + 1
    assert offered[-1] == sdk.Choice(
        value="C0DEMO0901", label="#lunch", hint="invite the app first", hint_key="invite"
    )
    (orders,) = await trial.list_choices("channels", "#orde")
    assert orders == sdk.Choice(value="C0DEMO0003", label="#orders")


async def test_the_twin_is_the_same_after_a_restart(trial: Trial) -> None:
    await post(trial, "#orders", "kept 820982911946154508")
    again: SlackTwin = Trial(connector).twin
    again.load(trial.twin.dump())
    assert again.state == trial.twin.state
    assert again.ledger[-1].summary == trial.twin.ledger[-1].summary
