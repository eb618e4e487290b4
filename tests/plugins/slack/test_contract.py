"""The connector and its twin, held to Slack's published contract (web-api.json of 2021)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jsonschema_rs
import pytest
from tramo import sdk
from tramo.ports.http import Request
from tramo.testing import Trial
from tramo_slack import connector
from tramo_slack.twin import SlackTwin

from tests.plugins.contract import contract_path

pytestmark = pytest.mark.contracts

FORM = "application/x-www-form-urlencoded"
NEWER_THAN_THE_CONTRACT = {"metadata", "response_metadata"}
"""Fields of messages and of conversations.history that Slack added after the contract of 2021."""
NEWER_WORDS = {"invalid_arguments", "ratelimited", "invalid_blocks_format", "thread_not_found"}


class Contract:
    """Slack's OpenAPI document as a judge of requests and answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def _method(self, request: Request) -> dict[str, Any] | None:
        path = request.url.partition("?")[0].removeprefix("https://slack.com/api")
        return self.document["paths"].get(path, {}).get(request.method.lower())

    def _valid(self, schema: Mapping[str, Any], value: Any) -> bool:
        whole = {**schema, "components": self.document["components"]}
        return jsonschema_rs.Draft202012Validator(whole).is_valid(value)

    def accepts(self, request: Request) -> bool:
        """Tell whether a request fits; the token travels as the bearer header Slack now wants."""
        method = self._method(request)
        if method is None:
            return False
        given = dict(parse_qsl(request.url.partition("?")[2], keep_blank_values=True))
        scheme, _, token = _header(request, "authorization").partition(" ")
        if not (scheme == "Bearer" and token):
            return False
        for parameter in method["parameters"]:
            name = parameter["name"]
            if name == "token":
                continue
            if name not in given:
                if parameter.get("required"):
                    return False
            elif not self._valid(parameter["schema"], _typed(given[name], parameter["schema"])):
                return False
        return "requestBody" not in method or self._body_fits(method, request)

    def _body_fits(self, method: dict[str, Any], request: Request) -> bool:
        kind = _header(request, "content-type").partition(";")[0]
        content = method["requestBody"]["content"].get(kind)
        if content is None:
            return False
        schema = content["schema"]
        if kind == FORM:
            fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
            body: Any = {
                name: _typed(value, schema["properties"].get(name, {}))
                for name, value in fields.items()
            }
        else:
            try:
                body = json.loads(request.body)
            except ValueError:
                return False
        return self._valid(schema, body)

    def faults(self, request: Request, response: sdk.Response) -> list[str]:
        """Say what in an answer is not as the contract has it."""
        method = self._method(request)
        assert method is not None
        answer = _without_newer(json.loads(response.body))
        if not answer["ok"] and answer["error"] in NEWER_WORDS:
            return []
        which = method["responses"]["200" if answer["ok"] else "default"]
        schema = which["content"]["application/json"]["schema"]
        whole = {**schema, "components": self.document["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole)
        return [str(error) for error in validator.iter_errors(answer)]


def _header(request: Request, name: str) -> str:
    return {key.lower(): value for key, value in request.headers.items()}.get(name, "")


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """Read a field of a query or form as the kind that its schema wants, where it can be."""
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "number"):
        try:
            return int(text) if kind == "integer" else float(text)
        except ValueError:
            return text
    return text


def _without_newer(value: Any) -> Any:
    if isinstance(value, dict):
        drop = set() if "channels" in value else NEWER_THAN_THE_CONTRACT
        return {k: _without_newer(v) for k, v in value.items() if k not in drop}
    if isinstance(value, list):
        return [_without_newer(item) for item in value]
    return value


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(json.loads(contract_path("slack", "web-api.json").read_bytes()))


async def test_everything_the_connector_sends_and_gets_is_in_the_contract(
    contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = Trial(connector)
    carry = trial.twin.send
    seen: list[tuple[Request, sdk.Response]] = []

    async def watch(request: Request) -> sdk.Response:
        response = await carry(request)
        seen.append((request, response))
        return response

    monkeypatch.setattr(trial.twin, "send", watch)
    first = {"channel": "#orders", "text": "one", "blocks": [{"type": "divider"}]}
    posted = await trial.run_action("post_message", first)
    reply = {"channel": posted["channel"], "text": "two", "thread": posted["ts"]}
    await trial.run_action(
        "post_message", reply | {"show_in_channel": True, "preview_links": False}
    )
    change = {"channel": posted["channel"], "message": posted["ts"], "text": "three"}
    await trial.run_action("update_message", change)
    await trial.run_action("find_user", {"email": "ana@demo-shop.example"})
    await trial.run_action("find_user", {"email": "nobody@example.com"})
    await trial.run_probe("post_message", first)
    await trial.list_choices("channels")
    await trial.test()
    for channel in ("#nowhere", "#lunch", "#black-friday-2025"):
        with pytest.raises(sdk.Rejected):
            await trial.run_action("post_message", {"channel": channel, "text": "no"})

    assert len(seen) >= 11
    for request, response in seen:
        assert contract.accepts(request), request
        if "conversations.history" not in request.url:  # Its nullable fields are not in the schema.
            assert contract.faults(request, response) == [], request.url


# The same bad request, the same verdict ----------------------------------------------------------

GOOD_FORMS: dict[str, dict[str, str]] = {
    "chat.postMessage": {"channel": "C0DEMO0003", "text": "hello"},
    "chat.update": {"channel": "C0DEMO0003", "ts": "1503435956.000247", "text": "hello"},
}
GOOD_QUERIES: dict[str, dict[str, str]] = {
    "users.lookupByEmail": {"email": "ana@demo-shop.example"},
    "conversations.list": {"limit": "10", "exclude_archived": "true"},
    "auth.test": {},
}
FLAGS = {
    "chat.postMessage": (
        "unfurl_links",
        "unfurl_media",
        "mrkdwn",
        "link_names",
        "reply_broadcast",
    ),
}
TOKENS = (None, "", "Bearer", "Bearer ", "Basic eHg6eQ==", "xoxb-demo-shop-0123456789", "Token x")
WRONG_KINDS = (None, "", "text/plain", "application/xml", "multipart/form-data", "text/html")


def _request(
    method: str, verb: str = "POST", *, fields: Mapping[str, str] | None = None, **over: Any
) -> Request:
    authorization = over.get("authorization", "Bearer " + SlackTwin.demo_credential()["bot_token"])
    kind = over.get("kind", FORM)
    query = "?" + urlencode(fields or {}) if verb == "GET" and fields else ""
    body = over.get("body", b"" if verb == "GET" else urlencode(fields or {}).encode())
    headers = {"authorization": authorization, "content-type": kind if verb != "GET" else None}
    return Request(
        method=verb,
        url=f"https://slack.com/api/{method}{query}",
        headers={name: value for name, value in headers.items() if value is not None},
        body=body,
    )


def bad_writes(method: str) -> Iterator[Request]:
    good = GOOD_FORMS[method]
    required = [name for name in ("channel", "ts") if name in good]
    for name in required:
        yield _request(method, fields={k: v for k, v in good.items() if k != name})
        as_json = json.dumps({k: v for k, v in good.items() if k != name}).encode()
        yield _request(method, kind="application/json", body=as_json)
    yield _request(method, fields={})
    yield _request(method, fields={"text": "only"})
    for token in TOKENS:
        yield _request(method, fields=good, authorization=token)
    for kind in WRONG_KINDS:
        yield _request(method, fields=good, kind=kind)
    for verb in ("GET", "PUT", "PATCH", "DELETE"):
        yield _request(method, verb, fields=good)
    for flag in FLAGS.get(method, ()):
        for value in ("maybe", "yes", ""):
            yield _request(method, fields={**good, flag: value})
    for body in (b"", b"{", b"[]", b'"text"', b"null", b'{"channel": "C0DEMO0003"'):
        yield _request(method, kind="application/json", body=body)
    for name in required:
        for value in (5, True, None, [], {}):
            wrong = json.dumps({**good, name: value}).encode()
            yield _request(method, kind="application/json", body=wrong)


def bad_reads(method: str) -> Iterator[Request]:
    good = GOOD_QUERIES[method]
    for token in TOKENS:
        yield _request(method, "GET", fields=good, authorization=token)
        yield _request(method, "GET", fields={"extra": "1"}, authorization=token)
    for verb in ("POST", "PUT", "PATCH", "DELETE"):
        yield _request(method, verb, fields=good)
    for verb in ("POST", "PUT"):
        yield _request(method, verb, kind="application/json", body=json.dumps(good).encode())
    if method == "users.lookupByEmail":
        for wrong in ({}, {"mail": "ana@demo-shop.example"}, {"Email": "x@example.com"}):
            yield _request(method, "GET", fields=wrong)
    if method == "conversations.list":
        for name, values in {
            "limit": ("many", "1.5", "ten", "0x10"),
            "exclude_archived": ("maybe", "yes", "2"),
        }.items():
            for value in values:
                yield _request(method, "GET", fields={name: value})


CASES = [
    *((method, bad_writes, GOOD_FORMS[method], "POST") for method in GOOD_FORMS),
    *((method, bad_reads, GOOD_QUERIES[method], "GET") for method in GOOD_QUERIES),
]


@pytest.mark.parametrize(("method", "bad", "good", "verb"), CASES, ids=[case[0] for case in CASES])
async def test_twin_and_contract_refuse_the_same_bad_requests(
    contract: Contract, method: str, bad: Any, good: dict[str, str], verb: str
) -> None:
    requests = list(bad(method))
    assert len(requests) >= 20
    for request in requests:
        twin = Trial(connector).twin
        response = await twin.send(request)
        refused = response.status >= 400 or not response.json().get("ok")
        assert refused is not contract.accepts(request), (request, response.body)
        assert refused, (request, response.body)
        assert not any(twin.state["messages"].values())
    assert contract.accepts(_request(method, verb, fields=good))
