"""Forms: pages that strangers fill in, without a script, each sending once."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
from tramo.model.problem import TramoError

from tests.kit import document, finished, owner, publish, steps
from tests.web.kit import Answer, Browser

FIELDS = [
    {"name": "order", "label": "Order <number>", "help": "It stands on the bill."},
    {"name": "why", "label": "Why", "kind": "long_text", "required": False},
    {"name": "count", "label": "How many", "kind": "number"},
    {"name": "price", "label": "Price", "kind": "money", "currency": "RON", "required": False},
    {"name": "bought", "label": "Bought on", "kind": "date", "required": False},
    {
        "name": "wish",
        "label": "Wish",
        "kind": "choice",
        "options": ["Money back", "Exchange & more"],
    },
    {"name": "mail", "label": "E-mail", "kind": "email"},
    {"name": "agreed", "label": "I agree", "kind": "yes_no"},
]
GIVEN = {
    "order": "1001",
    "why": "Too\r\nsmall",
    "count": "820982911946154508",
    "price": "12,50",
    "bought": "2026-11-21",
    "wish": "Exchange & more",
    "mail": "ana@example.com",
    "agreed": "yes",
}


def returns(language="es", **params):
    params = {"title": "Returns", "fields": FIELDS, "keys": {"order": "order"}, **params}
    return document(
        [
            {"id": "form", "type": "core.form", "params": params},
            {"id": "note", "type": "core.set", "params": {"fields": {"all": {"$expr": "form"}}}},
        ],
        [("form", "note")],
        language=language,
    )


async def address_of(house, **params) -> str:
    return f"/form/{(await publish(house, returns(**params)))['form']}"


async def fill_in(browser: Browser, path: str, given: dict, **headers) -> Answer:
    """Open the page, enter something and press the button."""
    page = await browser.call("GET", path)
    assert page.status == 200
    token = re.search(r'name="_token" value="([^"]+)"', page.body.decode())
    assert token is not None
    return await send(browser, path, {"_token": token[1], **given}, **headers)


async def send(browser: Browser, path: str, given: dict, **headers) -> Answer:
    kind = {"content_type": "application/x-www-form-urlencoded"}
    return await browser.call("POST", path, raw=urlencode(given).encode(), **{**kind, **headers})


async def test_what_a_stranger_enters_starts_the_flow_with_exact_values(house, stranger):
    path = await address_of(house)
    answer = await fill_in(stranger, path, GIVEN)
    assert answer.status == 200
    assert "Tus respuestas han llegado." in answer.body.decode()
    run = (await finished(house))[0]
    assert run["keys"] == [{"kind": "order", "value": "1001"}]
    assert run["by_hand"] is False
    assert (await steps(house, run["id"]))["note"]["output"]["all"] == {
        "order": "1001",
        "why": "Too\nsmall",
        "count": 820982911946154508,
        "price": {"amount": Decimal("12.50"), "currency": "RON"},
        "bought": "2026-11-21",
        "wish": "Exchange & more",
        "mail": "ana@example.com",
        "agreed": True,
    }


async def test_the_page_is_plain_accessible_html_under_a_strict_policy(house, stranger):
    page = await stranger.call("GET", await address_of(house, button="Go"))
    html = page.body.decode()
    assert "<script" not in html
    assert 'lang="es"' in html
    policy = page.header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "form-action 'self';" in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<style nonce="{nonce[1]}">' in html
    assert "Order &lt;number&gt;" in html
    assert ">Go</button>" in html
    for field in FIELDS:
        assert f'<label for="{field["name"]}">' in html
        assert f'id="{field["name"]}"' in html
    assert 'aria-describedby="order-help" required' in html


async def test_what_is_wrong_stands_at_its_field_and_nothing_entered_is_lost(house, stranger):
    path = await address_of(house)
    wrong = {
        **GIVEN,
        "order": "",
        "count": "many",
        "wish": "Everything",
        "mail": "ana",
        "why": "<b>",
    }
    del wrong["agreed"]
    answer = await fill_in(stranger, path, wrong)
    html = unescape(answer.body.decode())
    assert answer.status == 422
    assert 'role="alert"' in html
    for name in ("order", "count", "wish", "mail", "agreed"):
        assert f'href="#{name}"' in html
        assert f'id="{name}-wrong"' in html
    assert html.count('aria-invalid="true"') == 5
    assert 'value="ana"' in html
    assert "&lt;b&gt;" in answer.body.decode()
    assert "Escribe un número" in html
    assert (await house.runs.list(owner(house)))["items"] == []


async def test_a_second_press_of_the_button_is_one_run_and_a_correction_is_another(house, stranger):
    path = await address_of(house)
    sent = {"_token": "t" * 20, **GIVEN}
    assert [(await send(stranger, path, sent)).status for _ in range(3)] == [200] * 3
    assert len(await finished(house)) == 1
    await send(stranger, path, {**sent, "order": "1002"})
    assert len(await finished(house, count=2)) == 2


@pytest.mark.parametrize(
    ("language", "word"),
    [("es", "Enviar"), ("pt", "Enviar"), ("ro", "Trimite"), ("en", "Send")],
)
async def test_the_page_speaks_the_flows_language(house, stranger, language, word):
    page = await stranger.call("GET", await address_of(house, language=language))
    assert f">{word}</button>" in page.body.decode()


async def test_a_machine_that_fills_in_everything_starts_nothing(house, stranger):
    path = await address_of(house)
    answer = await fill_in(stranger, path, {**GIVEN, "_more": "cheap pills"})
    assert answer.status == 200
    assert (await house.runs.list(owner(house)))["items"] == []


async def test_floods_from_one_place_are_slowed_down_and_lose_nothing(house, stranger):
    path = await address_of(house)
    answers = [await send(stranger, path, {**GIVEN, "order": str(n)}) for n in range(40)]
    slow = [answer for answer in answers if answer.status == 429]
    assert slow
    assert int(slow[0].header("retry-after")) >= 1
    assert 'value="ana@example.com"' in slow[0].body.decode()
    elsewhere = await stranger.call(
        "POST",
        path,
        raw=urlencode(GIVEN).encode(),
        address="203.0.113.9",
        content_type="application/x-www-form-urlencoded",
    )
    assert elsewhere.status == 200


async def test_thanks_may_be_a_text_or_another_page(house, stranger):
    path = await address_of(house, thanks="Bye & <b>thanks</b>")
    assert "Bye &amp; &lt;b&gt;" in (await fill_in(stranger, path, GIVEN)).body.decode()
    path = await address_of(house, redirect="https://shop.example.com/thanks?x=1")
    page = await stranger.call("GET", path)
    assert "form-action 'self' https://shop.example.com;" in page.header("content-security-policy")
    answer = await fill_in(stranger, path, {**GIVEN, "order": "2"})
    assert (answer.status, answer.header("location")) == (
        303,
        "https://shop.example.com/thanks?x=1",
    )


async def test_a_program_sends_values_as_json(house, stranger):
    path = await address_of(house)
    given = {
        "order": "7",
        "count": 3,
        "price": {"amount": Decimal("9.90"), "currency": "RON"},
        "wish": "Money back",
        "mail": "ana@example.com",
        "agreed": True,
    }
    first = await stranger.call("POST", path, given, idempotency_key="one")
    again = await stranger.call("POST", path, given, idempotency_key="one")
    assert [first.json["duplicate"], again.json["duplicate"]] == [False, True]
    run = (await finished(house))[0]
    output = (await steps(house, run["id"]))["form"]["output"]
    assert (output["price"]["amount"], output["why"]) == (Decimal("9.90"), None)
    refused = await stranger.call("POST", path, {**given, "count": "x", "mail": 5})
    assert (refused.status, refused.code) == (422, "form.wrong")
    assert [item["path"] for item in refused.json["problems"]] == ["/count", "/mail"]


def multipart(parts: list[tuple[str, str]]) -> bytes:
    body = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    )
    return f"{body}--cut--\r\n".encode()


async def test_a_multipart_form_is_read_and_a_file_in_it_is_refused(house, stranger):
    path = await address_of(house)
    kind = "multipart/form-data; boundary=cut"
    body = multipart(list(GIVEN.items()))
    assert (await stranger.call("POST", path, raw=body, content_type=kind)).status == 200
    assert len(await finished(house)) == 1
    file = multipart([('order"; filename="../../etc/passwd', "x")])
    answer = await stranger.call("POST", path, raw=file, content_type=kind)
    assert (answer.status, answer.code) == (422, "form.file")


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", ""])
async def test_other_kinds_of_bodies_are_refused(house, stranger, kind):
    path = await address_of(house)
    answer = await stranger.call("POST", path, raw=b"order=1", content_type=kind or None)
    assert (answer.status, answer.code) == (415, "form.content_type")


async def test_an_address_may_be_chosen_and_is_nobody_elses(house, stranger):
    assert await address_of(house, slug="returns") == "/form/returns"
    assert (await stranger.call("GET", "/form/returns")).status == 200
    other = {**returns(slug="returns"), "id": "flow_other"}
    scope = owner(house)
    await house.flows.put(scope, other)
    with pytest.raises(TramoError) as caught:
        await house.flows.publish(scope, "flow_other")
    assert caught.value.code == "form.slug_taken"
    assert await address_of(house, slug="returns-2") == "/form/returns-2"
    assert (await stranger.call("GET", "/form/returns")).status == 404


async def test_a_form_is_no_webhook_and_a_webhook_no_form(house, stranger):
    path = await address_of(house)
    token = path.rpartition("/")[2]
    assert (await stranger.call("POST", f"/in/{token}", {})).status == 404
    flow = document([{"id": "hook", "type": "core.webhook"}], [], id="flow_hook")
    hook = (await publish(house, flow))["hook"]
    assert (await stranger.call("GET", f"/form/{hook}")).status == 404


async def test_the_test_address_shows_and_runs_the_draft(house, stranger):
    path = (await address_of(house)).replace("/form/", "/form/test/")
    draft = returns(title="Draft title")
    await house.flows.put(owner(house), draft)
    page = await stranger.call("GET", path)
    assert "Draft title" in page.body.decode()
    assert (await fill_in(stranger, path, GIVEN)).status == 200
    assert (await finished(house))[0]["by_hand"] is True


async def test_a_paused_form_is_gone_and_a_broken_one_is_not_published(house, stranger):
    path = await address_of(house)
    await house.flows.pause(owner(house), "flow_test")
    assert (await stranger.call("GET", path)).status == 404
    for fields, code in (
        ([{"name": "a", "label": "A"}, {"name": "a", "label": "B"}], "form.field_twice"),
        ([{"name": "a", "label": "A", "kind": "choice"}], "form.no_options"),
    ):
        await house.flows.put(owner(house), returns(fields=fields, keys={}))
        with pytest.raises(TramoError) as caught:
            await house.flows.publish(owner(house), "flow_test")
        assert caught.value.code == code
