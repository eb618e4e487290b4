"""Acme Parcels on trial against its twin."""

from __future__ import annotations

from decimal import Decimal

import pytest
from acme_parcels import KEY_WINDOW_S, connector
from tramo import sdk
from tramo.testing import Heard, NotGenuine, Trial

PARCEL = {
    "order": "#1001",
    "name": "Ana Torres",
    "address": "Calle Mayor 1\n28013 Madrid",
    "country": "ES",
    "weight_g": 1200,
}


@pytest.fixture
def trial() -> Trial:
    return Trial(connector)


async def test_a_price_is_exact(trial: Trial) -> None:
    price = await trial.run_action("find_price", {"country": "ES", "weight_g": 1200})
    assert price == {"amount": Decimal("5.90"), "currency": "EUR", "days": 2}


async def test_a_parcel_that_is_sent_for_twice_is_bought_once(trial: Trial) -> None:
    first = await trial.run_action("create_parcel", PARCEL)
    assert await trial.run_action("create_parcel", PARCEL) == first
    assert len(trial.twin.state["parcels"]) == 1
    assert trial.twin.ledger[-1].summary == "Parcel AC000000001ES for #1001"


async def test_another_effect_is_another_parcel(trial: Trial) -> None:
    await trial.run_action("create_parcel", PARCEL)
    await trial.run_action("create_parcel", PARCEL, key="0" * 32)
    assert len(trial.twin.state["parcels"]) == 2


async def test_acme_forgets_a_key_when_its_window_is_over(trial: Trial) -> None:
    await trial.run_action("create_parcel", PARCEL)
    await trial.clock.sleep(KEY_WINDOW_S)
    await trial.run_action("create_parcel", PARCEL)
    assert len(trial.twin.state["parcels"]) == 2


async def test_a_key_with_another_body_is_refused(trial: Trial) -> None:
    await trial.run_action("create_parcel", PARCEL)
    with pytest.raises(sdk.Rejected, match="another body"):
        await trial.run_action("create_parcel", PARCEL | {"weight_g": 5})


async def test_a_parcel_whose_answer_was_lost_is_found_again(trial: Trial) -> None:
    assert await trial.run_probe("create_parcel", PARCEL) == sdk.DidNotHappen()
    made = await trial.run_action("create_parcel", PARCEL)
    found = await trial.run_probe("create_parcel", PARCEL)
    assert isinstance(found, sdk.Happened)
    assert sdk.plain(found.output) == made


async def test_a_wrong_key_parks_the_connection(trial: Trial) -> None:
    with pytest.raises(sdk.CredentialRefused):
        await trial.test({"api_key": "wrong"})


async def test_the_account_and_the_services_are_shown(trial: Trial) -> None:
    assert await trial.test() == sdk.Account(name="Demo shop", id="acc_1")
    assert [one.value for one in await trial.list_choices("services", "exp")] == ["express"]


async def test_a_delivered_parcel_starts_flows(trial: Trial) -> None:
    made = await trial.run_action("create_parcel", PARCEL)
    delivery = trial.twin.happen("parcel.delivered")
    (heard,) = trial.deliver_webhook(delivery)
    assert isinstance(heard, Heard)
    assert heard.type == "acme_parcels.parcel_delivered"
    assert heard.output["id"] == made["id"]
    assert [(key.kind, key.value) for key in heard.keys] == [
        ("shipment", made["id"]),
        ("order", "#1001"),
    ]
    with pytest.raises(NotGenuine):
        trial.deliver_webhook(sdk.Delivery(headers=delivery.headers, body=b"{}"))


async def test_new_parcels_are_found_page_by_page(trial: Trial) -> None:
    for number in range(5):
        await trial.run_action("create_parcel", PARCEL, key=f"{number:032x}")
    found, cursor = await trial.run_poll("parcel_created")
    assert [item.id for item in found] == [f"par_{number}" for number in range(1, 6)]
    assert await trial.run_poll("parcel_created", cursor=cursor) == ([], "par_5")
    await trial.run_action("create_parcel", PARCEL | {"service": "express"}, key="f" * 32)
    found, _ = await trial.run_poll("parcel_created", cursor=cursor)
    assert [item.id for item in found] == ["par_6"]
    express, _ = await trial.run_poll("parcel_created", {"service": "express"})
    assert [item.id for item in express] == ["par_6"]
