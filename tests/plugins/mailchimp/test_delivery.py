"""What Mailchimp delivers: the secret, the forms, the outputs."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo import sdk
from tramo.testing import NotGenuine, Trial
from tramo_mailchimp import delivery as mailchimp
from tramo_mailchimp.twin.news import write_form

from tests.plugins.contract import contract_path
from tests.plugins.mailchimp.scene import SHOP, WHOLESALE, fresh

FORM = {"content-type": "application/x-www-form-urlencoded"}
TRIGGERS = {
    "subscribe": "person_subscribed",
    "unsubscribe": "person_unsubscribed",
    "profile": "profile_changed",
    "upemail": "address_changed",
    "cleaned": "address_cleaned",
    "campaign": "campaign_sent",
}
JOINED: dict[str, Any] = {
    "type": "subscribe",
    "fired_at": "2026-11-21 10:35:57",
    "data": {
        "id": "8a25ff1d98",
        "list_id": SHOP,
        "email": "ana+tag@example.com",
        "merges": {
            "EMAIL": "ana+tag@example.com",
            "FNAME": "Ana",
            "SPENT": "820982911946154508",
            "ADDRESS": {"city": "Cluj-Napoca", "zip": "400001"},
        },
    },
}


@pytest.fixture
def trial() -> Trial:
    return fresh()


def delivered(payload: dict[str, Any] | bytes) -> list[sdk.Incoming]:
    body = payload if isinstance(payload, bytes) else write_form(payload)
    return mailchimp.read(sdk.Delivery(headers=FORM, body=body))


def heard(trial: Trial, delivery: sdk.Delivery) -> Any:
    found = trial.deliver_webhook(delivery)
    assert isinstance(found, list)
    (one,) = found
    return one


@pytest.mark.parametrize("topic", TRIGGERS)
def test_what_happens_at_the_twin_starts_its_trigger_and_names_its_keys(
    trial: Trial, topic: str
) -> None:
    event = heard(trial, trial.twin.happen(topic))
    assert event.type == f"mailchimp.{TRIGGERS[topic]}"
    kinds = {key.kind for key in event.keys}
    wanted = {"campaign"} if topic == "campaign" else {"person", "email"}
    assert kinds == wanted | {"audience"}
    assert trial.starts(TRIGGERS[topic], {}, event)
    assert trial.starts(TRIGGERS[topic], {"audience": SHOP}, event)
    assert not trial.starts(TRIGGERS[topic], {"audience": WHOLESALE}, event)


def test_a_delivery_without_the_secret_or_with_another_is_not_genuine(trial: Trial) -> None:
    good = trial.twin.happen("subscribe")
    for query in ({}, {"secret": ""}, {"secret": "guessed"}, {"key": good.query["secret"]}):
        with pytest.raises(NotGenuine):
            trial.deliver_webhook(sdk.Delivery(headers=FORM, body=good.body, query=query))


def test_the_key_makes_a_secret_that_tells_nothing_of_it(trial: Trial) -> None:
    kind = trial.definition.credential
    assert kind is not None
    made: Any = kind(api_key="0123456789abcdef-us21")  # type: ignore[call-arg]
    other: Any = kind(api_key="0123456789abcdee-us21")  # type: ignore[call-arg]
    own: Any = kind(api_key="0123456789abcdef-us21", webhook_secret="mine")  # type: ignore[call-arg]
    assert len(made.webhook_secret) == 64
    assert made.webhook_secret != other.webhook_secret
    assert own.webhook_secret == "mine"
    assert made.data_centre == "us21"


def test_a_form_becomes_a_flat_output_with_nothing_rounded() -> None:
    (incoming,) = delivered(JOINED)
    output = sdk.plain(mailchimp.subscriber_output(incoming.payload))
    assert output["email"] == "ana+tag@example.com"
    assert output["at"] == "2026-11-21T10:35:57Z"
    assert (output["first_name"], output["last_name"]) == ("Ana", None)
    assert output["merge_fields"]["SPENT"] == "820982911946154508"
    assert output["merge_fields"]["ADDRESS"]["city"] == "Cluj-Napoca"


def test_a_repetition_is_known_and_two_changes_within_a_second_are_two() -> None:
    (first,) = delivered(JOINED)
    turned = dict(reversed(JOINED.items()))
    assert delivered(turned)[0].delivery_id == first.delivery_id
    changed = {**JOINED, "data": {**JOINED["data"], "email": "other@example.com"}}
    later = {**JOINED, "fired_at": "2026-11-21 10:35:58"}
    ids = {delivered(each)[0].delivery_id for each in (JOINED, changed, later)}
    assert len(ids) == 3


def test_a_campaign_that_was_stopped_starts_nothing(trial: Trial) -> None:
    payload = {
        "type": "campaign",
        "fired_at": "2026-11-21 10:35:57",
        "data": {"id": "42694e9e57", "list_id": SHOP, "status": "canceled", "subject": "Hi"},
    }
    event = heard(trial, trial.twin.happen("campaign", payload))
    assert not trial.starts("campaign_sent", {}, event)


@pytest.mark.contracts
def test_the_published_sample_is_read(trial: Trial) -> None:
    body = contract_path("mailchimp", "samples", "marketing-subscribe.form.txt").read_bytes()
    query = {"secret": trial.credential["webhook_secret"]}
    event = heard(trial, sdk.Delivery(headers=FORM, body=body.strip(), query=query))
    assert event.type == "mailchimp.person_subscribed"
    assert event.output["email"] == "ada@example.com"
    assert event.output["first_name"] == "Ada"
    assert event.output["audience"] == "a6b5da1054"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"type=",
        b"fired_at=2026",
        b"type=subscribe",
        b"type=subscribe&data=x",
        b"type=subscribe&data[id]=1&data[list_id]=a",
        b"type=subscribe&data[id]=1&data[list_id]=a&data[email]=a@b.c&data[merges]=x",
        b"type=subscribe&type=profile",
        b"type=subscribe&data[id]=1&data=2",
        b"type=subscribe&data[id=1",
        b"type=subscribe&" + quote("data" + "[a]" * 9).encode() + b"=1",
        b"type=upemail&data[list_id]=a&data[new_id]=1",
        b"type=campaign&data[id]=1",
        b"type=subscribe&data[email]=%ff",
        b"\xff",
        b"&".join(b"a%d=1" % number for number in range(1_100)),
    ],
)
def test_a_body_that_cannot_be_read_is_a_value_error_and_nothing_else(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        delivered(body)


def test_what_no_node_listens_to_starts_nothing() -> None:
    assert delivered(b"type=survey&data[id]=1") == []


NAMES = st.sampled_from(
    [
        *("type", "fired_at", "data", "data[id]", "data[list_id]", "data[email]", "data[merges]"),
        *("data[merges][FNAME]", "data[new_id]", "data[new_email]", "data[old_email]"),
        "data[status]",
    ]
)
VALUES = st.text(max_size=12) | st.sampled_from([*TRIGGERS, SHOP, "ana@example.com"])


@given(pairs=st.lists(st.tuples(NAMES | st.text(max_size=12), VALUES), max_size=10))
def test_a_form_of_any_shape_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        found = delivered(urlencode(pairs).encode())
    except ValueError:
        return
    for incoming in found:
        assert mailchimp.OUTPUTS[incoming.topic](incoming.payload)
