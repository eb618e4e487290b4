"""What Slack delivers: signatures, challenges, messages and buttons."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import msgspec
import pytest
from tramo import sdk
from tramo.ingest.signature import is_genuine
from tramo.testing import NotGenuine, Trial
from tramo_slack import connector, event

from tests.plugins.contract import contract_path

slack = connector.tramo_connector()
assert slack.door is not None
door = slack.door


def delivered(payload: dict[str, Any]) -> list[sdk.Incoming]:
    headers = {"content-type": "application/json"}
    incoming = door.read(sdk.Delivery(headers=headers, body=sdk.encode(payload)))
    assert isinstance(incoming, list)
    return incoming


def said(**over: Any) -> dict[str, Any]:
    message = {"type": "message", "channel": "C0DEMO0001", "user": "U1", "text": "hi"}
    message |= {"ts": "1503435956.000247"} | over
    head = {"type": "event_callback", "event_id": "Ev1", "api_app_id": "A1", "token": "secret"}
    return head | {"event": {k: v for k, v in message.items() if v is not None}}


@pytest.mark.contracts
def test_the_recipe_accepts_slacks_published_signature_and_no_other() -> None:
    file = json.loads(contract_path("signature-vectors-services.json").read_bytes())
    (vector,) = (vector for vector in file["vectors"] if vector["vendor"] == "slack")
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    delivery = sdk.Delivery(headers=headers, body=vector["body"].encode())
    at_ms = int(headers["x-slack-request-timestamp"]) * 1000
    recipe, secret = door.signature, vector["secret"]
    assert is_genuine(recipe, secret, delivery, at_ms + 300_000)
    assert not is_genuine(recipe, secret, delivery, at_ms + 301_000)
    assert not is_genuine(recipe, "another", delivery, at_ms)
    other = sdk.Delivery(headers=headers, body=delivery.body + b"x")
    assert not is_genuine(recipe, secret, other, at_ms)


@pytest.mark.parametrize(
    ("topic", "type"),
    [("message", "slack.message_posted"), ("block_actions", "slack.button_pressed")],
)
def test_what_the_twin_delivers_is_signed_and_starts_its_trigger(topic: str, type: str) -> None:
    trial = Trial(connector)
    delivery = trial.twin.happen(topic)
    (heard,) = trial.deliver_webhook(delivery)
    assert heard.type == type
    assert heard.delivery_id
    assert {key.kind for key in heard.keys} == {"person", "channel", "thread"}
    with pytest.raises(NotGenuine):
        trial.deliver_webhook(sdk.Delivery(headers=delivery.headers, body=delivery.body + b" "))


def test_two_things_that_happen_are_two_deliveries_and_a_repetition_is_one() -> None:
    twin = Trial(connector).twin
    ids = [door.read(twin.happen(topic))[0].delivery_id for topic in ("message",) * 3]
    assert len(set(ids)) == 3
    assert door.read(twin.happen("message", said()))[0].delivery_id == "Ev1"


def test_the_first_call_gets_its_challenge_back() -> None:
    body = b'{"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd"}'
    reply = door.read(sdk.Delivery(headers={"content-type": "application/json"}, body=body))
    assert isinstance(reply, sdk.Reply)
    assert reply.body == b"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmd"


def test_a_message_becomes_a_flat_output_without_secrets() -> None:
    (incoming,) = delivered(said(thread_ts="1503435900.000001", files=[{"id": "F1"}]))
    output = sdk.plain(event.message_output(incoming.payload))
    assert output["channel"] == "C0DEMO0001"
    assert output["thread"] == "1503435900.000001"
    assert output["is_reply"] is True
    assert output["file_ids"] == ["F1"]
    assert "token" not in output["raw"]


@pytest.mark.parametrize(
    "subtype", ["message_changed", "message_deleted", "channel_join", "channel_topic"]
)
def test_edits_joins_and_notices_start_nothing(subtype: str) -> None:
    assert delivered(said(subtype=subtype)) == []


def test_a_flow_never_hears_what_the_app_itself_said() -> None:
    assert delivered(said(bot_id="B1", app_id="A1")) == []
    assert delivered(said(bot_id="B1", bot_profile={"app_id": "A1"})) == []
    assert len(delivered(said(bot_id="B2", app_id="A2"))) == 1


@pytest.mark.parametrize(
    ("params", "over", "starts"),
    [
        ({}, {}, True),
        ({"channel": "C0DEMO0001"}, {}, True),
        ({"channel": "C0DEMO0002"}, {}, False),
        ({}, {"bot_id": "B2", "subtype": "bot_message"}, False),
        ({"bots": True}, {"bot_id": "B2", "subtype": "bot_message"}, True),
        ({"replies": False}, {"thread_ts": "1503435900.000001"}, False),
        ({"replies": False}, {"thread_ts": "1503435956.000247"}, True),
    ],
)
def test_only_the_wanted_messages_start_the_flow(
    params: dict[str, Any], over: dict[str, Any], starts: bool
) -> None:
    trigger = slack.triggers["message_posted@1"]
    assert trigger.matches is not None
    (incoming,) = delivered(said(**over))
    output = sdk.plain(event.message_output(incoming.payload))
    assert trigger.matches(msgspec.convert(params, trigger.params), output) is starts


def press(**over: Any) -> sdk.Delivery:
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "name": "ana"},
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "channel": {"id": "C0DEMO0001", "name": "general"},
        "container": {"message_ts": "1503435956.000247"},
        "actions": [{"action_id": "approve", "value": "820982911946154508", "type": "button"}],
        "response_url": "https://hooks.slack.com/actions/secret",
        "token": "secret",
    } | over
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return sdk.Delivery(headers={"content-type": "application/x-www-form-urlencoded"}, body=body)


def test_a_press_becomes_an_output_that_holds_no_door_opener() -> None:
    (incoming,) = door.read(press())
    output = sdk.plain(event.button_output(incoming.payload))
    assert output["action"] == "approve"
    assert output["value"] == "820982911946154508"
    assert output["message"] == "1503435956.000247"
    assert "secret" not in json.dumps(output)


def test_a_choice_from_a_menu_is_a_value_too() -> None:
    action = {"action_id": "size", "type": "static_select", "selected_option": {"value": "XL"}}
    (incoming,) = door.read(press(actions=[action]))
    assert event.button_output(incoming.payload).value == "XL"


def test_each_of_several_actions_is_a_delivery_of_its_own() -> None:
    actions = [{"action_id": "a"}, {"action_id": "b"}]
    ids = [incoming.delivery_id for incoming in door.read(press(actions=actions))]
    assert len(set(ids)) == 2


def test_only_the_wanted_button_starts_the_flow() -> None:
    trigger = slack.triggers["button_pressed@1"]
    assert trigger.matches is not None
    output = sdk.plain(event.button_output(door.read(press())[0].payload))
    assert trigger.matches(event.ButtonFilter(), output)
    assert trigger.matches(event.ButtonFilter(action="approve"), output)
    assert not trigger.matches(event.ButtonFilter(action="refuse"), output)


@pytest.mark.parametrize(
    "delivery",
    [
        sdk.Delivery(headers={"content-type": "application/json"}, body=b"{"),
        sdk.Delivery(headers={"content-type": "application/json"}, body=b"[1]"),
        sdk.Delivery(headers={"content-type": "application/json"}, body=b""),
        sdk.Delivery(
            headers={"content-type": "application/json"}, body=b'{"type": "event_callback"}'
        ),
        sdk.Delivery(
            headers={"content-type": "application/json"},
            body=b'{"type": "event_callback", "event": {"type": "message"}}',
        ),
        sdk.Delivery(
            headers={"content-type": "application/x-www-form-urlencoded"}, body=b"payload=%7B"
        ),
        sdk.Delivery(
            headers={"content-type": "application/x-www-form-urlencoded"}, body=b"payload=\xff"
        ),
        press(user={}),
    ],
)
def test_a_body_that_cannot_be_read_is_a_value_error_and_nothing_else(
    delivery: sdk.Delivery,
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        door.read(delivery)


@pytest.mark.parametrize(
    "delivery",
    [
        sdk.Delivery(headers={}, body=b'{"type": "app_rate_limited"}'),
        sdk.Delivery(headers={}, body=sdk.encode(said(type="reaction_added"))),
        sdk.Delivery(
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=b"command=%2Fhello&text=",
        ),
        press(type="view_submission"),
    ],
)
def test_what_no_node_listens_to_starts_nothing(delivery: sdk.Delivery) -> None:
    assert door.read(delivery) == []


def filled(sample: Any) -> Any:
    """Fill in the empty texts of a published sample, which shows shapes only."""
    if isinstance(sample, dict):
        return {name: filled(value) for name, value in sample.items()}
    if isinstance(sample, list):
        return [filled(value) for value in sample]
    return sample if sample != "" else "C0SAMPLE01"


@pytest.mark.contracts
def test_every_published_sample_is_read_without_a_complaint() -> None:
    folder = contract_path("slack", "samples")
    messages = 0
    for path in sorted(folder.glob("event-*.json")):
        sample = filled(json.loads(path.read_bytes())) | {"type": "event_callback"}
        if path.stem == "event-Message":
            sample["api_app_id"] = "A2"
        for incoming in delivered(sample):
            messages += 1
            assert event.message_output(incoming.payload).channel == "C0SAMPLE01"
    assert messages == 2
    presses = door.read(press(**filled(json.loads((folder / "BlockAction.json").read_bytes()))))
    assert isinstance(presses, list)
    assert presses
    for incoming in presses:
        assert event.button_output(incoming.payload).user == "C0SAMPLE01"


@pytest.mark.contracts
def test_what_the_twin_delivers_is_an_event_as_slack_describes_it() -> None:
    schema = json.loads(contract_path("slack", "events-common-wrapper.schema.json").read_bytes())
    delivery = Trial(connector).twin.happen("message")
    assert delivery is not None
    jsonschema_rs.validate(schema, json.loads(delivery.body))
