"""How EasyPost says no, and what becomes of a write whose answer is lost."""

from __future__ import annotations

from typing import Any

import pytest
from tramo import sdk
from tramo.ports.http import Request
from tramo_easypost.api import CURE, IN_DOUBT, SAME_AS, say_no

from tests.plugins.easypost.account import Account, prepare

WRITES = {
    "get_rates": "/shipments",
    "buy_label": "/buy",
    "void_label": "/refund",
    "track_parcel": "/trackers",
}


@pytest.fixture
def account() -> Account:
    return Account()


def refused_with(account: Account, monkeypatch: pytest.MonkeyPatch, *answers: sdk.Response) -> None:
    """Let EasyPost answer so, whatever it is asked; the last answer stays."""
    left = list(answers)

    async def send(request: Request) -> sdk.Response:
        return left.pop(0) if len(left) > 1 else left[0]

    monkeypatch.setattr(account.twin, "send", send)


def error(status: int, code: str, message: Any = "x", errors: Any = ()) -> sdk.Response:
    said = {"code": code, "message": message, "errors": errors}
    return sdk.json_response({"error": said}, status)


# Every refusal has its class ----------------------------------------------------------------------


def test_every_code_has_a_class_and_only_a_doubt_may_be_tried_again() -> None:
    for code in (*CURE, *SAME_AS):
        refusal = say_no({"error": {"code": code, "message": "Said."}}, 422)
        assert type(refusal) is sdk.Rejected, code
        assert refusal.code.startswith("easypost."), code
        assert refusal.message[-1] == "."
    for code in IN_DOUBT:
        refusal = say_no({"error": {"code": code, "message": "Said."}}, 422)
        assert isinstance(refusal, sdk.Transient), code
        assert not refusal.settled
    assert set(SAME_AS.values()) <= set(CURE)
    assert not set(IN_DOUBT) & set(CURE)


def test_what_easypost_says_of_single_fields_reaches_the_reader() -> None:
    fields = [
        {"field": "street1", "message": "House number is missing", "suggestion": None},
        "Address not found",
        {"message": "Unable to verify address"},
        {"field": "zip"},
        7,
    ]
    said = {"code": "ADDRESS.VERIFY.FAILURE", "message": "Unable to verify address"}
    refusal = say_no({"error": said | {"errors": fields}}, 422)
    assert refusal.message == (
        "EasyPost does not find this address. EasyPost says: Unable to verify address. "
        "street1: House number is missing. Address not found."
    )


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        ({"error": {"code": "A.CODE.OF.TOMORROW"}}, 422, "EasyPost refused: A.CODE.OF.TOMORROW."),
        ({"error": {"message": ["One", "Two"]}}, 400, "EasyPost refused: One. Two."),
        ({"error": {"message": {"a": 1}, "errors": {"b": 2}}}, 422, "EasyPost refused: 422."),
        ({"error": "not found"}, 405, "EasyPost refused: 405."),
        (None, 400, "EasyPost refused: 400."),
    ],
)
def test_a_refusal_of_any_shape_is_a_sentence(answer: Any, status: int, message: str) -> None:
    refusal = say_no(answer, status)
    assert (type(refusal), refusal.message) == (sdk.Rejected, message)


async def test_an_empty_wallet_is_named_with_the_cure(account: Account) -> None:
    purchase = await account.purchase()
    account.state["wallet"] = "empty"
    with pytest.raises(sdk.Rejected, match="wallet") as refusal:
        await account.act("buy_label", **purchase)
    assert refusal.value.code == "easypost.payment_required"
    assert account.last is not None
    assert not account.last.sent
    assert account.labels() == []


async def test_a_carrier_that_makes_no_label_says_why(account: Account) -> None:
    nameless = {"line1": "Calle Mayor 1", "city": "Toledo", "country_code": "ES"}
    found = await account.rates(to_address=nameless)
    rate = found["rates"][0]["id"]
    with pytest.raises(sdk.Rejected) as refusal:
        await account.act("buy_label", shipment_id=found["shipment_id"], rate_id=rate)
    assert refusal.value.code == "easypost.label_refused"
    assert "needs a name or a company" in refusal.value.message


async def test_hammering_a_list_is_answered_with_a_wait_that_leaves_no_doubt(
    account: Account,
) -> None:
    for _ in range(5):
        await account.list_choices("carrier_accounts")
    with pytest.raises(sdk.Transient) as wait:
        await account.list_choices("carrier_accounts")
    assert (wait.value.code, wait.value.settled) == ("vendor.rate_limited", True)
    assert "slow down" in wait.value.message
    await account.clock.sleep(1)
    assert len(await account.list_choices("carrier_accounts")) == 4


