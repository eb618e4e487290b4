"""Nobody finds a failure before its owner: alerts, counts, the pause and the watch."""

from __future__ import annotations

from tramo.store import connection as connection_store
from tramo.store import table

from tests.runtime.app.attention.kit import OWNER, Shop


async def test_the_owner_hears_of_a_failure_once_a_day_in_her_language(shop: Shop) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    await shop.publish()
    for _ in range(3):
        await shop.order(fails=True)
    await shop.look()
    (mail,) = await shop.mails(mailbox)
    assert mail["to"] == [OWNER]
    assert mail["subject"] == "«Tag orders» falló en «Tag it»"
    assert "total" in mail["text"]
    assert "/runs/run_" in mail["text"]
    (alert,) = await shop.alerts()
    assert (alert["kind"], alert["count"], alert["node"]) == ("failed", 3, "tag")
    assert alert["flow_name"] == "Tag orders"
    await shop.order(fails=True)
    await shop.look()
    assert len(await shop.mails(mailbox)) == 1
    assert (await shop.alerts())[0]["count"] == 4


async def test_the_next_day_it_is_told_again_with_how_often_it_was(shop: Shop) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    await shop.publish()
    for _ in range(3):
        await shop.order(fails=True)
    await shop.look()
    shop.clock.move(hours=24)
    await shop.order(fails=True)
    await shop.look()
    _, second = await shop.mails(mailbox)
    assert "3 veces" in second["text"]
    assert [alert["count"] for alert in await shop.alerts()] == [1, 3]


async def test_alerts_go_where_the_flow_says(shop: Shop) -> None:
    await shop.people()
    chat = await shop.chat()
    await shop.publish(alerts={"to": ["#alerts"], "connection": chat})
    await shop.order(fails=True)
    await shop.look()
    twin = await shop.house.connections.twin(shop.scope, chat)
    ((message,),) = twin["items"]["messages"].values()
    assert message["blocks"][0]["text"]["text"].startswith("“Tag orders” failed at “Tag it”")


async def test_a_flow_may_keep_its_failures_to_itself(shop: Shop) -> None:
    await shop.publish(alerts={"failed": False})
    await shop.order(fails=True)
    await shop.look()
    assert await shop.alerts() == []


async def test_trying_a_draft_alerts_nobody(shop: Shop) -> None:
    await shop.publish()
    draft = (await shop.flow())["document"]
    draft["nodes"][1]["params"]["fields"]["y"] = {"$expr": "order.body.none"}
    await shop.house.flows.save_draft(shop.scope, "flow_fails", draft)
    await shop.house.flows.start(shop.scope, "flow_fails", {"body": {}})
    await shop.look()
    assert await shop.alerts() == []
    await shop.house.flows.start(shop.scope, "flow_fails", {"body": {}}, version="published")
    await shop.look()
    assert len(await shop.alerts()) == 1


async def test_an_alert_is_seen_and_goes_on_counting(shop: Shop) -> None:
    await shop.publish()
    await shop.order(fails=True)
    await shop.look()
    (alert,) = await shop.alerts(seen=False)
    assert alert["state"] == "new"
    await shop.house.alerts.mark_seen(shop.scope, alert["id"])
    await shop.order(fails=True)
    await shop.look()
    assert await shop.alerts(seen=False) == []
    (seen,) = await shop.alerts(seen=True)
    assert (seen["state"], seen["count"], seen["seen_by"]) == ("seen", 2, "test")


async def test_ten_failures_in_a_row_pause_the_flow_and_say_so_once(shop: Shop) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    await shop.publish()
    for _ in range(9):
        await shop.order(fails=True)
    await shop.look()
    assert (await shop.flow())["state"] == "active"
    for _ in range(3):
        await shop.order(fails=True)
    await shop.look()
    flow = await shop.flow()
    assert (flow["state"], flow["pause_reason"]) == ("paused", "failures")
    assert [a["kind"] for a in await shop.alerts()].count("paused") == 1
    subjects = [mail["subject"] for mail in await shop.mails(mailbox)]
    assert "«Tag orders» se puso en pausa tras 12 fallos seguidos" in subjects
    await shop.look()
    assert len(await shop.mails(mailbox)) == 2


