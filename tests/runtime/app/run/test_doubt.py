"""Doubts: the list of them, answers one by one and in bulk, and who gave them."""

from __future__ import annotations

import pytest
from tramo.app.run import doubt
from tramo.app.run.doubt import Asked
from tramo.model.problem import TramoError

from tests.kit import owner, publish
from tests.runtime.app.run.vendor import call, doubtful, labelling, until


async def refused(act) -> TramoError:
    with pytest.raises(TramoError) as caught:
        await act
    return caught.value


async def asking_runs(house, vendor, count: int) -> list[str]:
    await publish(house, labelling(vendor, call(vendor, "tell", "/tell")))
    return [await doubtful(house, vendor, str(number)) for number in range(count)]


async def test_the_list_shows_every_step_in_doubt_with_what_was_sent(open_shop):
    house, vendor = open_shop
    runs = await asking_runs(house, vendor, 3)
    first = await house.doubts.list(owner(house), limit=2)
    rest = await house.doubts.list(owner(house), limit=2, cursor=first["next"])
    assert rest["next"] is None
    items = [*first["items"], *rest["items"]]
    assert [item["run"]["id"] for item in items] == runs[::-1]
    assert items[0]["step"]["input"]["json"]["order"] == "2"
    assert items[0]["type"] == "core.http_request"


async def test_what_happened_keeps_its_reference_and_whoever_said_so(open_shop):
    house, vendor = open_shop
    [run_id] = await asking_runs(house, vendor, 1)
    answered = await house.runs.answer(
        owner(house), run_id, "label", [], "happened", None, "LBL-17"
    )
    label = next(step for step in answered["steps"] if step["node"] == "label")
    assert (label["state"], label["output"]) == ("succeeded", {"reference": "LBL-17"})
    [act] = (await house.doubts.answered(owner(house)))["items"]
    assert act["actor"] == "user_test"
    assert (act["run"], act["node"], act["outcome"]) == (run_id, "label", "happened")
    assert act["reference"] == "LBL-17"
    assert answered["acts"] == [act]
    await until(house, run_id, "succeeded")
    assert len(vendor.calls("/label")) == 1


@pytest.mark.parametrize("at_a_time", [1, 50])
async def test_an_outage_is_answered_at_once_and_nothing_is_sent(open_shop, monkeypatch, at_a_time):
    monkeypatch.setattr(doubt, "AT_A_TIME", at_a_time)
    house, vendor = open_shop
    runs = await asking_runs(house, vendor, 3)
    asked = Asked(flow="flow_test", node="label")
    done = await house.doubts.answer_all(owner(house), asked, "happened", "outage")
    assert sorted(place["run"] for place in done["answered"]) == sorted(runs)
    assert (done["refused"], done["more"]) == ([], False)
    for run_id in runs:
        await until(house, run_id, "succeeded")
    assert len(vendor.calls("/label")) == 3
    assert (await house.doubts.list(owner(house)))["items"] == []
    assert len((await house.doubts.answered(owner(house)))["items"]) == 3


async def test_a_bulk_answer_that_ends_early_says_so(open_shop, monkeypatch):
    monkeypatch.setattr(doubt, "AT_A_TIME", 1)
    monkeypatch.setattr(doubt, "BULK", 2)
    house, vendor = open_shop
    await asking_runs(house, vendor, 3)
    for count, more in ((2, True), (1, False)):
        done = await house.doubts.answer_all(owner(house), Asked(node="label"), "abort")
        assert (len(done["answered"]), done["more"]) == (count, more)


async def test_sending_once_more_needs_the_runs_by_name(open_shop):
    house, vendor = open_shop
    runs = await asking_runs(house, vendor, 2)
    for asked in (Asked(flow="flow_test"), Asked(node="label")):
        error = await refused(house.doubts.answer_all(owner(house), asked, "resend"))
        assert (error.code, error.path) == ("answer.resend_named", "/runs")
    assert len(vendor.calls("/label")) == 2
    done = await house.doubts.answer_all(owner(house), Asked(runs=(runs[0],)), "resend")
    assert [place["run"] for place in done["answered"]] == [runs[0]]
    await until(house, runs[0], "succeeded")
    assert [body["order"] for body in vendor.calls("/label")] == ["0", "1", "0"]
    await until(house, runs[1], "asking")


async def test_a_bulk_answer_says_whom_it_means(open_shop):
    house, vendor = open_shop
    await asking_runs(house, vendor, 1)
    error = await refused(house.doubts.answer_all(owner(house), Asked(), "abort"))
    assert error.code == "answer.whom"
    done = await house.doubts.answer_all(owner(house), Asked(connection="conn_x"), "abort")
    assert done["answered"] == []
    assert len((await house.doubts.list(owner(house)))["items"]) == 1
