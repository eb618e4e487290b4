"""One request to any web service: its effect, what it sends, and what it hands on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from tramo.model.value import encode
from tramo.nodes import connector
from tramo.nodes.http_request import HttpRequest, WebAccount, effect_of, prove
from tramo.ports.http import Response
from tramo.sdk import BadParams, CredentialRefused, Rejected

from tests.runtime.nodes.kit import Service, call


@pytest.mark.parametrize(
    ("params", "effect"),
    [
        ({}, "pure"),
        ({"method": "GET"}, "pure"),
        ({"method": "HEAD"}, "pure"),
        ({"method": "PUT"}, "repeatable"),
        ({"method": "DELETE"}, "repeatable"),
        ({"method": "POST"}, "never_repeat"),
        ({"method": "PATCH"}, "never_repeat"),
        ({"method": "POST", "key_header": "Idempotency-Key"}, "keyed"),
        ({"method": "PATCH", "key_header": "Idempotency-Key"}, "keyed"),
        ({"method": "GET", "key_header": "Idempotency-Key"}, "pure"),
    ],
)
def test_the_effect_follows_from_method_and_key(params: dict[str, Any], effect: str) -> None:
    assert effect_of(params) == effect
    manifest = connector.tramo_connector().actions["http_request@1"].manifest
    assert manifest.effect_of is effect_of
    assert manifest.effect == "never_repeat"


async def test_json_goes_out_and_comes_back_exactly() -> None:
    service = Service(
        Response(
            status=200,
            headers={"content-type": "application/json; charset=utf-8"},
            body=b'{"id": 820982911946154508, "total": 10.10}',
        )
    )
    answer = await call(
        service,
        HttpRequest(
            method="POST",
            url="https://api.example.com/orders?a=1",
            query={"page": 2, "price": Decimal("10.10"), "open": True, "gone": None},
            headers={"X-Count": 3},
            json={"id": 820982911946154508, "total": Decimal("10.10")},
        ),
    )
    (sent,) = service.requests
    assert sent.url == "https://api.example.com/orders?a=1&page=2&price=10.10&open=true"
    assert sent.headers["X-Count"] == "3"
    assert sent.body == b'{"id":820982911946154508,"total":10.10}'
    assert answer.status == 200
    assert encode(answer.body) == b'{"id":820982911946154508,"total":10.10}'


@pytest.mark.parametrize(
    ("kind", "body", "read"),
    [
        ("text/html", b"<p>hi</p>", "<p>hi</p>"),
        ("application/problem+json", b'{"a": 1}', {"a": 1}),
        ("application/json", b"{broken", "{broken"),
        ("application/json", b"", None),
        ("", b"plain", "plain"),
    ],
)
async def test_the_answer_is_data_where_it_is_json_and_text_elsewhere(
    kind: str, body: bytes, read: Any
) -> None:
    service = Service(Response(status=200, headers={"content-type": kind}, body=body))
    answer = await call(service, HttpRequest(url="https://api.example.com/"))
    assert answer.body == read


async def test_a_form_and_a_text_body_are_sent_as_such() -> None:
    service = Service(Response(status=200), Response(status=200))
    await call(service, HttpRequest(method="POST", url="https://a.example/", form={"a": 1}))
    await call(service, HttpRequest(method="POST", url="https://a.example/", body="é"))
    assert service.requests[0].body == b"a=1"
    assert service.requests[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert service.requests[1].body == "é".encode()


async def test_the_same_effect_sends_the_same_key() -> None:
    service = Service(Response(status=200), Response(status=200))
    params = HttpRequest(
        method="POST", url="https://a.example/", json={}, key_header="Idempotency-Key"
    )
    for _ in range(2):
        await call(service, params, key="0123456789abcdef0123456789abcdef")
    first, second = (request.headers["Idempotency-Key"] for request in service.requests)
    assert first == second == "01234567-89ab-8def-a123-456789abcdef"


async def test_a_refusal_is_a_failure_unless_its_status_is_accepted() -> None:
    missing = Response(status=404, headers={"content-type": "application/json"}, body=b'{"e":1}')
    with pytest.raises(Rejected, match="404"):
        await call(Service(missing), HttpRequest(url="https://a.example/"))
    answer = await call(Service(missing), HttpRequest(url="https://a.example/", accept=[404]))
    assert (answer.status, answer.body) == (404, {"e": 1})


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"query": {"ids": [1, 2]}}, "“query.ids” must be a text or a number, but it is a list"),
        ({"headers": {"X": {}}}, "“headers.X” must be a text or a number, but it is an object"),
        ({"json": {}, "body": "x"}, "json and body are both given; a request has one body"),
        ({"url": "/orders"}, "The address must be whole"),
        ({"url": "ftp://a.example/"}, "http"),
        ({"headers": {"X": "a\r\nB: c"}}, "X"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_is(
    params: dict[str, Any], said: str
) -> None:
    service = Service(Response(status=200))
    with pytest.raises(BadParams, match=said):
        await call(service, HttpRequest(**{"url": "https://a.example/", **params}))
    assert service.requests == []


ACCOUNT = WebAccount(host="api.example.com", secret="s3cret")


@pytest.mark.parametrize(
    ("account", "name", "value"),
    [
        (ACCOUNT, "Authorization", "Bearer s3cret"),
        (
            msgspec.structs.replace(ACCOUNT, kind="basic", name="ana"),
            "Authorization",
            "Basic YW5hOnMzY3JldA==",
        ),
        (msgspec.structs.replace(ACCOUNT, kind="header", name="X-Api-Key"), "X-Api-Key", "s3cret"),
    ],
)
async def test_a_connection_signs_in_at_its_own_host(
    account: WebAccount, name: str, value: str
) -> None:
    service = Service(Response(status=200))
    await call(service, HttpRequest(url="https://API.example.com/x"), account)
    assert service.requests[0].headers[name] == value


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://api.example.com/",
        "https://api.example.com.evil.example/",
        "https://api.example.com:8443/",
        "https://user@api.example.com/",
        "https://api.example.com@evil.example/",
        "https://evil.example/https://api.example.com/",
    ],
)
async def test_the_secret_goes_to_no_other_host(url: str) -> None:
    service = Service(Response(status=200))
    with pytest.raises(BadParams, match="signs in at https://api"):
        await call(service, HttpRequest(url=url), ACCOUNT)
    assert service.requests == []


async def test_a_redirect_to_another_host_does_not_carry_the_secret() -> None:
    moved = Response(status=302, headers={"location": "https://other.example/"})
    service = Service(moved, Response(status=200))
    await call(service, HttpRequest(url="https://api.example.com/x"), ACCOUNT)
    assert [request.url for request in service.requests][1] == "https://other.example/"
    assert "s3cret" not in repr(dict(service.requests[1].headers))


async def test_the_test_of_an_account_is_a_real_request() -> None:
    service = Service(Response(status=404))
    account = await prove(service.context(ACCOUNT))
    assert account.name == "api.example.com"
    assert service.requests[0].headers["Authorization"] == "Bearer s3cret"
    with pytest.raises(CredentialRefused):
        await prove(Service(Response(status=401)).context(ACCOUNT))


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain", "España".encode(), "España"),
        ("text/plain; charset=iso-8859-1", "España".encode("latin-1"), "España"),
        ('text/csv; charset="Windows-1252"', "5 €".encode("cp1252"), "5 €"),
        ("text/plain; charset=klingon", "España".encode(), "España"),
        ("text/plain; charset=base64", "España".encode(), "España"),
    ],
)
async def test_a_text_is_read_in_the_character_set_that_it_names(
    kind: str, body: bytes, text: str
) -> None:
    service = Service(Response(status=200, headers={"content-type": kind}, body=body))
    assert (await call(service, HttpRequest(url="https://api.example.com/"))).body == text
