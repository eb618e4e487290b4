"""Whatever comes in, from EasyPost or to the twin: an answer or a named refusal, never a crash."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tramo import sdk
from tramo.ports.http import Request
from tramo_easypost import connector
from tramo_easypost.api import error_message, say_no

from tests.plugins.easypost.account import Account

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    [
        "id",
        "tracking_code",
        "status",
        "mode",
        "tracking_details",
        "signed_by",
        "shipment_id",
        "state",
        "shipments",
        "num_shipments",
        "label_url",
        "previous_attributes",
        "code",
        "message",
        "errors",
        "error",
    ]
)
SHAPED = st.dictionaries(FIELDS, JSON, max_size=6)
TOPICS = st.sampled_from(
    ["tracker.updated", "tracker.created", "refund.successful", "batch.updated", "x"]
)
easypost = connector.tramo_connector()


@given(topic=TOPICS, head=SHAPED, result=SHAPED)
def test_an_event_of_any_shape_is_read_or_refused(
    topic: str, head: dict[str, Any], result: dict[str, Any]
) -> None:
    told = head | {"object": "Event", "description": topic}
    told["result"] = {"id": "x_1", "tracking_code": "1", "status": "unknown"} | result
    assert easypost.door is not None
    try:
        found = easypost.door.read(sdk.Delivery(headers={}, body=sdk.encode(told)))
    except ValueError:
        return
    assert isinstance(found, list)
    for incoming in found:
        for trigger in easypost.triggers.values():
            manifest = trigger.manifest.trigger
            if manifest and manifest.topic == incoming.topic and trigger.output:
                output = sdk.plain(trigger.output(incoming.payload))
                if trigger.matches:
                    trigger.matches(trigger.params(), output)


@given(answer=JSON | st.fixed_dictionaries({"error": SHAPED | JSON}), status=st.integers(400, 599))
def test_a_refusal_of_any_shape_is_a_sentence(answer: Any, status: int) -> None:
    refusal = say_no(answer, status)
    assert refusal.message[-1] in ".!?…"
    said = error_message(answer)
    assert said is None or said


PATHS = st.sampled_from(
    [
        "addresses",
        "shipments",
        "shipments/shp_1",
        "shipments/shp_1/buy",
        "shipments/shp_1/refund",
        "trackers",
        "trackers/trk_1",
        "webhooks",
        "webhooks/hook_1",
        "events",
        "carrier_accounts",
        "rates",
    ]
)
THING = st.dictionaries(
    st.sampled_from(["street1", "zip", "country", "verify", "verify_strict", "weight", "length"]),
    JSON,
    max_size=4,
)
BODY = st.dictionaries(
    st.sampled_from(["address", "shipment", "rate", "insurance", "tracker", "webhook"]),
    THING
    | st.fixed_dictionaries({"from_address": THING, "to_address": THING, "parcel": THING})
    | st.fixed_dictionaries({"tracking_code": TEXT, "id": TEXT, "url": TEXT}),
    max_size=3,
)


@given(method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]), path=PATHS, body=BODY)
def test_the_twin_answers_every_request(method: str, path: str, body: dict[str, Any]) -> None:
    account = Account()
    first = next(iter(account.state["shipments"]))
    tracker = next(iter(account.state["trackers"]))
    path = path.replace("shp_1", first).replace("trk_1", tracker)
    headers = {
        "authorization": "Basic RVpBSy1kZW1vLXNob3A6",
        "content-type": "application/json",
    }
    sent = b"" if method in ("GET", "DELETE") else sdk.encode(body)
    url = f"https://api.easypost.com/v2/{path}"
    request = Request(method=method, url=url, headers=headers, body=sent)
    answer = asyncio.run(account.twin.send(request))
    assert answer.status < 500
    assert isinstance(answer.json(), dict | list)
    assert account.twin.ledger[-1].summary
