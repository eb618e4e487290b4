"""What the Slack nodes do, against the twin."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.ports.http import Interrupted, Request
from tramo_slack import connector
from tramo_slack.api import IN_DOUBT, NOT_DONE, REFUSED_CREDENTIAL, say_no
from tramo_slack.twin import SlackTwin

from tests.plugins.attempt import Attempt, FrozenClock, make_twin

slack = connector.tramo_connector()


@pytest.fixture
def twin() -> SlackTwin:
    return make_twin(slack)


def attempt(twin: Any, **options: Any) -> Attempt[Any]:
    return Attempt(slack, twin, **options)


def messages(twin: SlackTwin, name: str) -> list[dict[str, Any]]:
    for channel_id, channel in twin.state["channels"].items():
        if channel["name"] == name:
            return twin.state["messages"].get(channel_id, [])
    raise AssertionError(name)


async def test_a_posted_message_is_in_the_channel_and_its_output_names_it(twin: SlackTwin) -> None:
    ctx = attempt(twin)
    output = await ctx.act("post_message", channel="#orders", text="New order #1001: 10.10 €")
    (message,) = messages(twin, "orders")
    assert message["text"] == output["text"] == "New order #1001: 10.10 €"
    assert message["ts"] == output["ts"] == output["thread"]
    assert ctx.keys == {("thread", output["ts"])}
    assert ctx.doubt
    assert twin.ledger[-1].summary == "Message to #orders: New order #1001: 10.10 €"
    assert twin.ledger[-1].body["text"] == "New order #1001: 10.10 €"


async def test_an_answer_goes_into_the_thread(twin: SlackTwin) -> None:
    first = await attempt(twin).act("post_message", channel="orders", text="first")
    answer = await attempt(twin).act(
        "post_message", channel=first["channel"], text="second", thread=first["thread"]
    )
    assert answer["thread"] == first["ts"] != answer["ts"]


async def test_a_person_gets_a_direct_message(twin: SlackTwin) -> None:
    found = await attempt(twin).act("find_user", email="ana@demo-shop.example")
    output = await attempt(twin).act("post_message", channel=found["id"], text="Hello")
    assert output["channel"].startswith("D")


async def test_customers_text_cannot_mention_a_channel_when_markup_is_off(twin: SlackTwin) -> None:
    await attempt(twin).act("post_message", channel="#vip", text="<!channel> & <b>", markup=False)
    assert messages(twin, "vip")[0]["text"] == "&lt;!channel&gt; &amp; &lt;b&gt;"


async def test_a_changed_message_keeps_its_place_and_loses_its_old_blocks(twin: SlackTwin) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "old"}}]
    posted = await attempt(twin).act("post_message", channel="#ops", text="old", blocks=blocks)
    changed = await attempt(twin).act(
        "update_message", channel=posted["channel"], message=posted["ts"], text="new"
    )
    (message,) = messages(twin, "ops")
    assert changed["ts"] == posted["ts"]
    assert message["text"] == "new"
    assert "blocks" not in message


async def test_a_search_that_finds_nobody_is_an_answer_and_not_an_error(twin: SlackTwin) -> None:
    output = await attempt(twin).act("find_user", email="nobody@example.com")
    assert output["found"] is False
    assert output["id"] is None


@pytest.mark.parametrize(
    ("channel", "code", "says"),
    [
        ("#nowhere", "slack.channel_not_found", "invite the app"),
        ("#lunch", "slack.not_in_channel", "invite the app to the channel"),
        ("#leadership", "slack.channel_not_found", "private"),
        ("#black-friday-2025", "slack.is_archived", "archived"),
    ],
)
async def test_a_refusal_says_what_to_do(
    twin: SlackTwin, channel: str, code: str, says: str
) -> None:
    with pytest.raises(sdk.Rejected) as refusal:
        await attempt(twin).act("post_message", channel=channel, text="hello")
    assert refusal.value.code == code
    assert says in refusal.value.message
    assert "refused" in twin.ledger[-1].summary


async def test_a_wrong_token_parks_the_connection(twin: SlackTwin) -> None:
    wrong = SlackTwin.demo_credential() | {"bot_token": "xoxb-stolen"}
    with pytest.raises(sdk.CredentialRefused) as refusal:
        await attempt(twin, credential=wrong).act("post_message", channel="#vip", text="hello")
    assert refusal.value.code == "slack.invalid_auth"
    assert "xoxb-stolen" not in refusal.value.message


def test_a_token_that_is_no_bot_token_is_refused_before_it_is_stored() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.bot_token"):
        msgspec.convert({"bot_token": "xoxp-1", "signing_secret": "s"}, slack.credential)


async def test_hammering_a_channel_is_answered_with_a_wait_that_then_works() -> None:
    clock = FrozenClock()
    twin = make_twin(slack, clock)
    for number in range(60):
        await attempt(twin).act("post_message", channel="#orders", text=f"order {number}")
    with pytest.raises(sdk.Transient) as wait:
        await attempt(twin).act("post_message", channel="#orders", text="one too many")
    assert wait.value.settled
    assert wait.value.retry_after_s == 60
    await attempt(twin).act("post_message", channel="#vip", text="another channel is free")
    await clock.sleep(wait.value.retry_after_s)
    await attempt(twin).act("post_message", channel="#orders", text="after the wait")
    assert len(messages(twin, "orders")) == 61


def test_every_word_of_slack_has_one_class_and_a_settled_one_only_where_nothing_was_done() -> None:
    for word in REFUSED_CREDENTIAL:
        assert isinstance(say_no({"error": word}), sdk.CredentialRefused)
    for word in NOT_DONE | IN_DOUBT:
        error = say_no({"error": word})
        assert isinstance(error, sdk.Transient)
        assert error.settled is (word in NOT_DONE)
    assert isinstance(say_no({"error": "a_word_of_tomorrow"}), sdk.Rejected)
    assert "chat:write" in say_no({"error": "missing_scope", "needed": "chat:write"}).message


class Lossy:
    """Carries requests to the twin and loses, cuts or replaces the answer."""

    def __init__(self, twin: SlackTwin, body: bytes | None) -> None:
        self.twin = twin
        self.body = body
        self.demo_credential = twin.demo_credential

    async def send(self, request: Request) -> sdk.Response:
        await self.twin.send(request)
        if self.body is None:
            raise Interrupted
        return sdk.Response(status=200, body=self.body)


@pytest.mark.parametrize(
    "body",
    [None, b"", b'{"ok": tr', b"[]", b'{"ok": false, "error": "internal_error"}'],
    ids=["lost", "empty", "cut", "no object", "internal error"],
)
async def test_a_lost_answer_is_a_doubt_that_the_probe_settles(
    twin: SlackTwin, body: bytes | None
) -> None:
    params = {"channel": "#orders", "text": "New order"}
    with pytest.raises(sdk.Transient) as lost:
        await attempt(Lossy(twin, body)).act("post_message", **params)
    assert not lost.value.settled
    found = await attempt(twin).probe("post_message", **params)
    assert isinstance(found, sdk.Happened)
    assert found.output.text == "New order"
    assert found.output.ts == messages(twin, "orders")[0]["ts"]


async def test_the_probe_finds_an_answer_inside_its_thread(twin: SlackTwin) -> None:
    first = await attempt(twin, key="01" * 16).act("post_message", channel="#vip", text="first")
    params = {"channel": first["channel"], "text": "reply", "thread": first["ts"]}
    await attempt(twin).act("post_message", **params)
    assert isinstance(await attempt(twin).probe("post_message", **params), sdk.Happened)


async def test_the_probe_never_takes_another_message_or_silence_for_proof(twin: SlackTwin) -> None:
    params = {"channel": "#orders", "text": "New order"}
    await attempt(twin, key="cd" * 16).act("post_message", **params)
    assert isinstance(await attempt(twin).probe("post_message", **params), sdk.Unknown)
    unreadable = params | {"channel": "#lunch"}
    assert isinstance(await attempt(twin).probe("post_message", **unreadable), sdk.Unknown)


async def test_the_probe_changes_nothing(twin: SlackTwin) -> None:
    ctx = attempt(twin)
    await ctx.probe("post_message", channel="#orders", text="New order")
    assert not ctx.doubt
    assert twin.state["messages"].get("C0DEMO0003", []) == []


async def test_the_account_is_the_workspace(twin: SlackTwin) -> None:
    assert slack.test is not None
    account = await slack.test(attempt(twin))
    assert account == sdk.Account(name="Demo shop (tramo)", id="T0DEMOSHOP")


async def test_channels_are_offered_from_every_page_and_searched(twin: SlackTwin) -> None:
    twin.state["channels"] |= {
        f"C0MANY{number:05d}": {"name": f"many-{number}", "is_private": False, "is_member": True}
        for number in range(450)
    }
    offered = await slack.choices["channels"](attempt(twin), "")
    assert len(offered) == 450 + 26 + 1
    assert offered[-1] == sdk.Choice(
        value="C0DEMO0901", label="#lunch", hint="invite the app first"
    )
    (orders,) = await slack.choices["channels"](attempt(twin), "#orde")
    assert orders == sdk.Choice(value="C0DEMO0003", label="#orders")


async def test_the_twin_is_the_same_after_a_restart(twin: SlackTwin) -> None:
    await attempt(twin).act("post_message", channel="#orders", text="kept 820982911946154508")
    again = make_twin(slack)
    again.load(twin.dump())
    assert again.state == twin.state
    assert again.ledger[-1].summary == twin.ledger[-1].summary
