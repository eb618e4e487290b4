"""Who has a flow open and who edits it, as both databases keep it; and what was published of it."""

from __future__ import annotations

import pytest
from tramo.app.presence import SILENCE_MS, PresenceDesk
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.store import flow as flows
from tramo.store import publication, table

from tests.web.kit import ManualClock

ANA, BEN = Scope("ws_1", "user_ana"), Scope("ws_1", "user_ben")


@pytest.fixture
async def desk(database):
    def write(connection):
        connection.execute(table.workspace.insert().values(id="ws_1", name="Shop", created_at=0))
        flows.add_flow(connection, ANA, flow_id="flow_1", name="F", draft=b"{}", etag="e1", now=0)

    await database.write(write)
    told = []
    made = PresenceDesk(
        database=database, clock=ManualClock(), news=lambda *said: told.append(said)
    )
    made.told = told  # type: ignore[attr-defined]
    return made


async def here(desk, scope, tab, wish="edit", node=None):
    """Say that a tab is here; return who edits."""
    said = await desk.join(scope, "flow_1", tab, wish, node)
    return next((one["tab"] for one in said["people"] if one["edits"]), None)


async def test_the_first_edits_and_the_next_reads_until_she_leaves(desk):
    assert await here(desk, ANA, "tab_ana") == "tab_ana"
    assert await here(desk, BEN, "tab_ben") == "tab_ana"
    assert await here(desk, ANA, "tab_ana", node="order") == "tab_ana"
    await desk.leave(BEN, "flow_1", "tab_ana")
    assert await here(desk, BEN, "tab_ben") == "tab_ana", "nobody closes another's tab"
    await desk.leave(ANA, "flow_1", "tab_ana")
    assert await here(desk, BEN, "tab_ben") == "tab_ben"
    _, kind, said = desk.told[-1]
    assert (kind, [one["tab"] for one in said["people"]]) == ("presence", ["tab_ben"])


async def test_who_says_nothing_for_half_a_minute_has_gone(desk):
    await here(desk, ANA, "tab_ana")
    desk._clock.move(SILENCE_MS / 1_000 - 1)
    assert await here(desk, BEN, "tab_ben") == "tab_ana"
    desk._clock.move(2)
    assert await here(desk, BEN, "tab_ben") == "tab_ben"
    assert await here(desk, ANA, "tab_ana") == "tab_ben", "who comes back reads"


async def test_editing_is_taken_over_by_one_at_a_time(desk):
    await here(desk, ANA, "tab_ana")
    assert await here(desk, BEN, "tab_ben", "take") == "tab_ben"
    assert await here(desk, ANA, "tab_ana") == "tab_ben"
    assert await here(desk, ANA, "tab_ana", "take") == "tab_ana"
    with pytest.raises(TramoError, match="Ask an owner"):
        await here(desk, Scope("ws_1", "user_eve", "viewer"), "tab_eve", "take")
    assert await here(desk, Scope("ws_1", "user_eve", "viewer"), "tab_eve", "read") == "tab_ana"


async def test_a_tab_belongs_to_whoever_opened_it(desk):
    await here(desk, ANA, "tab_ana")
    with pytest.raises(TramoError) as caught:
        await here(desk, BEN, "tab_ana", "take")
    assert caught.value.code == "presence.tab"


async def test_nothing_is_told_while_nothing_changes(desk):
    await here(desk, ANA, "tab_ana")
    count = len(desk.told)
    await here(desk, ANA, "tab_ana")
    assert len(desk.told) == count
    await here(desk, ANA, "tab_ana", node="order")
    assert len(desk.told) == count + 1


async def test_what_is_published_again_keeps_its_number_and_what_comes_back_gets_a_new_one(
    database, desk
):
    def publish(connection, version, document, name=None):
        flows.add_version(
            connection,
            ANA,
            flow_id="flow_1",
            version=version,
            name="F",
            document=document,
            published_at=5,
        )
        return publication.add_publication(
            connection, ANA, "flow_1", version=version, name=name, document=document, now=5
        )

    def write(connection):
        return [
            publish(connection, "a", b"A"),
            publish(connection, "a", b"A", "Summer"),
            publish(connection, "a", b"A with labels"),
            publish(connection, "b", b"B"),
            publish(connection, "a", b"A"),
        ]

    assert await database.write(write) == [1, 1, 2, 3, 4]
    rows = await database.read(
        lambda c: publication.list_publications(c, ANA, "flow_1", limit=10, before=None)
    )
    assert [(row.number, row.name, bool(row.is_last)) for row in rows] == [
        (4, None, True),
        (3, None, True),
        (2, None, False),
        (1, "Summer", False),
    ]
    for number, document in ((1, b"A"), (2, b"A with labels"), (3, b"B"), (4, b"A")):
        row = await database.read(
            lambda c, number=number: publication.get_publication(c, ANA, "flow_1", number)
        )
        assert row.document == document
    assert await database.read(lambda c: publication.list_unnumbered(c, ANA, "flow_1")) == []
    old = await database.write(
        lambda c: flows.add_version(
            c, ANA, flow_id="flow_1", version="z", name="F", document=b"Z", published_at=1
        )
    )
    del old
    (row,) = await database.read(lambda c: publication.list_unnumbered(c, ANA, "flow_1"))
    assert (row.version, row.number) == ("z", None)
