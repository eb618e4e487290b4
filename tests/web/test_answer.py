"""The page behind the link in a question: a look never acts, the form does, all else is text."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from tramo.app.house import House
from tramo.app.token import digest
from tramo.model.scope import Scope
from tramo.store import notice as store

from tests.web.kit import Answer, Browser

ZOE = "zoe@elsewhere.example"
TITLE = "Refund 80 €? <script>alert(1)</script>"


@pytest.fixture
async def run_id(house: House) -> str:
    """A run that asks Zoe."""
    scope = Scope(house.workspace_id, "test")
    document = {
        "format": 1,
        "id": "flow_refund",
        "name": "Refunds",
        "nodes": [
            {"id": "start", "type": "core.manual"},
            {
                "id": "ok",
                "type": "core.approve",
                "params": {
                    "title": TITLE,
                    "text": "She waits & waits.",
                    "to": [ZOE],
                    "details": {"order": 820982911946154508, "total": {"$expr": "start.total"}},
                },
            },
        ],
        "edges": [{"from": "start", "to": "ok"}],
    }
    await house.flows.put(scope, document)
    return await house.flows.start(scope, "flow_refund", {"total": 80})


async def link(house: House, run_id: str, language: str = "en", *, ended: bool = False) -> str:
    """Return the address of a link as the courier makes it."""
    token = house.ids.token()
    now = house.clock.now_ms()
    values = {
        "hash": digest(token),
        "workspace_id": house.workspace_id,
        "run_id": run_id,
        "node_id": "ok",
        "iteration": "[]",
        "person": ZOE,
        "language": language,
        "created_at": now,
        "expires_at": now - 1 if ended else now + 3_600_000,
    }
    await house.database.write(lambda c: store.add_link(c, values))
    return f"/answer/{token}"


async def send(browser: Browser, path: str, **form: str) -> Answer:
    return await browser.call(
        "POST",
        path,
        raw=urlencode(form).encode(),
        content_type="application/x-www-form-urlencoded",
    )


async def state(house: House, run_id: str) -> dict[str, Any]:
    return await house.runs.get(Scope(house.workspace_id, "test"), run_id)


async def test_a_stranger_with_the_link_sees_the_question_as_text(
    stranger: Browser, house: House, run_id: str
) -> None:
    answer = await stranger.call("GET", await link(house, run_id) + "?port=no")
    assert answer.status == 200
    page = answer.body.decode()
    assert "<script" not in page
    assert "Refund 80 €? &lt;script&gt;" in page
    assert "She waits &amp; waits." in page
    assert "<dd>820982911946154508</dd>" in page
    assert page.index('value="no" class="first"') < page.index('value="yes"')
    assert '<html lang="en">' in page
    assert 'name="viewport"' in page
    assert '<label for="comment">' in page


async def test_the_page_allows_one_style_one_form_and_no_script(
    stranger: Browser, house: House, run_id: str
) -> None:
    answer = await stranger.call("GET", await link(house, run_id))
    policy = answer.header("content-security-policy")
    nonce = re.search(r"style-src 'nonce-([\w-]+)'", policy)
    assert nonce
    assert f'<style nonce="{nonce[1]}">' in answer.body.decode()
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script-src" not in policy
    assert answer.header("referrer-policy") == "no-referrer"
    assert answer.header("cache-control") == "no-store"
    assert " style=" not in answer.body.decode()


async def test_a_look_never_answers(stranger: Browser, house: House, run_id: str) -> None:
    path = await link(house, run_id)
    for method in ("GET", "HEAD", "GET"):
        answer = await stranger.call(method, path + "?port=yes")
        assert answer.status == 200
    assert (await state(house, run_id))["state"] == "waiting"


async def test_the_form_answers_once_and_later_looks_say_who_did(
    stranger: Browser, house: House, run_id: str
) -> None:
    path = await link(house, run_id)
    done = await send(stranger, path, port="yes", comment="Fine, ñandú")
    assert done.status == 200
    assert "Your answer was taken: Yes." in done.body.decode()
    run = await state(house, run_id)
    (step,) = [step for step in run["steps"] if step["node"] == "ok"]
    assert step["port"] == "yes"
    assert step["output"]["by"] == ZOE
    assert step["output"]["data"] == {"comment": "Fine, ñandú"}
    for answer in (await stranger.call("GET", path), await send(stranger, path, port="no")):
        assert answer.status == 410
        assert f"{ZOE} answered: Yes." in answer.body.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Tu respuesta"), ("pt", "A sua resposta"), ("ro", "Răspunsul tău")],
)
async def test_the_page_is_in_the_readers_language(
    stranger: Browser, house: House, run_id: str, language: str, words: str
) -> None:
    answer = await stranger.call("GET", await link(house, run_id, language))
    assert words in answer.body.decode()
    assert f'<html lang="{language}">' in answer.body.decode()
    assert answer.header("content-language") == language


async def test_what_cannot_be_answered_says_why(
    stranger: Browser, house: House, run_id: str
) -> None:
    late = await stranger.call("GET", await link(house, run_id, ended=True))
    assert (late.status, b"Too late" in late.body) == (410, True)
    unknown = await stranger.call("GET", "/answer/made-up", accept_language="es")
    assert (unknown.status, "no se conoce" in unknown.body.decode()) == (404, True)
    odd = await send(stranger, await link(house, run_id), port="late")
    assert odd.status == 422
    path = await link(house, run_id)
    scope = Scope(house.workspace_id, "test")
    await house.runs.cancel(scope, run_id)
    ended = await send(stranger, path, port="yes")
    assert (ended.status, b"Not open any more" in ended.body) == (410, True)


async def test_other_methods_and_large_forms_are_refused(
    stranger: Browser, house: House, run_id: str
) -> None:
    path = await link(house, run_id)
    assert (await stranger.call("DELETE", path)).status == 405
    assert (await send(stranger, path, port="yes", comment="x" * 70_000)).status == 413
    assert (await state(house, run_id))["state"] == "waiting"


async def test_a_member_answers_by_the_api(owner: Browser, house: House, run_id: str) -> None:
    listed = await owner.call("GET", "/api/v1/approvals")
    (question,) = listed.json["items"]
    assert (question["run"], question["may_answer"]) == (run_id, False)
    path = f"/api/v1/runs/{run_id}/steps/ok/reply"
    refused = await owner.call("POST", path, {"port": "yes"}, accept_language="es")
    assert (refused.status, refused.code) == (403, "approval.not_yours")
    assert ZOE in refused.json["message"]
