"""Whatever comes in, from Slack or to the twin: an answer or a named refusal, never a crash."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st
from tramo import sdk
from tramo.ports.http import Request
from tramo.testing import Trial
from tramo_slack import connector
from tramo_slack.twin import SlackTwin

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "type",
        "subtype",
        "channel",
        "user",
        "text",
        "ts",
        "thread_ts",
        "files",
        "bot_profile",
        "bot_id",
        "app_id",
        "team",
        "actions",
        "container",
        "message",
        "trigger_id",
        "action_id",
        "value",
        "selected_option",
        "event",
        "api_app_id",
        "event_id",
    ]
)
SHAPED = st.dictionaries(FIELDS, JSON, max_size=6)
door = connector.tramo_connector().door
assert door is not None


def outputs(delivery: sdk.Delivery) -> list[Any]:
    assert door is not None
    try:
        found = door.read(delivery)
    except ValueError:
        return []
    triggers = connector.tramo_connector().triggers.values()
    made: list[Any] = []
    for incoming in found if isinstance(found, list) else []:
        for trigger in triggers:
            manifest = trigger.manifest.trigger
            if manifest and manifest.topic == incoming.topic and trigger.output and trigger.matches:
                output = sdk.plain(trigger.output(incoming.payload))
                trigger.matches(trigger.params(), output)
                made.append(output)
    return made


@given(event=SHAPED, head=SHAPED)
def test_an_event_of_any_shape_is_read_or_refused(
    event: dict[str, Any], head: dict[str, Any]
) -> None:
    body = {"event": {"type": "message"} | event} | head | {"type": "event_callback"}
    headers = {"content-type": "application/json"}
    outputs(sdk.Delivery(headers=headers, body=sdk.encode(body)))


@given(payload=SHAPED, actions=st.lists(SHAPED | JSON, max_size=3) | JSON)
def test_a_press_of_any_shape_is_read_or_refused(payload: dict[str, Any], actions: Any) -> None:
    press = payload | {"type": "block_actions", "actions": actions, "user": {"id": "U1"}}
    body = urlencode({"payload": sdk.encode(press).decode()}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    outputs(sdk.Delivery(headers=headers, body=body))


METHODS = st.sampled_from(
    [
        "chat.postMessage",
        "chat.update",
        "users.lookupByEmail",
        "conversations.list",
        "conversations.history",
        "conversations.replies",
        "auth.test",
        "chat.delete",
    ]
)
ARGUMENTS = st.dictionaries(
    st.sampled_from(
        [
            "channel",
            "text",
            "ts",
            "thread_ts",
            "blocks",
            "metadata",
            "limit",
            "cursor",
            "email",
            "types",
        ]
    ),
    TEXT | st.sampled_from(["C0DEMO0003", "[]", "{}", "-1", "LTU=", "1503435956.000247"]),
    max_size=5,
)


@given(method=METHODS, arguments=ARGUMENTS, body=st.binary(max_size=30), way=st.integers(0, 3))
def test_the_twin_answers_every_request(
    method: str, arguments: dict[str, str], body: bytes, way: int
) -> None:
    twin = Trial(connector).twin
    url = f"https://slack.com/api/{method}"
    headers = {"authorization": "Bearer " + SlackTwin.demo_credential()["bot_token"]}
    if way == 0:
        request = Request(method="GET", url=f"{url}?{urlencode(arguments)}", headers=headers)
    else:
        kind = ("application/x-www-form-urlencoded", "application/json", "application/json")
        sent = (urlencode(arguments).encode(), sdk.encode(arguments), body)
        headers["content-type"] = kind[way - 1]
        request = Request(method="POST", url=url, headers=headers, body=sent[way - 1])
    answer = asyncio.run(twin.send(request)).json()
    assert answer["ok"] is True or isinstance(answer["error"], str)
    assert twin.ledger[-1].summary
