"""Campaigns against the twin: made, filled, sent once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tramo import sdk
from tramo.testing import Trial

from tests.plugins.mailchimp.scene import CAMPAIGN, SHOP, WHOLESALE, draft, fresh, lose_answers


@pytest.fixture
def trial() -> Trial:
    return fresh()


async def send(trial: Trial, campaign: str, attempt: int = 1) -> sdk.Output:
    action = trial.definition.actions["send_campaign@1"]
    context = trial.context()
    context.attempt = attempt
    assert action.run is not None
    return await action.run(context, msgspec.convert({"campaign": campaign}, action.params))


async def test_a_campaign_is_made_filled_and_sent(trial: Trial) -> None:
    made = await trial.run_action("create_campaign", {**CAMPAIGN, "preview": "Look", "segment": 7})
    assert made["status"] == "save"
    assert made["subject"] == "New lamps"
    content = {"campaign": made["id"], "html": "<p>Lamps</p>", "plain_text": "Lamps"}
    assert (await trial.run_action("set_campaign_content", content))["html"] == "<p>Lamps</p>"
    sent = await trial.run_action("send_campaign", {"campaign": made["id"]})
    assert (sent["status"], sent["emails_sent"]) == ("sending", 7)
    assert trial.last is not None
    assert ("campaign", made["id"]) in [(key.kind, key.value) for key in trial.last.keys]
    await trial.clock.sleep(60)
    probed = await trial.run_probe("send_campaign", {"campaign": made["id"]})
    assert isinstance(probed, sdk.Happened)
    assert probed.output.status == "sent"


async def test_content_may_be_set_again_and_replaces_what_was_there(trial: Trial) -> None:
    campaign = await draft(trial)
    content = {"campaign": campaign, "template": "12", "sections": {"body": "Lamps"}}
    for _ in range(2):
        await trial.run_action("set_campaign_content", content)
    assert trial.twin.state["campaigns"][campaign]["content"] == {"html": "<div>Lamps</div>"}


@pytest.mark.parametrize(
    "content",
    [{}, {"html": "<p>a</p>", "template": 3}, {"template": "three"}],
)
async def test_content_that_means_nothing_is_refused_before_it_is_sent(
    trial: Trial, content: dict[str, Any]
) -> None:
    with pytest.raises(sdk.BadParams):
        await trial.run_action("set_campaign_content", {"campaign": "c0ffee0001", **content})
    assert trial.twin.ledger == []


async def test_what_is_not_ready_or_not_there_does_not_go_out(trial: Trial) -> None:
    empty = await trial.run_action("create_campaign", CAMPAIGN)
    with pytest.raises(sdk.Rejected, match="not ready") as refusal:
        await trial.run_action("send_campaign", {"campaign": empty["id"]})
    assert refusal.value.code == "mailchimp.bad_request"
    for name, more in (("send_campaign", {}), ("set_campaign_content", {"html": "<p>a</p>"})):
        with pytest.raises(sdk.Rejected, match="no such campaign"):
            await trial.run_action(name, {"campaign": "0000000000", **more})
    with pytest.raises(sdk.Rejected, match="list does not exist"):
        await trial.run_action("create_campaign", {**CAMPAIGN, "audience": "0000000000"})


async def test_a_campaign_that_went_out_is_not_sent_again(trial: Trial) -> None:
    campaign = await draft(trial)
    await send(trial, campaign)
    with pytest.raises(sdk.Rejected) as refusal:
        await send(trial, campaign)
    assert refusal.value.code == "mailchimp.already_sent"
    assert "replicate" in refusal.value.message


async def test_a_later_attempt_that_is_refused_because_an_earlier_one_arrived_is_done(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await draft(trial)
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy, "POST")
        with pytest.raises(sdk.Transient) as lost:
            await send(trial, campaign)
    assert not lost.value.settled
    output = sdk.plain(await send(trial, campaign, attempt=2))
    assert (output["id"], output["status"]) == (campaign, "sending")


async def test_the_probe_of_a_sending_tells_a_draft_from_what_went_out(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = await draft(trial)
    params = {"campaign": campaign}
    assert isinstance(await trial.run_probe("send_campaign", params), sdk.DidNotHappen)
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy, "POST")
        with pytest.raises(sdk.Transient):
            await trial.run_action("send_campaign", params)
    found = await trial.run_probe("send_campaign", params)
    assert isinstance(found, sdk.Happened)
    assert found.output.status == "sending"
    trial.twin.state["campaigns"][campaign]["status"] = "canceled"
    assert isinstance(await trial.run_probe("send_campaign", params), sdk.Unknown)
    gone = {"campaign": "0000000000"}
    assert isinstance(await trial.run_probe("send_campaign", gone), sdk.Unknown)
    assert trial.last is not None
    assert not trial.last.sent


async def test_a_lost_campaign_is_found_again_by_its_mark_and_no_other(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy, "POST")
        with pytest.raises(sdk.Transient) as lost:
            await trial.run_action("create_campaign", CAMPAIGN)
    assert not lost.value.settled
    for number in range(210):
        await trial.run_action("create_campaign", CAMPAIGN, key=f"{number:03d}" + "0" * 29)
    found = await trial.run_probe("create_campaign", CAMPAIGN)
    assert isinstance(found, sdk.Happened)
    assert found.output.id == next(iter(trial.twin.state["campaigns"]))
    stranger = await trial.run_probe("create_campaign", CAMPAIGN, key="cd" * 16)
    assert isinstance(stranger, sdk.Unknown)
    elsewhere = {**CAMPAIGN, "audience": WHOLESALE}
    assert isinstance(await trial.run_probe("create_campaign", elsewhere), sdk.Unknown)


async def test_content_after_a_lost_answer_ends_in_the_same_state(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await trial.run_action("create_campaign", CAMPAIGN)
    content = {"campaign": made["id"], "html": "<p>Lamps</p>"}
    with monkeypatch.context() as lossy:
        lose_answers(trial, lossy)
        with pytest.raises(sdk.Transient):
            await trial.run_action("set_campaign_content", content)
    before = msgspec.json.encode(trial.twin.state)
    await trial.run_action("set_campaign_content", content)
    assert msgspec.json.encode(trial.twin.state) == before


async def test_sending_is_the_one_action_that_costs() -> None:
    actions = fresh().definition.actions.values()
    costly = [each.manifest.type for each in actions if each.manifest.costly]
    assert costly == ["mailchimp.send_campaign"]
    effects = {each.manifest.type.split(".")[1]: each.manifest.effect for each in actions}
    assert effects == {
        "upsert_member": "repeatable",
        "get_member": "pure",
        "search_members": "pure",
        "change_tags": "repeatable",
        "record_event": "never_repeat",
        "create_campaign": "never_repeat",
        "set_campaign_content": "repeatable",
        "send_campaign": "never_repeat",
    }


async def test_drafts_are_offered_newest_first_and_sent_ones_are_not(trial: Trial) -> None:
    old = await draft(trial)
    await trial.clock.sleep(60)
    new = await trial.run_action(
        "create_campaign", {**CAMPAIGN, "subject": "Mugs", "audience": SHOP}
    )
    offered = await trial.list_choices("drafts")
    assert [choice.value for choice in offered] == [new["id"], old]
    assert offered[0].hint == "Mugs"
    (found,) = await trial.list_choices("drafts", "lamps")
    assert found.value == old
    await send(trial, old)
    assert [choice.value for choice in await trial.list_choices("drafts")] == [new["id"]]
