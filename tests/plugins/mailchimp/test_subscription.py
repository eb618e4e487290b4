"""Webhooks at the vendor, and the whole way of a delivery through a house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tramo import sdk
from tramo.ports.http import Interrupted, Request
from tramo.testing import Trial

from tests.kit import document, finished, opened, owner, publish, steps, twin
from tests.plugins.mailchimp.scene import SHOP, WHOLESALE, draft, fresh, lose_answers

ADDRESS = "https://tramo.example/in/abc"


@pytest.fixture
def trial() -> Trial:
    return fresh()


def hooks(trial: Trial, audience: str = SHOP) -> list[dict[str, Any]]:
    return list(trial.twin.state["webhooks"].get(audience, {}).values())


def topics(hook: dict[str, Any]) -> set[str]:
    return {topic for topic, on in hook["events"].items() if on}


async def subscribe(trial: Trial, *wanted: str, address: str = ADDRESS, **credential: Any) -> None:
    assert trial.definition.subscribe is not None
    await trial.definition.subscribe(trial.context(credential=credential), [*wanted], address)


async def unsubscribe(trial: Trial, *wanted: str) -> None:
    assert trial.definition.unsubscribe is not None
    await trial.definition.unsubscribe(trial.context(), [*wanted], ADDRESS)


async def test_every_audience_delivers_to_the_address_with_its_secret(trial: Trial) -> None:
    await subscribe(trial, "subscribe", "cleaned")
    for audience in (SHOP, WHOLESALE):
        (hook,) = hooks(trial, audience)
        assert hook["url"] == f"{ADDRESS}?secret={trial.credential['webhook_secret']}"
        assert topics(hook) == {"subscribe", "cleaned"}
        assert hook["sources"] == {"user": True, "admin": True, "api": False}


async def test_subscribing_again_changes_nothing_and_asks_for_nothing(trial: Trial) -> None:
    await subscribe(trial, "subscribe")
    before = [dict(hook) for hook in hooks(trial)]
    await subscribe(trial, "subscribe")
    assert hooks(trial) == before
    assert {entry.method for entry in trial.twin.ledger[-3:]} == {"GET"}


async def test_a_lost_answer_to_a_subscription_makes_no_second_webhook(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy, "POST")
        with pytest.raises(sdk.Transient):
            await subscribe(trial, "subscribe")
    await subscribe(trial, "subscribe")
    assert [len(hooks(trial, audience)) for audience in (SHOP, WHOLESALE)] == [1, 1]


async def test_a_new_topic_secret_or_wish_changes_the_webhook_that_is_there(trial: Trial) -> None:
    await subscribe(trial, "subscribe")
    await subscribe(trial, "profile")
    (hook,) = hooks(trial)
    assert topics(hook) == {"subscribe", "profile"}
    await subscribe(trial, "profile", webhook_secret="a b&c", api_changes=True)
    (hook,) = hooks(trial)
    assert hook["url"] == f"{ADDRESS}?secret=a+b%26c"
    assert hook["sources"]["api"] is True


async def test_unsubscribing_leaves_other_topics_and_other_addresses(trial: Trial) -> None:
    await subscribe(trial, "subscribe", "profile")
    await subscribe(trial, "subscribe", address="https://elsewhere.example/in/x")
    for _ in range(2):
        await unsubscribe(trial, "subscribe")
    mine, other = hooks(trial)
    assert topics(mine) == {"profile"}
    for _ in range(2):
        await unsubscribe(trial, "profile")
    assert hooks(trial) == [other]


# Through the house --------------------------------------------------------------------------------


def welcome(connection: str) -> dict[str, Any]:
    person = {"audience": {"$expr": "joined.audience"}, "email": {"$expr": "joined.email"}}
    return document(
        [
            {"id": "joined", "type": "mailchimp.person_subscribed", "connection": connection},
            {
                "id": "tag",
                "type": "mailchimp.change_tags",
                "connection": connection,
                "params": {**person, "add": ["welcomed"]},
            },
        ],
        [("joined", "tag")],
    )


def send_when_somebody_joins(connection: str, campaign: str) -> dict[str, Any]:
    return document(
        [
            {"id": "joined", "type": "mailchimp.person_subscribed", "connection": connection},
            {
                "id": "send",
                "type": "mailchimp.send_campaign",
                "connection": connection,
                "params": {"campaign": campaign},
            },
        ],
        [("joined", "send")],
    )


async def test_somebody_joins_and_is_tagged_once_by_a_flow(tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        desk, scope = house.connections, owner(house)
        account = await twin(house, "mailchimp")
        assert "webhook_secret" in account["secret_fields"]
        await publish(house, welcome(account["id"]))
        path = account["address"].rpartition("/")[2]
        state = (await desk.twin(scope, account["id"]))["items"]
        assert "•••" in next(iter(state["webhooks"][SHOP].values()))["url"]

        payload = {
            "type": "subscribe",
            "fired_at": "2026-11-21 10:35:57",
            "data": {"id": "1", "list_id": SHOP, "email": "ana.sousa@example.com"},
        }
        for _ in range(2):
            answer = await desk.twin_deliver(scope, account["id"], "subscribe", payload)
            assert answer["status"] == 200
        (run,) = await finished(house)
        assert run["state"] == "succeeded"
        assert (await steps(house, run["id"]))["tag"]["output"]["added"] == ["welcomed"]

        async def call(method: str, **query: str) -> int:
            body = b"type=subscribe&data[id]=2"
            sent = await house.door.deliver(path, method=method, headers={}, query=query, body=body)
            return sent.status

        assert await call("GET") == 200
        assert await call("PUT") == 405
        assert await call("POST") == 401
        assert await call("POST", secret="guessed") == 401
        assert len((await house.runs.list(scope))["items"]) == 1


async def test_a_campaign_whose_answer_is_lost_goes_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = fresh()
    campaign = await draft(trial)
    async with opened(tmp_path) as house:
        account = await twin(house, "mailchimp")
        found = house.registry.connectors["mailchimp"]
        vendor: Any = house.twins.open(account["id"], found, trial.credential).twin
        vendor.state = trial.twin.state
        carry = vendor.send

        async def lose(request: Request) -> sdk.Response:
            answer = await carry(request)
            if request.url.endswith("/actions/send"):
                raise Interrupted("reset")
            return answer

        monkeypatch.setattr(vendor, "send", lose)
        await publish(house, send_when_somebody_joins(account["id"], campaign))
        await house.connections.twin_deliver(owner(house), account["id"], "subscribe")
        (run,) = await finished(house)
        assert run["state"] == "succeeded"
        assert (await steps(house, run["id"]))["send"]["output"]["status"] == "sending"
        sent = [entry for entry in vendor.ledger if entry.path.endswith("/actions/send")]
        assert len(sent) == 1
