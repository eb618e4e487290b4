"""Finding runs: by state, flow, time, business key and text; pages that neither skip nor repeat."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from tramo.app.run import search
from tramo.app.run.search import Filter
from tramo.model.problem import TramoError
from tramo.store import run_query

from tests.kit import document, owner, publish
from tests.runtime.app.run.vendor import call, event, labelling, order_hook, start, until


async def three_runs(house, vendor) -> list[str]:
    """One run that succeeded, one that failed, one of another flow."""
    await publish(house, labelling(vendor))
    await publish(house, document([order_hook()], [], id="flow_other", name="Other"))
    good = await start(house, event("1001", note="Ñandú café"))
    await until(house, good, "succeeded")
    vendor.moods["/label"] = "refuse"
    bad = await start(house, event("1002"))
    await until(house, bad, "failed")
    other = await start(house, event("1001", "eva@example.com"), "flow_other")
    return [good, bad, other]


async def found(house, **fields) -> list[str]:
    answer = await house.runs.list(owner(house), filter=Filter(**fields))
    return [item["id"] for item in answer["items"]]


async def test_runs_are_found_by_each_filter_and_by_all_together(open_shop):
    house, vendor = open_shop
    good, bad, other = await three_runs(house, vendor)
    assert await found(house) == [other, bad, good]
    assert await found(house, states=("failed",)) == [bad]
    assert await found(house, states=("failed", "succeeded")) == [other, bad, good]
    assert await found(house, flow="flow_other") == [other]
    assert await found(house, key="order:1001") == [other, good]
    assert await found(house, key="1001") == [other, good]
    assert await found(house, key="person:1001") == []
    assert await found(house, key="1001", flow="flow_test") == [good]
    assert await found(house, q=bad) == [bad]
    assert await found(house, q="1002") == [bad]
    reason = (await house.runs.get(owner(house), bad))["reason"]
    assert await found(house, reason=reason) == [bad]


async def test_runs_are_found_by_when_they_began(open_shop):
    house, vendor = open_shop
    good, bad, other = await three_runs(house, vendor)
    began = (await house.runs.get(owner(house), bad))["started_at"]
    assert await found(house, until=began) == [good]
    assert await found(house, since=began) == [other, bad]
    with pytest.raises(TramoError) as caught:
        await found(house, since="yesterday")
    assert (caught.value.code, caught.value.path) == ("request.instant", "/from")


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("ñandú CAFÉ", [0]),  # in the event
        ("ana@example.com", [0, 1]),
        ('"note"', []),  # a quotation mark is looked for as such
        ("refuse", [1]),  # in the error of a step
        ("said", [0, 1]),  # in what a step got
    ],
)
async def test_text_is_found_in_what_a_run_was_given_got_and_said(open_shop, words, places):
    house, vendor = open_shop
    runs = await three_runs(house, vendor)
    assert await found(house, text=words) == [runs[place] for place in reversed(places)]


async def test_a_search_that_runs_out_of_time_says_how_far_it_came_and_goes_on(
    open_shop, monkeypatch
):
    house, vendor = open_shop
    runs = await three_runs(house, vendor)
    monkeypatch.setattr(search, "BUDGET_S", 0)
    monkeypatch.setattr(search, "AT_A_TIME", 1)
    cursor, pages = None, []
    while True:
        page = await house.runs.list(owner(house), filter=Filter(text="café"), cursor=cursor)
        pages.append([item["id"] for item in page["items"]])
        assert page["searched"]["runs"] <= 1
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == [[], [], [runs[0]], []]


async def test_pages_hold_every_run_once_while_new_ones_come_in(open_shop):
    house, _ = open_shop
    await publish(house, document([order_hook()], []))
    runs = [await start(house, event(str(number))) for number in range(7)]
    seen, cursor = [], None
    while True:
        page = await house.runs.list(owner(house), limit=2, cursor=cursor)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        await start(house, event("late"))
    assert seen == runs[::-1]


async def test_states_are_counted_among_the_newest_runs(open_shop, monkeypatch):
    house, vendor = open_shop
    await three_runs(house, vendor)
    counts = await house.runs.counts(owner(house), Filter(flow="flow_test"))
    assert counts == {"counts": {"failed": 1, "succeeded": 1}, "back_to": None}
    monkeypatch.setattr(run_query, "COUNTED", 2)
    counts = await house.runs.counts(owner(house), Filter())
    assert counts["counts"] == {"failed": 1, "succeeded": 1}
    assert counts["back_to"] is not None


@pytest.mark.sqlite
async def test_troubled_runs_are_found_by_their_own_index(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor, call(vendor, "tell", "/tell")))
    told: list[str] = []

    def listen(connection):
        wanted = run_query.Wanted(states=("asking",))
        query = run_query._narrow(
            connection, owner(house), run_query._runs(owner(house)), wanted
        ).order_by(run_query._r.id.desc())
        compiled = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
        rows = connection.execute(text(f"EXPLAIN QUERY PLAN {compiled}")).all()
        told.extend(row[3] for row in rows)

    await house.database.read(listen)
    assert any("run_troubled" in line for line in told), told


async def test_an_order_number_is_found_with_and_without_its_sign(open_shop):
    house, vendor = open_shop
    await publish(house, labelling(vendor))
    run = await start(house, event("#1042"))
    await until(house, run, "succeeded")
    assert await found(house, q="1042") == await found(house, q="#1042") == [run]
    assert await found(house, q="042") == []


async def test_a_list_names_the_step_that_failed_and_shows_where_a_text_was_found(open_shop):
    house, vendor = open_shop
    good, bad, _ = await three_runs(house, vendor)
    items = (await house.runs.list(owner(house)))["items"]
    failed = {item["id"]: item.get("failed_at") for item in items}
    assert failed[bad]["node"] == "label"
    assert failed[good] is None
    searched = await house.runs.list(owner(house), filter=Filter(text="ñandú"))
    [item] = searched["items"]
    assert (item["id"], item["hit"]["where"], item["hit"]["text"]) == (good, "event", "Ñandú")
    assert item["hit"]["after"].startswith(" café")
