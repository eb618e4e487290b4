"""Questions to people: who is asked, who may answer, and what an answer does."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from tramo.model.problem import TramoError
from tramo.model.scope import Scope

from tests.runtime.app.attention.kit import OWNER, Shop

ANA = "ana@shop.example"


async def ask(shop: Shop, **params: Any) -> str:
    """Start a run that asks, and return its id."""
    document = {
        "format": 1,
        "id": "flow_refund",
        "name": "Refunds",
        "timezone": "Europe/Madrid",
        "nodes": [
            {"id": "start", "type": "core.manual"},
            {
                "id": "ok",
                "type": "core.approve",
                "label": "May we?",
                "params": {"title": {"$text": "Refund {{ start.total }} €?"}, **params},
            },
            {"id": "done", "type": "core.set", "params": {"fields": {"by": {"$expr": "ok.by"}}}},
        ],
        "edges": [
            {"from": "start", "to": "ok"},
            {"from": "ok", "port": "yes", "to": "done"},
        ],
    }
    await shop.house.flows.put(shop.scope, document)
    return await shop.house.flows.start(shop.scope, "flow_refund", {"total": 80})


async def questions(shop: Shop, scope: Scope | None = None) -> list[dict[str, Any]]:
    return (await shop.house.approvals.list(scope or shop.scope))["items"]


async def person(shop: Shop, email: str, role: str = "viewer") -> Scope:
    link = await shop.house.accounts.invite(shop.scope, email, role)  # type: ignore[arg-type]
    entered = await shop.house.accounts.create_account(
        link["url"].partition("#t=")[2],
        name="Ana",
        email=email,
        password="correct horse battery",
        language="pt",
    )
    return entered.session.scope


async def test_an_open_question_says_all_that_is_needed_to_answer_it(shop: Shop) -> None:
    run_id = await ask(shop, text="She waits.", details={"order": 1001}, timeout_s=86_400)
    (question,) = await questions(shop)
    assert question["run"] == run_id
    assert (question["flow_name"], question["node"]) == ("Refunds", "ok")
    assert (question["node_title"], question["title"]) == ("May we?", "Refund 80 €?")
    assert (question["text"], question["details"]) == ("She waits.", {"order": 1001})
    assert (question["to"], question["ports"]) == ([], ["yes", "no"])
    assert question["due_at"] is not None
    assert question["default"] == "late"
    assert question["may_answer"] is True


async def test_an_answer_lets_the_run_go_on_by_the_way_that_was_chosen(shop: Shop) -> None:
    run_id = await ask(shop)
    await shop.house.approvals.reply(shop.scope, run_id, "ok", "yes", {"note": "fine"})
    run = await shop.house.runs.get(shop.scope, run_id)
    assert run["state"] == "succeeded"
    (step,) = [step for step in run["steps"] if step["node"] == "ok"]
    assert (step["port"], step["output"]["data"]) == ("yes", {"note": "fine"})
    assert await questions(shop) == []
    with pytest.raises(TramoError) as second:
        await shop.house.approvals.reply(shop.scope, run_id, "ok", "no")
    assert (second.value.code, second.value.status) == ("approval.not_open", 409)


async def test_only_those_named_answer_and_a_viewer_may_be_one_of_them(shop: Shop) -> None:
    await shop.people()
    viewer = await person(shop, ANA)
    run_id = await ask(shop, to=[ANA])
    with pytest.raises(TramoError) as refusal:
        await shop.house.approvals.reply(shop.scope, run_id, "ok", "yes")
    assert (refusal.value.code, refusal.value.status) == ("approval.not_yours", 403)
    assert [q["may_answer"] for q in await questions(shop)] == [False]
    assert [q["may_answer"] for q in await questions(shop, viewer)] == [True]
    await shop.house.approvals.reply(viewer, run_id, "ok", "yes")
    run = await shop.house.runs.get(shop.scope, run_id)
    (done,) = [step for step in run["steps"] if step["node"] == "done"]
    assert done["output"] == {"by": ANA}


async def test_where_nobody_is_named_a_viewer_may_not_answer(shop: Shop) -> None:
    viewer = await person(shop, ANA)
    run_id = await ask(shop)
    with pytest.raises(TramoError) as refusal:
        await shop.house.approvals.reply(viewer, run_id, "ok", "yes")
    assert refusal.value.code == "approval.not_yours"


async def test_a_way_out_that_the_question_does_not_have_is_refused(shop: Shop) -> None:
    run_id = await ask(shop)
    with pytest.raises(TramoError) as refusal:
        await shop.house.approvals.reply(shop.scope, run_id, "ok", "late")
    assert (refusal.value.code, refusal.value.path) == ("approval.port", "/port")
    with pytest.raises(TramoError) as unknown:
        await shop.house.approvals.reply(shop.scope, "run_nope", "ok", "yes")
    assert unknown.value.status == 404


@pytest.mark.sqlite
async def test_those_named_are_asked_once_with_a_link_of_their_own(shop: Shop) -> None:
    await person(shop, ANA)
    mailbox = await shop.mailbox()
    await ask(shop, to=[ANA, "zoe@elsewhere.example"], timeout_s=7_200)
    for _ in range(2):
        await shop.look()
    mails = {mail["to"][0]: mail for mail in await shop.mails(mailbox)}
    assert set(mails) == {ANA, "zoe@elsewhere.example"}
    assert mails[ANA]["subject"] == "Refund 80 €?"
    assert "Sim: http" in mails[ANA]["text"], "in her language"
    assert "Yes: http" in mails["zoe@elsewhere.example"]["text"], "in the flow's"
    assert "(Europe/Madrid)" in mails[ANA]["text"]
    assert token_of(mails[ANA]) != token_of(mails["zoe@elsewhere.example"])
    database = (shop.house.settings.data / "tramo.sqlite3").read_bytes()
    assert token_of(mails[ANA]).encode() not in database, "only its digest is kept"


async def test_where_nobody_is_named_the_owners_are_asked(shop: Shop) -> None:
    await shop.people()
    mailbox = await shop.mailbox()
    await ask(shop)
    await shop.look()
    (mail,) = await shop.mails(mailbox)
    assert mail["to"] == [OWNER]


async def test_a_link_answers_in_its_persons_name_and_says_so_afterwards(shop: Shop) -> None:
    mailbox = await shop.mailbox()
    run_id = await ask(shop, to=["zoe@elsewhere.example"])
    await shop.look()
    token = token_of((await shop.mails(mailbox))[0])
    found = await shop.house.approvals.look_up(token)
    assert found is not None
    assert (found.state, found.person) == ("open", "zoe@elsewhere.example")
    await shop.house.approvals.reply_by_link(token, "no")
    run = await shop.house.runs.get(shop.scope, run_id)
    assert run["state"] == "succeeded"
    found = await shop.house.approvals.look_up(token)
    assert found is not None
    assert found.answer is not None
    assert (found.state, found.answer["by"]) == ("answered", "zoe@elsewhere.example")
    with pytest.raises(TramoError, match="not open any more"):
        await shop.house.approvals.reply_by_link(token, "yes")


async def test_a_link_ends_with_the_wait(shop: Shop) -> None:
    mailbox = await shop.mailbox()
    run_id = await ask(shop, to=["zoe@elsewhere.example"], timeout_s=3_600)
    await shop.look()
    token = token_of((await shop.mails(mailbox))[0])
    shop.clock.move(hours=1)
    found = await shop.house.approvals.look_up(token)
    assert found is not None
    assert found.state in ("expired", "open")
    with pytest.raises(TramoError, match="not open any more"):
        await shop.house.approvals.reply_by_link(token, "yes")
    other = await ask(shop, to=["zoe@elsewhere.example"])
    await shop.look()
    token = token_of((await shop.mails(mailbox))[-1])
    await shop.house.runs.cancel(shop.scope, other)
    found = await shop.house.approvals.look_up(token)
    assert found is not None
    assert found.state == "ended"
    assert await shop.house.approvals.look_up("made-up") is None
    assert run_id


async def test_people_are_reminded_and_nothing_is_answered_for_them(shop: Shop) -> None:
    mailbox = await shop.mailbox()
    run_id = await ask(shop, to=["zoe@elsewhere.example"])
    await shop.look()
    for _ in range(3):
        shop.clock.move(hours=24)
        await shop.look()
    mails = await shop.mails(mailbox)
    assert len(mails) == 4
    assert mails[-1]["subject"] == "Still open: Refund 80 €?"
    assert len({token_of(mail) for mail in mails}) == 4
    run = await shop.house.runs.get(shop.scope, run_id)
    assert run["state"] == "waiting"
    for mail in (mails[0], mails[-1]):
        found = await shop.house.approvals.look_up(token_of(mail))
        assert found is not None
        assert found.state == "open", "the first link works as well as the last"
    await shop.house.approvals.reply_by_link(token_of(mails[0]), "yes")
    shop.clock.move(hours=48)
    await shop.look()
    assert len(await shop.mails(mailbox)) == 4


async def test_a_question_that_is_answered_before_its_notice_leaves_is_not_asked(
    shop: Shop,
) -> None:
    await shop.people()
    run_id = await ask(shop)
    await shop.look()
    assert [notice["state"] for notice in await shop.notices()] == ["waiting"]
    await shop.house.approvals.reply(shop.scope, run_id, "ok", "yes")
    mailbox = await shop.mailbox()
    shop.clock.move(seconds=61)
    await shop.look()
    assert [notice["state"] for notice in await shop.notices()] == ["withdrawn"]
    assert await shop.mails(mailbox) == []


def token_of(mail: dict[str, Any]) -> str:
    found = re.search(r"/answer/([\w-]+)\?port=", mail["text"])
    assert found, mail["text"]
    return found[1]


async def test_two_answers_at_once_one_wins_and_the_other_is_told(shop: Shop) -> None:
    run_id = await ask(shop)
    answers = await asyncio.gather(
        shop.house.approvals.reply(shop.scope, run_id, "ok", "yes"),
        shop.house.approvals.reply(shop.scope, run_id, "ok", "no"),
        return_exceptions=True,
    )
    (lost,) = [answer for answer in answers if answer is not None]
    assert isinstance(lost, TramoError)
    assert lost.code == "approval.not_open"
    run = await shop.house.runs.get(shop.scope, run_id)
    assert run["state"] == "succeeded"


async def test_each_turn_of_a_loop_asks_for_itself(shop: Shop) -> None:
    mailbox = await shop.mailbox()
    document = {
        "format": 1,
        "id": "flow_lines",
        "name": "Lines",
        "nodes": [
            {"id": "start", "type": "core.manual"},
            {
                "id": "each",
                "type": "core.for_each",
                "params": {"items": {"$expr": "start.skus"}, "at_once": 3},
            },
            {
                "id": "ok",
                "type": "core.approve",
                "inside": "each",
                "params": {
                    "title": {"$text": "Order {{ item }}?"},
                    "to": ["zoe@elsewhere.example"],
                },
            },
        ],
        "edges": [{"from": "start", "to": "each"}],
    }
    await shop.house.flows.put(shop.scope, document)
    event = {"skus": ["RED", "BLUE", "GREEN"]}
    run_id = await shop.house.flows.start(shop.scope, "flow_lines", event)
    await shop.look()
    by_title = {mail["subject"]: mail for mail in await shop.mails(mailbox)}
    assert set(by_title) == {"Order RED?", "Order BLUE?", "Order GREEN?"}
    await shop.house.approvals.reply_by_link(token_of(by_title["Order BLUE?"]), "no")
    left = await questions(shop)
    assert {tuple(item["iteration"]) for item in left} == {(0,), (2,)}
    found = await shop.house.approvals.look_up(token_of(by_title["Order BLUE?"]))
    assert found is not None
    assert found.state == "answered"
    for title in ("Order RED?", "Order GREEN?"):
        await shop.house.approvals.reply_by_link(token_of(by_title[title]), "yes")
    run = await shop.house.runs.get(shop.scope, run_id)
    assert run["state"] == "succeeded"


async def test_questions_come_in_pages(shop: Shop) -> None:
    runs = [await ask(shop) for _ in range(3)]
    page = await shop.house.approvals.list(shop.scope, limit=2)
    rest = await shop.house.approvals.list(shop.scope, limit=2, cursor=page["next"])
    assert [item["run"] for item in [*page["items"], *rest["items"]]] == runs
    assert rest["next"] is None
    assert [
        item["run"] for item in (await shop.house.approvals.list(shop.scope, run=runs[1]))["items"]
    ] == runs[1:2]
