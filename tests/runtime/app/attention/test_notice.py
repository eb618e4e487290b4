"""Notices: at least once, by the way that people chose, given up in plain sight."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.app.attention.text import say
from tramo.app.text import LANGUAGES
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.store.commit import StoreUnavailable

from tests.runtime.app.attention.kit import OWNER, Shop


async def fail_once(shop: Shop) -> dict[str, Any]:
    """Let a flow fail, and return the notice of it."""
    await shop.people()
    await shop.publish()
    await shop.order(fails=True)
    await shop.look()
    (notice,) = await shop.notices()
    return notice


async def test_without_a_way_a_notice_waits_in_sight_and_leaves_when_there_is_one(
    shop: Shop,
) -> None:
    notice = await fail_once(shop)
    assert (notice["state"], notice["to"]) == ("waiting", OWNER)
    assert notice["problem"]["code"] == "notice.no_way"
    mailbox = await shop.mailbox()
    shop.clock.move(seconds=61)
    await shop.look()
    assert len(await shop.mails(mailbox)) == 1
    (notice,) = await shop.notices("sent")
    assert notice["sent_at"] is not None
    assert notice["problem"] is None


async def test_between_two_mailboxes_somebody_has_to_choose(shop: Shop) -> None:
    first, second = await shop.mailbox("One"), await shop.mailbox("Two")
    await fail_once(shop)
    way = await shop.house.notices.way(shop.scope)
    assert (way["chosen"], way["used"]) == ([], [])
    assert {item["id"] for item in way["connections"]} == {first, second}
    assert await shop.mails(second) == []
    way = await shop.house.notices.choose_way(shop.scope, [second])
    assert way["used"] == [second]
    await shop.look()
    assert len(await shop.mails(second)) == 1
    assert await shop.mails(first) == []


async def test_a_notice_takes_every_way_that_was_chosen(shop: Shop) -> None:
    mailbox, chat = await shop.mailbox(), await shop.chat()
    await shop.house.notices.choose_way(shop.scope, [mailbox, chat])
    await shop.people()
    await shop.publish()
    await shop.order(fails=True)
    await shop.look()
    by_way = {notice["connection"]: notice for notice in await shop.notices()}
    assert by_way[mailbox]["state"] == "sent"
    assert by_way[chat]["state"] == "given_up", "nobody in the chat has Olga's address"
    assert by_way[chat]["problem"]["code"] == "slack.users_not_found"


async def test_only_a_connection_that_brings_messages_can_be_chosen(shop: Shop) -> None:
    made = await shop.house.connections.create(shop.scope, "shopify", "Shop", "twin", {})
    with pytest.raises(TramoError) as refusal:
        await shop.house.notices.choose_way(shop.scope, [made["id"]])
    assert (refusal.value.code, refusal.value.path) == ("notice.way", "/connections/0")
    viewer = Scope(shop.scope.workspace_id, "v", "viewer")
    with pytest.raises(TramoError, match="Ask an owner"):
        await shop.house.notices.choose_way(viewer, [])


async def test_a_flow_cannot_be_published_whose_alerts_no_connection_brings(shop: Shop) -> None:
    made = await shop.house.connections.create(shop.scope, "shopify", "Shop", "twin", {})
    with pytest.raises(TramoError) as refusal:
        await shop.publish(alerts={"connection": made["id"]})
    (problem,) = refusal.value.problems
    assert (problem.path, problem.code) == ("/alerts/connection", "alerts.connection_unknown")


async def test_what_is_not_taken_is_tried_again_for_a_day_and_then_no_more(shop: Shop) -> None:
    await shop.mailbox()
    await shop.publish(alerts={"to": ["full@shop.example"]})
    await shop.order(fails=True)
    await shop.look()
    (notice,) = await shop.notices()
    assert (notice["state"], notice["attempts"]) == ("waiting", 1)
    assert notice["problem"]["code"] == "email.not_now"
    for _ in range(40):
        shop.clock.move(hours=1)
        await shop.look()
    (notice,) = await shop.notices("given_up")
    assert 20 < notice["attempts"] < 30
    await shop.house.notices.send_again(shop.scope, notice["id"])
    await shop.look()
    (again,) = await shop.notices("waiting")
    assert again["attempts"] == notice["attempts"] + 1


async def test_an_account_that_is_refused_is_noted_as_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: Any) -> str:
        return "535 5.7.8 the password was changed"

    monkeypatch.setattr("tramo_email.twin.MailTwin._sign_in", refuse)
    mailbox = await shop.mailbox()
    notice = await fail_once(shop)
    assert notice["problem"]["code"] == "email.sign_in"
    connection = await shop.house.connections.get(shop.scope, mailbox)
    assert connection["state"] == "refused"


async def test_what_has_arrived_is_not_sent_again(shop: Shop) -> None:
    await shop.mailbox()
    notice = await fail_once(shop)
    with pytest.raises(TramoError, match="no such notice"):
        await shop.house.notices.send_again(shop.scope, notice["id"])


async def test_a_person_who_cannot_be_reached_is_given_up_at_once(shop: Shop) -> None:
    await shop.mailbox()
    await shop.publish(alerts={"to": ["nobody@shop.example"]})
    await shop.order(fails=True)
    await shop.look()
    (notice,) = await shop.notices()
    assert (notice["state"], notice["attempts"]) == ("given_up", 1)
    assert notice["problem"]["code"] == "email.recipients"


async def test_after_a_crash_between_sending_and_noting_it_is_sent_under_the_same_key(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = await shop.mailbox()
    await shop.people()
    await shop.publish()
    await shop.order(fails=True)
    write, dead = shop.house.database.write, False

    async def dying(function: Any, **options: Any) -> Any:
        if dead:
            raise StoreUnavailable("gone")
        return await write(function, **options)

    monkeypatch.setattr(shop.house.database, "write", dying)
    keep = shop.house.courier._begin

    async def begin_and_die(*arguments: Any) -> Any:
        nonlocal dead
        links = await keep(*arguments)
        dead = True
        return links

    monkeypatch.setattr(shop.house.courier, "_begin", begin_and_die)
    with pytest.raises(TramoError):
        await shop.look()
    dead = False
    monkeypatch.setattr(shop.house.courier, "_begin", keep)
    assert (await shop.notices())[0]["state"] == "waiting"
    shop.clock.move(seconds=121)
    await shop.look()
    first, second = await shop.mails(mailbox)
    assert first["message_id"] == second["message_id"]
    assert (await shop.notices())[0]["state"] == "sent"


async def test_notices_come_in_pages(shop: Shop) -> None:
    await shop.people()
    for number in range(3):
        flow_id = f"flow_{number}"
        await shop.publish(flow_id)
        await shop.order(fails=True, flow_id=flow_id)
    await shop.look()
    page = await shop.house.notices.list(shop.scope, limit=2)
    rest = await shop.house.notices.list(shop.scope, limit=2, cursor=page["next"])
    assert len({item["id"] for item in [*page["items"], *rest["items"]]}) == 3
    assert rest["next"] is None


def test_every_language_says_the_same_things_with_the_same_slots() -> None:
    from importlib import import_module
    from string import Formatter

    said = {
        language: {
            code: {name for _, name, _, _ in Formatter().parse(text) if name}
            for code, text in import_module(
                f"tramo.app.attention.sentence.{language}"
            ).SENTENCES.items()
        }
        for language in LANGUAGES
    }
    assert said["en"] == said["es"] == said["pt"] == said["ro"]
    assert say("de", "open.run") == "Open the run"
