"""The connector and its twin, held to Mailchimp's published contract (marketing.json 3.0.55)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from tramo import sdk
from tramo.ports.http import Request
from tramo_mailchimp.api import subscriber_hash
from tramo_mailchimp.twin import MailchimpTwin

from tests.plugins.contract import contract_path
from tests.plugins.mailchimp.contract import BASE, Contract
from tests.plugins.mailchimp.scene import CAMPAIGN, LUCIA, NOBODY, SHOP, WHOLESALE, draft, fresh

pytestmark = pytest.mark.contracts


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(json.loads(contract_path("mailchimp", "marketing.json").read_bytes()))


async def test_everything_the_connector_sends_and_gets_is_in_the_contract(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = fresh()
    carry = trial.twin.send
    seen: list[tuple[Request, sdk.Response]] = []

    async def watch(request: Request) -> sdk.Response:
        response = await carry(request)
        seen.append((request, response))
        return response

    monkeypatch.setattr(trial.twin, "send", watch)
    person = {**LUCIA, "first_name": "Lucía", "language": "es-ES", "vip": True, "status": "pending"}
    await trial.run_action("upsert_member", {**person, "merge_fields": {"SPENT": 5}})
    await trial.run_action("upsert_member", {**NOBODY, "incomplete": True})
    await trial.run_action("get_member", LUCIA)
    await trial.run_action("search_members", {"search": "ana", "audience": SHOP})
    await trial.run_action("change_tags", {**LUCIA, "add": ["a"], "remove": ["vip"]})
    event = {**LUCIA, "name": "bought", "properties": {"order": 1001}}
    await trial.run_action("record_event", {**event, "occurred_at": "2026-11-21T10:35:57Z"})
    await trial.run_probe("record_event", event)
    campaign = {"campaign": await draft(trial)}
    await trial.run_action("create_campaign", {**CAMPAIGN, "segment": "9", "kind": "plaintext"})
    await trial.run_action(
        "set_campaign_content", {**campaign, "template": 3, "sections": {"a": "b"}}
    )
    await trial.run_action("send_campaign", campaign)
    await trial.run_probe("create_campaign", CAMPAIGN)
    await trial.run_probe("send_campaign", campaign)
    await trial.list_choices("audiences")
    await trial.list_choices("drafts")
    subscribe, unsubscribe = trial.definition.subscribe, trial.definition.unsubscribe
    assert subscribe is not None
    assert unsubscribe is not None
    for topics in (["subscribe"], ["profile"]):
        await subscribe(trial.context(), topics, "https://tramo.example/in/a")
    for topics in (["subscribe"], ["profile"]):
        await unsubscribe(trial.context(), topics, "https://tramo.example/in/a")
    for name, params in (
        ("upsert_member", {"audience": WHOLESALE, "email": "a@example.com"}),
        ("change_tags", {"audience": SHOP, "email": "x@example.com", "add": ["a"]}),
        ("send_campaign", campaign),
    ):
        with pytest.raises(sdk.Rejected):
            await trial.run_action(name, params)
    with pytest.raises(sdk.CredentialRefused):
        await trial.test({"api_key": "stolen-us21"})

    assert {request.method for request, _ in seen} == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert len(seen) >= 35
    for request, response in seen:
        assert contract.accepts(request), request
        assert contract.faults(request, response) == [], (request.url, response.body)


# The same bad request, the same verdict ----------------------------------------------------------

MEMBER = f"/lists/{SHOP}/members/{subscriber_hash(LUCIA['email'])}"
KEY = MailchimpTwin.demo_credential()["api_key"]
KEYS = (
    *(None, "", "Basic", "Basic ", "Basic !!!", "Basic eHg6eQ", f"Basic {KEY}"),
    *(f"Bearer {KEY}", KEY, f"Token {KEY}"),
)
WRONG_KINDS = (None, "", "text/plain", "application/xml", "multipart/form-data")
WRONG_BODIES = (b"", b"{", b"[]", b'"text"', b"null", b"5", b'{"name": "x"')
GOOD: dict[str, tuple[str, str, Any]] = {
    "upsert_member": (
        "PUT",
        MEMBER,
        {"email_address": LUCIA["email"], "status_if_new": "pending", "language": "es"},
    ),
    "get_member": ("GET", MEMBER, None),
    "search_members": ("GET", "/search-members?query=ana", None),
    "change_tags": ("POST", f"{MEMBER}/tags", {"tags": [{"name": "a", "status": "active"}]}),
    "record_event": ("POST", f"{MEMBER}/events", {"name": "bought", "properties": {"a": "b"}}),
    "create_campaign": (
        "POST",
        "/campaigns",
        {"type": "regular", "recipients": {"list_id": SHOP}, "settings": {"subject_line": "Hi"}},
    ),
    "set_campaign_content": ("PUT", "/campaigns/{draft}/content", {"html": "<p>a</p>"}),
    "send_campaign": ("POST", "/campaigns/{draft}/actions/send", None),
}
WRONG_FIELDS: dict[str, Mapping[str, tuple[Any, ...]]] = {
    "upsert_member": {
        "email_address": (None, 5, True, [], {}),
        "status_if_new": (None, 5, "", "Subscribed", "archived", "active"),
        "status": (None, 5, "", "archived", []),
        "language": (None, 5, []),
        "vip": ("true", 1, None),
        "merge_fields": (None, [], "FNAME"),
        "interests": ([], {"a": "true"}, {"a": 1}),
        "timestamp_opt": ("yesterday", "2026-11-21", 5),
        "location": ([], {"latitude": "north"}),
        "marketing_permissions": ({}, [{"enabled": "yes"}]),
    },
    "change_tags": {
        "tags": (None, {}, "a", ["a"], [{}], [{"name": "a"}], [{"status": "active"}]),
        "is_syncing": ("true", 1, None),
    },
    "record_event": {
        "name": (None, 5, [], {}),
        "properties": (None, [], "a", {"a": 1}, {"a": None}, {"a": {}}),
        "is_syncing": ("true", 1, None),
        "occurred_at": ("yesterday", "2026-11-21", 5, None),
    },
    "create_campaign": {
        "type": (None, 5, "", "Regular", "newsletter"),
        "recipients": (None, [], {}, {"list_id": 5}, {"list_id": SHOP, "segment_opts": []}),
        "settings": (None, [], {"subject_line": 5}, {"title": None}, {"inline_css": "true"}),
        "content_type": ("html", 5),
    },
    "set_campaign_content": {
        "html": (None, 5, [], {}),
        "plain_text": (None, 5, []),
        "template": (None, [], {}, {"id": "x"}, {"sections": {}}),
        "url": (None, 5),
    },
}
REQUIRED = {
    "upsert_member": ("email_address", "status_if_new"),
    "change_tags": ("tags",),
    "record_event": ("name",),
    "create_campaign": ("type",),
}
WRONG_METHODS = {
    "upsert_member": ("POST",),
    "get_member": ("POST",),
    "change_tags": ("PUT", "PATCH", "DELETE"),
    "record_event": ("PUT", "PATCH", "DELETE"),
    "search_members": ("POST", "PUT", "PATCH", "DELETE"),
    "create_campaign": ("PUT", "PATCH", "DELETE"),
    "set_campaign_content": ("POST", "PATCH", "DELETE"),
    "send_campaign": ("GET", "PUT", "PATCH", "DELETE"),
}


def _request(
    method: str,
    path: str,
    body: Any = None,
    *,
    key: str | None = "Basic " + base64.b64encode(f"us21:{KEY}".encode()).decode(),
    kind: str | None = "application/json",
) -> Request:
    raw = body if isinstance(body, bytes) else b"" if body is None else sdk.encode(body)
    headers = {"authorization": key, "content-type": kind if body is not None else None}
    return Request(
        method=method,
        url=BASE + path,
        headers={name: value for name, value in headers.items() if value is not None},
        body=raw,
    )


def bad_requests(name: str, campaign: str) -> Iterator[Request]:
    method, path, body = GOOD[name]
    path = path.format(draft=campaign)
    for key in KEYS:
        yield _request(method, path, body, key=key)
        if method == "GET":
            more = urlencode({"fields": "id", "count": "5"})
            yield _request(method, f"{path}{'&' if '?' in path else '?'}{more}", key=key)
        elif body is None:
            yield _request(method, path, {}, key=key)
    for other in WRONG_METHODS[name]:
        yield _request(other, path, body)
    if name == "search_members":
        for wrong in ("/search-members", f"/search-members?list_id={SHOP}", "/search-members?q=a"):
            yield _request(method, wrong)
    if name in ("get_member", "send_campaign"):
        yield _request(method, f"{path}/more", body)
    if body is None:
        return
    if name == "upsert_member":
        for flag in ("yes", "maybe", "", "2"):
            yield _request(method, f"{path}?skip_merge_validation={flag}", body)
    for kind in WRONG_KINDS:
        yield _request(method, path, body, kind=kind)
    for raw in WRONG_BODIES:
        yield _request(method, path, raw)
    for field in REQUIRED.get(name, ()):
        yield _request(method, path, {k: v for k, v in body.items() if k != field})
    for field, values in WRONG_FIELDS[name].items():
        for value in values:
            yield _request(method, path, {**body, field: value})


@pytest.mark.parametrize("name", list(GOOD))
async def test_twin_and_contract_refuse_the_same_bad_requests(
    contract: Contract, name: str
) -> None:
    trial = fresh()
    campaign = await draft(trial)
    before = sdk.encode(trial.twin.state)
    requests = list(bad_requests(name, campaign))
    assert len(requests) >= 20
    for request in requests:
        response = await trial.twin.send(request)
        assert response.status >= 400, (request, response.body)
        assert not contract.accepts(request), (request, response.body)
        assert sdk.encode(trial.twin.state) == before, request
    method, path, body = GOOD[name]
    good = _request(method, path.format(draft=campaign), body)
    assert contract.accepts(good)
    assert (await trial.twin.send(good)).status < 300


QUERIES = [
    ("/lists", {"count": ("many", "1001", "1.5", ""), "offset": ("first", "")}),
    (f"{MEMBER}/events", {"count": ("many", "1001", "1.5", ""), "offset": ("first", "")}),
    (
        "/campaigns",
        {
            "count": ("many", "1001"),
            "status": ("draft", "", "SENT"),
            "type": ("newsletter", ""),
            "sort_field": ("subject", "", "id"),
            "sort_dir": ("desc", "up", ""),
        },
    ),
]


@pytest.mark.parametrize(("path", "wrong"), QUERIES, ids=[query[0] for query in QUERIES])
async def test_twin_and_contract_refuse_the_same_bad_queries(
    contract: Contract, path: str, wrong: Mapping[str, tuple[str, ...]]
) -> None:
    twin = fresh().twin
    for name, values in wrong.items():
        for value in values:
            request = _request("GET", f"{path}?{urlencode({name: value})}")
            assert (await twin.send(request)).status == 400, request
            assert not contract.accepts(request), request
    good = _request("GET", f"{path}?count=1000&offset=0")
    assert contract.accepts(good)
    assert (await twin.send(good)).status == 200


async def test_twin_and_contract_refuse_the_same_webhooks(contract: Contract) -> None:
    trial = fresh()
    path = f"/lists/{SHOP}/webhooks"
    good = {"url": "https://tramo.example/in/a", "events": {"subscribe": True}}
    requests = [_request("POST", path, good, key=key) for key in KEYS]
    requests += [_request("POST", path, good, kind=kind) for kind in WRONG_KINDS]
    requests += [_request("POST", path, raw) for raw in WRONG_BODIES if raw != b'{"name": "x"']
    for wrong in ({"url": 5}, {"url": None}, {"events": []}, {"sources": {"api": "no"}}):
        requests.append(_request("POST", path, {**good, **wrong}))
    for request in requests:
        assert (await trial.twin.send(request)).status >= 400, request
        assert not contract.accepts(request), request
    assert not trial.twin.state["webhooks"].get(SHOP)
    assert contract.accepts(_request("POST", path, good))
