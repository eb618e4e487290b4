"""What the nodes about people do, against the twin."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.testing import Trial
from tramo_mailchimp.member import mailchimp_language

from tests.plugins.mailchimp.scene import (
    LUCIA,
    NOBODY,
    SHOP,
    WHOLESALE,
    fresh,
    lose_answers,
    member,
)

ADA: dict[str, Any] = {"audience": SHOP, "email": "Ada.Lovelace@example.com"}


@pytest.fixture
def trial() -> Trial:
    return fresh()


async def test_a_new_person_is_asked_first_unless_the_flow_says_otherwise(trial: Trial) -> None:
    asked = await trial.run_action("upsert_member", ADA)
    assert asked["status"] == "pending"
    joined = {**ADA, "email": "bob@example.com", "status_if_new": "subscribed"}
    assert (await trial.run_action("upsert_member", joined))["status"] == "subscribed"
    known = {**ADA, "email": "eve@example.com", "status": "subscribed"}
    assert (await trial.run_action("upsert_member", known))["status"] == "pending"
    assert (await trial.run_action("upsert_member", known))["status"] == "subscribed"


async def test_an_update_leaves_alone_what_it_does_not_name(trial: Trial) -> None:
    before = member(trial, "lucia.fernandez@example.com").copy()
    after = await trial.run_action(
        "upsert_member",
        {**LUCIA, "status_if_new": "subscribed", "last_name": "Vega", "language": "pt-BR"},
    )
    assert (after["first_name"], after["last_name"]) == ("Lucía", "Vega")
    assert (after["status"], after["language"], after["tags"]) == ("subscribed", "pt", ["vip"])
    assert after["merge_fields"]["SPENT"] == before["merge_fields"]["SPENT"]
    assert trial.last is not None
    assert [(key.kind, key.value) for key in trial.last.keys] == [
        ("person", "lucia.fernandez@example.com")
    ]


async def test_capital_letters_do_not_make_a_second_person(trial: Trial) -> None:
    first = await trial.run_action("upsert_member", ADA)
    again = await trial.run_action("upsert_member", {**ADA, "email": " ada.lovelace@EXAMPLE.com "})
    assert again["id"] == first["id"]
    found = await trial.run_action("get_member", {**ADA, "email": "ADA.LOVELACE@example.com"})
    assert found["found"] is True


async def test_amounts_and_long_numbers_arrive_as_they_are(trial: Trial) -> None:
    spent = [Decimal("10.10"), 820982911946154508]
    for value in spent:
        person = {**ADA, "merge_fields": {"SPENT": value}}
        output = await trial.run_action("upsert_member", person)
        assert output["merge_fields"]["SPENT"] == value
        assert str(member(trial, ADA["email"])["merge_fields"]["SPENT"]) == str(value)
    event = {**ADA, "name": "bought", "properties": {"total": spent[0], "order": spent[1]}}
    await trial.run_action("record_event", event)
    (noted,) = member(trial, ADA["email"])["events"]
    assert (
        noted["properties"] | {"total": "10.10", "order": "820982911946154508"}
        == noted["properties"]
    )


async def test_nobody_is_subscribed_again_against_their_will(trial: Trial) -> None:
    left = {"audience": SHOP, "email": "oliver.hughes@example.com"}
    kept = await trial.run_action("upsert_member", {**left, "status_if_new": "subscribed"})
    assert kept["status"] == "unsubscribed"
    with pytest.raises(sdk.Rejected) as refusal:
        await trial.run_action("upsert_member", {**left, "status": "subscribed"})
    assert refusal.value.code == "mailchimp.member_in_compliance_state"
    assert "pending" in refusal.value.message
    invited = await trial.run_action("upsert_member", {**left, "status": "pending"})
    assert invited["status"] == "pending"


async def test_a_missing_required_field_is_named_and_may_be_allowed(trial: Trial) -> None:
    buyer = {"audience": WHOLESALE, "email": "buyer@example.com"}
    with pytest.raises(sdk.Rejected) as refusal:
        await trial.run_action("upsert_member", buyer)
    assert "COMPANY" in refusal.value.message
    await trial.run_action("upsert_member", {**buyer, "incomplete": True})
    full = {**buyer, "merge_fields": {"COMPANY": "Nogal SL"}}
    assert (await trial.run_action("upsert_member", full))["merge_fields"]["COMPANY"] == "Nogal SL"


async def test_tags_are_put_on_and_taken_off_as_often_as_one_likes(trial: Trial) -> None:
    change = {**LUCIA, "add": ["VIP 2026", "lámpara"], "remove": ["vip"]}
    for _ in range(2):
        output = await trial.run_action("change_tags", change)
        assert output["added"] == ["VIP 2026", "lámpara"]
    assert member(trial, LUCIA["email"])["tags"] == ["VIP 2026", "lámpara"]
    shown = await trial.run_action("get_member", LUCIA)
    assert shown["member"]["tags"] == ["VIP 2026", "lámpara"]
    assert trial.twin.ledger[-2].summary == (
        "Tags of lucia.fernandez@example.com in Casa Lumina: +VIP 2026, +lámpara, -vip"
    )


@pytest.mark.parametrize("tags", [{}, {"add": ["a", "VIP"], "remove": ["vip"]}])
async def test_a_change_of_tags_that_means_nothing_is_refused_before_it_is_sent(
    trial: Trial, tags: dict[str, Any]
) -> None:
    with pytest.raises(sdk.BadParams):
        await trial.run_action("change_tags", {**LUCIA, **tags})
    assert trial.last is not None
    assert not trial.last.sent
    assert trial.twin.ledger == []


async def test_an_event_is_recorded_with_its_properties_and_its_time(trial: Trial) -> None:
    event = {**LUCIA, "name": "review_left", "properties": {"stars": 5, "verified": True}}
    await trial.run_action("record_event", {**event, "occurred_at": "2026-11-21T10:35:57+02:00"})
    (noted,) = member(trial, LUCIA["email"])["events"]
    assert noted["occurred_at"] == "2026-11-21T10:35:57+02:00"
    assert (noted["properties"]["stars"], noted["properties"]["verified"]) == ("5", "true")


async def test_an_event_takes_texts_only(trial: Trial) -> None:
    with pytest.raises(sdk.BadParams, match="lines"):
        await trial.run_action(
            "record_event", {**LUCIA, "name": "bought", "properties": {"lines": [1]}}
        )
    assert trial.twin.ledger == []


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("change_tags", {"add": ["vip"]}),
        ("record_event", {"name": "bought"}),
    ],
)
async def test_somebody_unknown_must_be_added_first(
    trial: Trial, name: str, params: dict[str, Any]
) -> None:
    with pytest.raises(sdk.Rejected, match="Add the person first") as refusal:
        await trial.run_action(name, {**NOBODY, **params})
    assert refusal.value.code == "mailchimp.resource_not_found"


async def test_not_finding_somebody_is_an_answer_but_a_wrong_audience_is_not(trial: Trial) -> None:
    assert await trial.run_action("get_member", NOBODY) == {"found": False, "member": None}
    for name, params in (
        ("get_member", {**NOBODY, "audience": "0000000000"}),
        ("upsert_member", {**NOBODY, "audience": "0000000000"}),
        ("search_members", {"search": "ana", "audience": "0000000000"}),
    ):
        with pytest.raises(sdk.Rejected, match="no such audience"):
            await trial.run_action(name, params)


async def test_a_search_finds_by_name_and_address_and_in_one_audience(trial: Trial) -> None:
    by_name = await trial.run_action("search_members", {"search": "Ioana"})
    assert [each["email"] for each in by_name["members"]] == ["ioana.ionescu@example.com"]
    exact = await trial.run_action("search_members", {"search": "ana.sousa@example.com"})
    assert (exact["total"], exact["members"][0]["last_name"]) == (1, "Sousa")
    elsewhere = {"search": "Ioana", "audience": WHOLESALE}
    assert (await trial.run_action("search_members", elsewhere))["total"] == 0
    assert trial.last is not None
    assert not trial.last.sent


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("es", "es"),
        ("es-ES", "es_ES"),
        ("es_mx", "es"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt_PT"),
        ("ro", "ro"),
        ("RO-ro", "ro"),
        ("en-GB", "en"),
        ("fr-CA", "fr_CA"),
    ],
)
def test_a_language_of_a_shop_becomes_one_of_mailchimps(said: str, kept: str) -> None:
    assert mailchimp_language(said) == kept


@pytest.mark.parametrize(
    "params",
    [
        {"email": "ana@example.com"},
        {"audience": "../../campaigns", "email": "ana@example.com"},
        {"audience": SHOP, "email": "ana"},
        {"audience": SHOP, "email": "ana@example.com", "status_if_new": "cleaned"},
        {"audience": SHOP, "email": "ana@example.com", "language": "Spanish"},
    ],
)
async def test_params_that_cannot_fit_are_refused_by_the_form(
    trial: Trial, params: dict[str, Any]
) -> None:
    with pytest.raises(msgspec.ValidationError):
        await trial.run_action("upsert_member", params)


# Lost answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("upsert_member", {"first_name": "Lucy", "merge_fields": {"SPENT": 5}}),
        ("change_tags", {"add": ["new"], "remove": ["vip"]}),
    ],
)
async def test_a_repetition_after_a_lost_answer_ends_in_the_same_state(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, name: str, params: dict[str, Any]
) -> None:
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy)
        with pytest.raises(sdk.Transient) as lost:
            await trial.run_action(name, {**LUCIA, **params})
    assert not lost.value.settled
    before = msgspec.json.encode(trial.twin.state)
    await trial.run_action(name, {**LUCIA, **params})
    assert msgspec.json.encode(trial.twin.state) == before


async def test_a_lost_event_is_found_again_by_its_key_and_no_other(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {**LUCIA, "name": "bought", "properties": {"order": 1001}}
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy, "POST")
        with pytest.raises(sdk.Transient) as lost:
            await trial.run_action("record_event", event)
    assert not lost.value.settled
    assert trial.last is not None
    assert trial.last.sent
    for number in range(250):
        await trial.run_action("record_event", event, key=f"{number:032x}")
    found = await trial.run_probe("record_event", event)
    assert isinstance(found, sdk.Happened)
    assert found.output.email == LUCIA["email"]
    assert isinstance(await trial.run_probe("record_event", event, key="cd" * 16), sdk.Unknown)
    assert isinstance(await trial.run_probe("record_event", {**event, **NOBODY}), sdk.Unknown)
    assert not trial.last.sent


async def test_audiences_are_offered_from_every_page_and_searched(trial: Trial) -> None:
    for number in range(450):
        list_id = f"{number:010x}"
        trial.twin.state["lists"][list_id] = {"name": f"Many {number}", "made": "", "fields": []}
        trial.twin.state["members"][list_id] = {}
    offered = await trial.list_choices("audiences")
    assert len(offered) == 452
    assert offered[0] == sdk.Choice(
        value=SHOP,
        label="Casa Lumina",
        hint="People: 7",
        hint_key="people",
        hint_params={"count": 7},
    )
    (wholesale,) = await trial.list_choices("audiences", "b2b")
    assert wholesale.value == WHOLESALE
