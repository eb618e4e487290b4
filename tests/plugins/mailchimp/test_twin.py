"""The twin as a vendor: it answers whatever it is asked, remembers, and learns."""

from __future__ import annotations

import asyncio
import base64
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tramo import sdk
from tramo.ports.http import Request
from tramo.testing import Trial
from tramo_mailchimp.twin import MailchimpTwin

from tests.plugins.mailchimp.scene import SHOP, draft, fresh

KEY: Final = MailchimpTwin.demo_credential()["api_key"]
SIGNED: Final = "Basic " + base64.b64encode(f"any:{KEY}".encode()).decode()

PATHS = st.sampled_from(
    [
        *("/ping", "/", "/lists", "/x", "/search-members?query=a", "/campaigns"),
        *("/campaigns/a/content", "/campaigns/a/actions/send", f"/lists/{SHOP}"),
        *(f"/lists/{SHOP}/{rest}" for rest in ("webhooks", "members/x", "members/a@b.c/tags")),
        f"/lists/{SHOP}/members/a@b.c/events",
    ]
)
FIELDS = st.sampled_from(
    [
        *("email_address", "status_if_new", "tags", "name", "type", "url", "html", "id"),
        *("merge_fields", "settings", "recipients", "list_id", "events"),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture
def trial() -> Trial:
    return fresh()


@given(
    path=PATHS,
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    body=JSON.map(sdk.encode) | st.binary(max_size=20),
)
def test_the_twin_answers_every_request(path: str, method: str, body: bytes) -> None:
    twin: MailchimpTwin = fresh().twin
    headers = {"content-type": "application/json", "authorization": SIGNED}
    url = f"https://us21.api.mailchimp.com/3.0{path}"
    answer = asyncio.run(twin.send(Request(method=method, url=url, headers=headers, body=body)))
    assert answer.status < 500
    assert twin.ledger[-1].summary
    twin.dump()


async def test_the_twin_is_the_same_after_a_restart(trial: Trial) -> None:
    await draft(trial)
    trial.twin.happen("unsubscribe")
    again: MailchimpTwin = fresh().twin
    again.load(trial.twin.dump())
    assert sdk.encode(again.state) == sdk.encode(trial.twin.state)
    assert again.ledger[-1].summary == trial.twin.ledger[-1].summary


async def test_the_twin_learns_whom_an_event_speaks_of(trial: Trial) -> None:
    output = {"audience": SHOP, "email": "ana+tag@example.com", "first_name": "Ana"}
    for _ in range(2):
        trial.twin.learn("mailchimp.person_subscribed", output)
    person = {"audience": SHOP, "email": "ana+tag@example.com"}
    found = await trial.run_action("get_member", person)
    assert found["member"]["first_name"] == "Ana"
    for odd in (None, 5, {}, {"audience": SHOP}, {"audience": "x", "email": "a@b.c"}):
        trial.twin.learn("mailchimp.person_subscribed", odd)
    assert len(trial.twin.people.members(SHOP)) == 11


def test_people_of_all_four_languages_are_in_the_demo_audience(trial: Trial) -> None:
    languages = {person["language"] for person in trial.twin.people.members(SHOP).values()}
    assert languages == {"es_ES", "es", "pt", "pt_PT", "ro", "en"}


def test_a_topic_that_is_none_is_said_to_be(trial: Trial) -> None:
    with pytest.raises(KeyError):
        trial.twin.happen("weather")


async def test_a_change_of_address_keeps_the_person_and_an_unsubscriber_stays_out(
    trial: Trial,
) -> None:
    moved = trial.deliver_webhook(trial.twin.happen("upemail"))
    assert isinstance(moved, list)
    output = moved[0].output
    address = {"audience": SHOP, "email": output["old_email"]}
    assert (await trial.run_action("get_member", address))["found"] is False
    address["email"] = output["email"]
    assert (await trial.run_action("get_member", address))["member"]["first_name"] == "Lucía"
    left = trial.deliver_webhook(trial.twin.happen("unsubscribe"))
    assert isinstance(left, list)
    again = {"audience": SHOP, "email": left[0].output["email"], "status": "subscribed"}
    with pytest.raises(sdk.Rejected, match="only the person"):
        await trial.run_action("upsert_member", again)