async def test_a_wait_with_a_number_is_obeyed(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = await account.purchase()
    answer = sdk.json_response({"error": {"code": "RATE_LIMITED"}}, 429, {"retry-after": "7"})
    refused_with(account, monkeypatch, answer)
    with pytest.raises(sdk.Transient) as wait:
        await account.act("buy_label", **purchase)
    assert (wait.value.retry_after_s, wait.value.settled) == (7.0, True)


# Doubts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        *(error(422, code) for code in IN_DOUBT),
        error(409, "CONFLICT", "A duplicate request is currently in-flight"),
        error(500, "INTERNAL_SERVER_ERROR"),
        error(503, "SERVICE_UNAVAILABLE"),
        sdk.Response(status=200, body=b'{"id": "shp'),
    ],
    ids=[*IN_DOUBT, "in flight", "failed", "unavailable", "cut"],
)
async def test_what_easypost_does_not_know_itself_is_a_doubt(
    account: Account, monkeypatch: pytest.MonkeyPatch, answer: sdk.Response
) -> None:
    purchase = await account.purchase()
    refused_with(account, monkeypatch, answer)
    with pytest.raises(sdk.Transient) as doubt:
        await account.act("buy_label", **purchase)
    assert not doubt.value.settled
    assert account.last is not None
    assert account.last.sent, "the label may have been bought, although the status is a 4xx"


async def test_a_doubt_about_a_question_is_none(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused_with(account, monkeypatch, error(409, "CONFLICT"))
    with pytest.raises(sdk.Transient):
        await account.act("get_tracking", tracking_code="trk_1")
    assert account.last is not None
    assert not account.last.sent


def test_every_action_that_writes_is_tried_with_a_lost_answer(account: Account) -> None:
    actions = [a.manifest for a in account.definition.actions.values()]
    assert {a.type.split(".")[1] for a in actions if a.effect != "pure"} == set(WRITES)
    effects = {a.type.split(".")[1]: a.effect for a in actions if a.effect != "pure"}
    assert effects == {
        "get_rates": "repeatable",
        "buy_label": "never_repeat",
        "void_label": "repeatable",
        "track_parcel": "keyed",
    }
    assert {a.type for a in actions if a.costly} == {"easypost.buy_label", "easypost.void_label"}


async def lose_the_answer(account: Account, name: str) -> dict[str, Any]:
    params = await prepare(account, name)
    account.lose.append(WRITES[name])
    with pytest.raises(sdk.Transient) as lost:
        await account.act(name, **params)
    assert not lost.value.settled
    assert account.last is not None
    assert account.last.sent
    return params


@pytest.mark.parametrize("name", sorted(set(WRITES) - {"get_rates"}))
async def test_a_write_whose_answer_is_lost_takes_place_once(name: str) -> None:
    smooth, rough = Account(), Account()
    output = await smooth.act(name, **await prepare(smooth, name))
    params = await lose_the_answer(rough, name)
    assert await rough.act(name, **params) == output
    assert rough.state == smooth.state


async def test_rates_asked_for_twice_leave_a_shipment_that_costs_nothing(account: Account) -> None:
    params = await lose_the_answer(account, "get_rates")
    await account.act("get_rates", **params)
    first, second = list(account.state["shipments"].values())[1:]
    assert [rate["rate"] for rate in first["rates"]] == [rate["rate"] for rate in second["rates"]]
    assert account.labels() == []
    assert first["fees"] == second["fees"] == []


async def test_the_probe_finds_the_label_whose_answer_was_lost(account: Account) -> None:
    params = await lose_the_answer(account, "buy_label")
    found = await account.run_probe("buy_label", params)
    assert isinstance(found, sdk.Happened)
    assert found.output.tracking_number == account.labels()[0]
    assert sdk.plain(found.output) == await account.act("buy_label", **params)


async def test_the_probe_is_certain_that_an_unbought_shipment_was_not_bought(
    account: Account,
) -> None:
    found = await account.rates()
    shipment, rates = found["shipment_id"], found["rates"]
    cheap, dear = ({"shipment_id": shipment, "rate_id": rate["id"]} for rate in rates[:2])
    assert isinstance(await account.run_probe("buy_label", cheap), sdk.DidNotHappen)
    await account.act("buy_label", **dear)
    assert isinstance(await account.run_probe("buy_label", cheap), sdk.DidNotHappen)
    assert account.last is not None
    assert not account.last.sent


async def test_a_purchase_still_under_way_when_the_probe_looks_is_not_made_twice(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    purchase = await account.purchase()
    refused_with(account, monkeypatch, error(422, "SHIPMENT.PURCHASE.IN_PROGRESS"))
    with pytest.raises(sdk.Transient):
        await account.act("buy_label", **purchase)
    monkeypatch.undo()
    assert isinstance(await account.run_probe("buy_label", purchase), sdk.DidNotHappen)
    late = await account.act("buy_label", key="cd" * 16, **purchase)  # the purchase comes through
    assert await account.act("buy_label", **purchase) == late
    assert len(account.labels()) == 1


async def test_the_probe_of_a_void_reads_how_far_it_is(account: Account) -> None:
    params = await prepare(account, "void_label")
    assert isinstance(await account.run_probe("void_label", params), sdk.DidNotHappen)
    account.lose.append("/refund")
    with pytest.raises(sdk.Transient):
        await account.act("void_label", **params)
    found = await account.run_probe("void_label", params)
    assert isinstance(found, sdk.Happened)
    assert found.output.status == "submitted"


async def test_a_label_that_was_given_back_meanwhile_counts_as_voided(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = await prepare(account, "void_label")
    before = account.state["shipments"][params["shipment_id"]]
    after = {**before, "refund_status": "refunded"}
    refused_with(
        account,
        monkeypatch,
        sdk.json_response(before),
        error(422, "SHIPMENT.REFUND.UNAVAILABLE"),
        sdk.json_response(after),
    )
    assert (await account.act("void_label", **params))["status"] == "refunded"
