"""What the EasyPost nodes do, against the twin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.sdk import commerce
from tramo_easypost.rate import AskRates, measure
from tramo_easypost.twin import EasyPostTwin

from tests.plugins.easypost.account import CODE, CUSTOMER, PARCEL, SHOP, Account


@pytest.fixture
def account() -> Account:
    return Account()


def noted(account: Account) -> dict[str, str]:
    assert account.last is not None
    return {key.kind: key.value for key in account.last.keys}


# Addresses ----------------------------------------------------------------------------------------


async def test_a_good_address_comes_back_deliverable_and_corrected(account: Account) -> None:
    found = await account.act("verify_address", address=CUSTOMER)
    assert (found["deliverable"], found["problems"]) == (True, [])
    assert found["address"]["line1"] == "CARRER DE COLÓN 7"
    assert found["raw"]["verifications"]["delivery"]["success"] is True
    assert account.last is not None
    assert not account.last.sent, "a question leaves no doubt behind"


async def test_a_bad_address_is_an_answer_that_names_what_is_wrong(account: Account) -> None:
    found = await account.act("verify_address", address={**CUSTOMER, "line1": "Carrer de Colón"})
    assert (found["deliverable"], found["problems"]) == (False, ["House number is missing"])


async def test_the_address_of_any_shops_order_fits_as_it_is(account: Account) -> None:
    order = commerce.Address(line1="Calle Mayor 1", city="Toledo", country_code="ES")
    found = await account.act("verify_address", address=sdk.plain(order))
    assert found["address"]["city"] == "TOLEDO"
    request, _ = account.traffic[-1]
    assert b"null" not in request.body, "EasyPost wants texts, or nothing at all"


async def test_a_country_that_is_none_is_refused_with_the_cure(account: Account) -> None:
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("verify_address", address={**CUSTOMER, "country_code": "Spain"})
    assert refusal.value.code == "easypost.bad_address"
    assert "two letters" in refusal.value.message


# Rates --------------------------------------------------------------------------------------------


async def test_rates_are_exact_typed_and_the_cheapest_comes_first(account: Account) -> None:
    found = await account.rates()
    amounts = [rate["amount"] for rate in found["rates"]]
    assert amounts == sorted(amounts)
    assert all(isinstance(amount, Decimal) for amount in amounts)
    assert {rate["currency"] for rate in found["rates"]} == {"EUR"}
    assert found["unrated"][0]["carrier"] == "USPS"
    assert found["test"] is False
    assert noted(account) == {"shipment": found["shipment_id"], "order": "1002"}


async def test_an_amount_with_a_trailing_zero_passes_unchanged(account: Account) -> None:
    found = await account.rates(weight="10.2", units="imperial")
    ups = next(rate for rate in found["rates"] if rate["carrier"] == "UPS")
    assert str(ups["amount"]) == "6.09"
    for rate in account.state["shipments"][found["shipment_id"]]["rates"]:
        rate["rate"] = "10.10"
    label = await account.act("buy_label", shipment_id=found["shipment_id"], rate_id=ups["id"])
    assert str(label["amount"]) == "10.10"
    assert b'"amount":10.10' in sdk.encode(label)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"weight": 1000}, {"weight": "35.3"}),
        ({"weight": "0.1"}, {"weight": "0.1"}),
        ({"weight": "65.9", "units": "imperial"}, {"weight": "65.9"}),
        (
            {"weight": 500, "length": "25.4", "width": 10, "height": 5},
            {"weight": "17.7", "length": "10.0", "width": "4.0", "height": "2.0"},
        ),
    ],
)
def test_grams_and_centimetres_become_ounces_and_inches_rounded_up(given: Any, sent: Any) -> None:
    params = msgspec.convert({**PARCEL, **given}, AskRates)
    assert {name: str(value) for name, value in measure(params).items()} == sent


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"weight": 0}, "weight"),
        ({"weight": "NaN"}, "weight"),
        ({"weight": "-1"}, "weight"),
        ({"length": 10}, "width, height"),
        ({"length": 10, "width": 0, "height": 3}, "width"),
    ],
)
async def test_a_parcel_that_cannot_be_is_refused_before_anything_is_sent(
    account: Account, given: dict[str, Any], says: str
) -> None:
    with pytest.raises(sdk.BadParams, match=says):
        await account.rates(**given)
    assert account.traffic == []


async def test_an_address_no_carrier_can_use_gives_reasons_and_no_rates(account: Account) -> None:
    found = await account.rates(to_address={**CUSTOMER, "line1": None})
    assert found["rates"] == []
    assert len(found["unrated"]) == 4
    assert "recipient's address" in found["unrated"][0]["message"]


async def test_only_the_rates_of_one_carrier_account(account: Account) -> None:
    (ups, *_) = await account.list_choices("carrier_accounts", "ups")
    found = await account.rates(carrier_account=ups.value)
    assert {rate["carrier"] for rate in found["rates"]} == {"UPS"}
    assert {rate["carrier_account"] for rate in found["rates"]} == {ups.value}


async def test_inside_the_united_states_rates_are_in_dollars(account: Account) -> None:
    us = {**SHOP, "country_code": "US"}
    found = await account.rates(from_address=us, to_address={**CUSTOMER, "country_code": "US"})
    assert {rate["currency"] for rate in found["rates"]} == {"USD"}
    assert {rate["carrier"] for rate in found["rates"]} == {"USPS", "UPS", "FedEx"}


# Labels -------------------------------------------------------------------------------------------


async def test_a_bought_label_can_be_printed_and_tracked(account: Account) -> None:
    purchase = await account.purchase()
    label = await account.act("buy_label", **purchase, insurance="99.90")
    assert label["label_url"].endswith(".pdf")
    assert label["label_type"] == "application/pdf"
    assert (label["carrier"], str(label["amount"]), label["currency"]) == ("UPS", "6.71", "EUR")
    assert str(label["insured"]) == "99.90"
    assert noted(account) == {
        "shipment": purchase["shipment_id"],
        "order": "1002",
        "tracking": label["tracking_number"],
    }
    tracking = await account.act("get_tracking", tracking_code=label["tracker_id"])
    assert tracking["shipment_id"] == purchase["shipment_id"]
    assert tracking["tracking_number"] == label["tracking_number"]


async def test_the_same_rate_bought_again_is_the_same_label(account: Account) -> None:
    purchase = await account.purchase()
    first = await account.act("buy_label", **purchase)
    assert await account.act("buy_label", **purchase) == first
    assert account.labels() == [first["tracking_number"]]


async def test_a_second_label_for_a_shipment_is_refused(account: Account) -> None:
    found = await account.rates()
    shipment = found["shipment_id"]
    await account.act("buy_label", shipment_id=shipment, rate_id=found["rates"][0]["id"])
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("buy_label", shipment_id=shipment, rate_id=found["rates"][1]["id"])
    assert refusal.value.code == "easypost.already_bought"
    assert len(account.labels()) == 1


async def test_a_rate_that_is_gone_is_refused_with_the_cure(account: Account) -> None:
    purchase = await account.purchase()
    await account.clock.sleep(8 * 24 * 3600)
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("buy_label", **purchase)
    assert refusal.value.code == "easypost.rate_gone"
    assert "Ask for rates anew" in refusal.value.message
    foreign = {**purchase, "rate_id": "rate_0"}
    with pytest.raises(sdk.Rejected, match="Ask for rates anew"):
        await account.act("buy_label", **foreign)


async def test_an_insured_value_of_nothing_is_refused_before_the_purchase(
    account: Account,
) -> None:
    purchase = await account.purchase()
    with pytest.raises(sdk.BadParams, match="more than 0"):
        await account.act("buy_label", **purchase, insurance=0)
    assert account.labels() == []


async def test_a_voided_label_is_given_back_once(account: Account) -> None:
    bought = await account.act("buy_label", **await account.purchase())
    for _ in range(2):
        voided = await account.act("void_label", shipment_id=bought["shipment_id"])
        assert (voided["status"], str(voided["amount"])) == ("submitted", "6.71")
    asked = [request for request, _ in account.traffic if request.url.endswith("/refund")]
    assert len(asked) == 1


async def test_a_refund_that_was_rejected_may_be_asked_for_again(account: Account) -> None:
    bought = await account.act("buy_label", **await account.purchase())
    account.state["shipments"][bought["shipment_id"]]["refund_status"] = "rejected"
    voided = await account.act("void_label", shipment_id=bought["shipment_id"])
    assert voided["status"] == "submitted"


async def test_a_label_whose_parcel_is_on_its_way_cannot_be_voided(account: Account) -> None:
    bought = await account.act("buy_label", **await account.purchase())
    account.twin.move(bought["tracking_number"], "in_transit")
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("void_label", shipment_id=bought["shipment_id"])
    assert refusal.value.code == "easypost.void_refused"
    assert "on its way" in refusal.value.message


async def test_a_shipment_without_a_label_has_none_to_void(account: Account) -> None:
    found = await account.rates()
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("void_label", shipment_id=found["shipment_id"])
    assert refusal.value.code == "easypost.no_label"


# Tracking -----------------------------------------------------------------------------------------


async def test_a_code_that_is_followed_already_keeps_its_tracker(account: Account) -> None:
    before = len(account.state["trackers"])
    first = await account.act("track_parcel", tracking_code=f" {CODE} ")
    again = await account.act("track_parcel", tracking_code=CODE, carrier="UPS")
    assert first["id"] == again["id"]
    assert len(account.state["trackers"]) == before
    assert noted(account) == {"tracking": CODE}


async def test_a_code_of_three_months_ago_may_be_another_parcel(account: Account) -> None:
    first = await account.act("track_parcel", tracking_code=CODE)
    window = account.definition.actions["track_parcel@1"].manifest.key_window_s
    assert window is not None
    await account.clock.sleep(window + 1)
    assert (await account.act("track_parcel", tracking_code=CODE))["id"] != first["id"]


async def test_a_code_as_a_number_of_any_length_is_followed_exactly(account: Account) -> None:
    found = await account.act("track_parcel", tracking_code=9400110898825022579494)
    assert found["tracking_number"] == "9400110898825022579494"
    assert found["carrier"] == "USPS"


async def test_a_code_whose_carrier_nobody_can_tell_asks_for_the_carrier(account: Account) -> None:
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("track_parcel", tracking_code="PARCEL-7")
    assert refusal.value.code == "easypost.carrier_needed"
    found = await account.act("track_parcel", tracking_code="PARCEL-7", carrier="SEUR")
    assert found["carrier"] == "SEUR"


async def test_a_parcel_is_found_by_its_code(account: Account) -> None:
    found = await account.act("get_tracking", tracking_code=CODE)
    assert (found["status"], found["finished"]) == ("in_transit", False)
    assert [event["status"] for event in found["events"]] == ["pre_transit", "in_transit"]
    assert account.last is not None
    assert not account.last.sent


async def test_a_parcel_that_nobody_follows_is_refused_with_the_cure(account: Account) -> None:
    with pytest.raises(sdk.Rejected, match="Track parcel") as refusal:
        await account.act("get_tracking", tracking_code="1Z0")
    assert refusal.value.code == "easypost.not_tracked"
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("get_tracking", tracking_code="trk_0")
    assert refusal.value.code == "easypost.not_found"


# The account --------------------------------------------------------------------------------------


async def test_the_connection_says_whether_its_key_costs_money() -> None:
    live, test = await Account().test(), await Account(api_key="EZTK-demo").test()
    assert live.name.startswith("Live")
    assert test.name.startswith("Test")
    assert live.id == "user_060ab38db3c04ffaa60f262e5781a9be"


async def test_with_a_test_key_everything_is_marked_as_a_sample() -> None:
    account = Account(api_key="EZTK-demo")
    label = await account.act("buy_label", **await account.purchase())
    assert label["test"] is True
    found = await account.act("track_parcel", tracking_code="EZ4000000004")
    assert (found["status"], found["test"]) == ("delivered", True)
    with pytest.raises(sdk.Rejected, match="EZ7000000007"):
        await account.act("track_parcel", tracking_code=CODE)
    with pytest.raises(sdk.Rejected, match="live keys only"):
        await account.list_choices("carrier_accounts")


async def test_a_new_account_without_events_can_be_tested(account: Account) -> None:
    account.state["events"].clear()
    assert (await account.test()).id is None


async def test_the_key_travels_as_a_user_name_and_is_never_shown(account: Account) -> None:
    with pytest.raises(sdk.CredentialRefused) as refusal:
        await account.test({"api_key": "EZAK-stolen"})
    assert "EZAK-stolen" not in refusal.value.message
    request, _ = account.traffic[-1]
    assert request.headers["Authorization"] == "Basic RVpBSy1zdG9sZW46"
    assert "EZAK" not in repr(account.context().credential)


@pytest.mark.parametrize("secret", ["short", "contraseña-muy-larga", "with blanks in it all", ""])
def test_a_webhook_secret_that_signs_in_two_ways_is_not_taken(
    account: Account, secret: str
) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.webhook_secret"):
        account.context(credential={"webhook_secret": secret})


async def test_the_twin_is_the_same_after_a_restart(account: Account) -> None:
    await account.act("buy_label", **await account.purchase(), insurance="10.10")
    again: EasyPostTwin = Account().twin
    again.load(account.twin.dump())
    assert again.dump() == account.twin.dump()
    assert again.ledger[-1].summary == account.twin.ledger[-1].summary
    assert "bought: UPS UPSStandard, 6.71 EUR" in again.ledger[-1].summary
