"""Runs that go no further without a person: told once, reminded of daily, never decided for."""

from __future__ import annotations

from typing import Any

import pytest
from tramo.store import table
from tramo_email.twin import MailTwin

from tests.runtime.app.attention.kit import OWNER, Shop


async def doubt(shop: Shop, mailbox: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Start a run whose mail server hangs up with the message in its hands; return its id."""

    take = MailTwin._take_data

    async def hang_up(*conversation: Any) -> str:
        await take(*conversation)
        raise ConnectionError

    document = {
        "format": 1,
        "id": "flow_mail",
        "name": "Thank you",
        "nodes": [
            {"id": "start", "type": "core.manual"},
            {
                "id": "thank",
                "type": "email.send",
                "label": "Say thanks",
                "connection": mailbox,
                "params": {"to": ["zoe@elsewhere.example"], "subject": "Thanks", "text": "Thanks"},
            },
        ],
        "edges": [{"from": "start", "to": "thank"}],
    }
    await shop.house.flows.put(shop.scope, document)
    with monkeypatch.context() as patched:
        patched.setattr(MailTwin, "_take_data", hang_up)
        run_id = await shop.house.flows.start(shop.scope, "flow_mail", {})
        await shop.house.runner.waiters.add(run_id)
    return run_id


async def test_a_doubt_is_told_at_once_and_reminded_of_daily_until_it_is_settled(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    run_id = await doubt(shop, mailbox, monkeypatch)
    for _ in range(2):
        await shop.look()
    (alert,) = await shop.alerts()
    assert (alert["kind"], alert["node"], alert["run"]) == ("asking", "thank", run_id)
    _, mail = await shop.mails(mailbox)
    assert mail["to"] == [OWNER]
    assert mail["subject"] == "«Thank you» pregunta: ¿ocurrió «Say thanks»?"
    for _ in range(2):
        shop.clock.move(hours=24)
        await shop.look()
    reminders = (await shop.mails(mailbox))[2:]
    assert [mail["subject"] for mail in reminders] == ["Ejecuciones que esperan tu decisión: 1"] * 2
    assert "«Thank you»" in reminders[0]["text"]
    run = await shop.house.runs.get(shop.scope, run_id)
    assert run["state"] == "asking", "time decides nothing"
    await shop.house.runs.answer(shop.scope, run_id, "thank", [], "happened")
    shop.clock.move(hours=48)
    await shop.look()
    assert len(await shop.mails(mailbox)) == 4


async def test_a_flow_may_keep_its_doubts_to_itself(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = await shop.mailbox()
    await doubt(shop, mailbox, monkeypatch)
    document = (await shop.flow("flow_mail"))["document"]
    await shop.house.flows.save_draft(
        shop.scope, "flow_mail", {**document, "alerts": {"asking": False}}
    )
    await shop.house.flows.publish(shop.scope, "flow_mail")
    await shop.look()
    assert await shop.alerts() == []


async def test_a_run_that_was_set_aside_is_told(shop: Shop) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    await shop.publish()
    await shop.order(fails=False)
    await shop.house.database.write(
        lambda c: c.execute(table.run.update().values(state="quarantined", reason="crashed"))
    )
    await shop.look()
    (alert,) = await shop.alerts()
    assert (alert["kind"], alert["code"]) == ("quarantined", "crashed")
    (mail,) = await shop.mails(mailbox)
    assert mail["subject"] == "Se apartó una ejecución de «Tag orders»"


async def test_what_is_old_is_forgotten(shop: Shop) -> None:
    await shop.people()
    await shop.mailbox()
    await shop.publish()
    await shop.order(fails=True)
    await shop.look()
    assert len(await shop.notices("sent")) == 1
    shop.clock.move(hours=24 * 31)
    await shop.look()
    assert await shop.notices("sent") == []
    assert len(await shop.alerts()) == 1
    shop.clock.move(hours=24 * 180)
    await shop.look()
    assert await shop.alerts() == []