async def test_a_resumed_flow_has_its_failures_counted_anew(shop: Shop) -> None:
    await shop.publish(alerts={"pause_after": 2})
    for _ in range(2):
        await shop.order(fails=True)
    await shop.look()
    resumed = await shop.house.flows.resume(shop.scope, "flow_fails")
    assert (resumed["state"], resumed["pause_reason"]) == ("active", None)
    await shop.order(fails=True)
    await shop.look()
    assert (await shop.flow())["state"] == "active"
    await shop.order(fails=True)
    await shop.look()
    assert (await shop.flow())["state"] == "paused"


async def test_a_success_between_failures_keeps_the_flow_going(shop: Shop) -> None:
    await shop.publish(alerts={"pause_after": 3})
    for _ in range(4):
        await shop.order(fails=True)
        await shop.order(fails=True)
        await shop.order(fails=False)
        await shop.look()
    assert (await shop.flow())["state"] == "active"


async def test_zero_means_that_it_is_never_paused(shop: Shop) -> None:
    await shop.publish(alerts={"pause_after": 0})
    for _ in range(12):
        await shop.order(fails=True)
    await shop.look()
    assert (await shop.flow())["state"] == "active"


async def test_what_was_looked_at_is_not_looked_at_again_after_a_restart(shop: Shop) -> None:
    await shop.publish()
    await shop.order(fails=True)
    await shop.look()
    await shop.house.lookout.close()
    await shop.house.lookout.start()
    await shop.look()
    assert (await shop.alerts())[0]["count"] == 1


async def test_fewer_runs_than_expected_is_an_alert_at_the_windows_end(shop: Shop) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    await shop.publish(alerts={"expect_runs": {"at_least": 2, "per": "hour"}})
    await seldom(shop)
    shop.clock.move(hours=1)  # The first whole window has begun.
    await shop.order(fails=False)
    shop.clock.move(hours=1)
    await seldom(shop)
    (alert,) = await shop.alerts()
    assert (alert["kind"], alert["details"]["count"]) == ("watch", 1)
    (mail,) = await shop.mails(mailbox)
    assert mail["subject"] == "«Tag orders» se ejecutó 1 veces; se esperaban al menos 2"


async def test_enough_runs_are_no_alert(shop: Shop) -> None:
    await shop.publish(alerts={"expect_runs": {"at_least": 2, "per": "hour"}})
    await seldom(shop)
    shop.clock.move(hours=1)
    for _ in range(2):
        await shop.order(fails=False)
    shop.clock.move(hours=1)
    await seldom(shop)
    assert await shop.alerts() == []


async def test_nothing_is_expected_of_a_paused_flow(shop: Shop) -> None:
    await shop.publish(alerts={"expect_runs": {"at_least": 2, "per": "hour"}})
    await seldom(shop)
    await shop.house.flows.pause(shop.scope, "flow_fails")
    shop.clock.move(hours=3)
    await seldom(shop)
    assert await shop.alerts() == []


async def test_a_refused_connection_is_an_alert_while_runs_wait_for_it(shop: Shop) -> None:
    await shop.people()
    mailbox, chat = await shop.mailbox(), await shop.chat()
    await shop.publish()
    await shop.order(fails=False)
    await shop.house.database.write(
        lambda c: c.execute(table.run.update().values(state="waiting", reason="connection"))
    )
    await seldom(shop)
    assert await shop.alerts() == []
    await shop.house.database.write(
        lambda c: connection_store.set_state(
            c, shop.scope, chat, version=1, state="refused", account=None, now=1
        )
    )
    for _ in range(2):
        await seldom(shop)
    (alert,) = await shop.alerts()
    assert (alert["kind"], alert["details"]) == ("connection", {"connection": "Chat", "count": 1})
    (mail,) = await shop.mails(mailbox)
    assert mail["subject"] == "«Chat» ya no se acepta"


async def seldom(shop: Shop) -> None:
    shop.clock.move(seconds=21)
    await shop.look()
