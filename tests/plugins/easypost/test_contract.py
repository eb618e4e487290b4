"""The connector and its twin, held to the contract that is derived from EasyPost's own samples."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import msgspec
import pytest
from tramo import sdk
from tramo.ports.http import Request
from tramo_easypost import connector

from tests.plugins.contract import contract_path
from tests.plugins.easypost.account import Account, prepare

pytestmark = pytest.mark.contracts
easypost = connector.tramo_connector()
ACTIONS = sorted(action.manifest.type.split(".")[1] for action in easypost.actions.values())
FORMAL = {"UNAUTHORIZED", "BAD_REQUEST", "PARAMETER.REQUIRED", "PARAMETER.INVALID"}
"""The twin's words for a request that is not of the contract's shape."""


class Contract:
    """The OpenAPI document as a judge of requests and answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.judges: dict[str, Any] = {}

    def _valid(self, schema: Mapping[str, Any], value: Any) -> bool:
        return self._judge(schema).is_valid(value)

    def _judge(self, schema: Mapping[str, Any]) -> Any:
        key = json.dumps(schema)
        if key not in self.judges:
            whole = {**schema, "components": self.document["components"]}
            self.judges[key] = jsonschema_rs.Draft202012Validator(whole)
        return self.judges[key]

    def found(self, request: Request) -> dict[str, Any] | None:
        """Return what the contract says of a request's address and method."""
        path = urlsplit(request.url).path
        exact = self.document["paths"].get(path)
        if exact is not None:
            return exact.get(request.method.lower())
        for known, methods in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path):
                return methods.get(request.method.lower())
        return None

    def accepts(self, request: Request) -> bool:
        """Tell whether a request fits: address, method, key, query and body."""
        said = self.found(request)
        if said is None or not _has_key(request):
            return False
        given = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
        for parameter in said.get("parameters", ()):
            if parameter["in"] != "query":
                continue
            if parameter["name"] in given:
                value = _typed(given[parameter["name"]], parameter["schema"])
                if not self._valid(parameter["schema"], value):
                    return False
            elif parameter.get("required"):
                return False
        if "requestBody" not in said:
            return True
        if not request.body and not said["requestBody"].get("required"):
            return True
        kind = _header(request, "content-type").partition(";")[0]
        content = said["requestBody"]["content"].get(kind)
        try:
            return content is not None and self._valid(content["schema"], _plain(request.body))
        except ValueError:
            return False

    def faults(self, request: Request, response: sdk.Response) -> list[str]:
        """Say what in an answer is not as the contract has it."""
        said = self.found(request)
        assert said is not None
        answers = said["responses"]
        # Every error has one shape; a few statuses of EasyPost's error page are not listed.
        which = answers.get(str(response.status)) or answers["422"]
        assert response.status >= 400 or str(response.status) in answers, response.status
        schema = which["content"]["application/json"]["schema"]
        return [str(error) for error in self._judge(schema).iter_errors(_plain(response.body))]


def _header(request: Request, name: str) -> str:
    return {key.lower(): value for key, value in request.headers.items()}.get(name, "")


def _has_key(request: Request) -> bool:
    """Tell whether a request names its key as the contract wants: Basic, empty password."""
    scheme, _, pair = _header(request, "authorization").partition(" ")
    try:
        user, colon, password = b64decode(pair, validate=True).decode().partition(":")
    except ValueError:
        return False
    return scheme == "Basic" and bool(user and colon) and not password


def _plain(body: bytes) -> Any:
    """Return a body as the validator takes it: amounts as floats."""

    def loose(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: loose(item) for name, item in value.items()}
        if isinstance(value, list):
            return [loose(item) for item in value]
        return float(value) if isinstance(value, Decimal) else value

    return loose(sdk.decode(body))


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "integer":
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    return text


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(json.loads(contract_path("easypost", "easypost.json").read_bytes()))


# What is sent and answered ------------------------------------------------------------------------


async def test_everything_the_connector_sends_and_gets_is_in_the_contract(
    contract: Contract,
) -> None:
    account = Account()
    assert easypost.subscribe is not None
    assert easypost.unsubscribe is not None
    for name in ACTIONS:
        params = await prepare(account, name)
        await account.act(name, **params)
        if easypost.actions[f"{name}@1"].probe is not None:
            await account.run_probe(name, params)
    await account.test()
    await account.list_choices("carrier_accounts")
    for _ in range(2):
        await easypost.subscribe(account.context(), [], "https://tramo.example/in/abc")
    await account.clock.sleep(1)
    await easypost.unsubscribe(account.context(), [], "https://tramo.example/in/abc")

    found = await account.rates()
    rates = found["rates"]
    shipment = {"shipment_id": found["shipment_id"]}
    await account.act("buy_label", **shipment, rate_id=rates[0]["id"])
    refused = (
        ("buy_label", shipment | {"rate_id": rates[1]["id"]}),
        ("buy_label", {"shipment_id": "shp_0", "rate_id": "rate_0"}),
        ("void_label", {"shipment_id": "shp_0"}),
        ("track_parcel", {"tracking_code": "?"}),
        ("get_tracking", {"tracking_code": "trk_0"}),
    )
    for name, params in refused:
        with pytest.raises(sdk.Rejected):
            await account.act(name, **params)
    with pytest.raises(sdk.CredentialRefused):
        await account.test({"api_key": "EZAK-wrong"})

    assert len(account.traffic) >= 25
    for request, response in account.traffic:
        assert contract.accepts(request), request
        assert contract.faults(request, response) == [], request.url
    asked = {(r.method, urlsplit(r.url).path.split("/")[2]) for r, _ in account.traffic}
    assert len(asked) == 11


async def test_every_event_of_the_twin_is_in_the_contract(contract: Contract) -> None:
    account = Account()
    body = contract.document["webhooks"]["event"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    results = {"tracker": "Tracker", "refund": "Refund", "batch": "Batch"}
    for trigger in easypost.triggers.values():
        assert trigger.manifest.trigger is not None
        topic = str(trigger.manifest.trigger.topic)
        event = _plain(account.twin.happen(topic).body)
        assert contract._judge(schema).is_valid(event), topic
        reference = {"$ref": f"#/components/schemas/{results[topic.partition('.')[0]]}"}
        assert [str(e) for e in contract._judge(reference).iter_errors(event["result"])] == []


@pytest.mark.parametrize("file_format", ["PDF", "PNG", "ZPL", "EPL2"])
async def test_a_label_has_a_format_that_the_contract_knows(
    contract: Contract, file_format: str
) -> None:
    label = contract.document["paths"]["/v2/shipments/{id}/label"]["get"]
    (known,) = (p for p in label["parameters"] if p["name"] == "file_format")
    assert file_format in known["schema"]["enum"]
    account = Account()
    found = await account.rates(label_format=file_format)
    purchase = {"shipment_id": found["shipment_id"], "rate_id": found["rates"][0]["id"]}
    bought = await account.act("buy_label", **purchase)
    assert bought["label_url"].endswith(file_format.lower())


@pytest.mark.parametrize(
    ("path", "method", "action"),
    [
        ("/v2/shipments", "post", "get_rates"),
        ("/v2/shipments/{id}/buy", "post", "buy_label"),
        ("/v2/shipments/{id}/refund", "post", "void_label"),
        ("/v2/trackers", "post", "track_parcel"),
        ("/v2/trackers/{id}", "get", "get_tracking"),
        ("/v2/addresses", "post", "verify_address"),
    ],
)
async def test_the_vendors_own_sample_answers_are_read(
    contract: Contract, monkeypatch: pytest.MonkeyPatch, path: str, method: str, action: str
) -> None:
    answers = contract.document["paths"][path][method]["responses"]
    status, answer = next((s, a) for s, a in answers.items() if s.startswith("2"))
    sample = answer["content"]["application/json"]["example"]
    account = Account()
    params = await prepare(account, action)

    async def send(request: Request) -> sdk.Response:
        shown = {**sample, "refund_status": None} if request.method == "GET" else sample
        return sdk.json_response(shown, int(status))

    if action == "get_tracking":
        params = {"tracking_code": sample["id"]}
    monkeypatch.setattr(account.twin, "send", send)
    output = await account.act(action, **params)
    expected = {
        "get_rates": ("shipment_id", sample["id"]),
        "buy_label": ("tracking_number", "9434600208303109842228"),
        "void_label": ("status", "submitted"),
        "track_parcel": ("tracking_number", "EZ1000000001"),
        "get_tracking": ("tracking_number", sample.get("tracking_code")),
        "verify_address": ("id", sample["id"]),
    }[action]
    assert output[expected[0]] == expected[1]
    if action == "buy_label":
        assert (str(output["amount"]), str(output["insured"])) == ("8.20", "249.99")
    if action == "get_rates":
        assert str(output["rates"][0]["amount"]) == "8.20"


# The same bad request, the same verdict -----------------------------------------------------------


def mutants(value: Any) -> Iterator[Any]:
    """Yield copies of a body, each with one thing wrong or merely different."""
    wrong: list[Any] = [None, 7, "x", True, 1.5, [], {}, ["x", 3], {"surprise": 1}, ""]
    if isinstance(value, dict):
        for name in value:
            yield {key: item for key, item in value.items() if key != name}
            for changed in mutants(value[name]):
                yield {**value, name: changed}
        yield {**value, "surprise": 1}
    elif isinstance(value, list):
        for at, item in enumerate(value):
            for changed in mutants(item):
                yield [*value[:at], changed, *value[at + 1 :]]
        yield [*value, None]
    yield from wrong


def distorted(request: Request) -> Iterator[Request]:
    """Yield copies of a request with another key, method, address, query, kind or body."""

    def changed(**over: Any) -> Request:
        return msgspec.structs.replace(request, **over)

    headers = {n: v for n, v in request.headers.items() if n.lower() != "authorization"}
    yield changed(headers=headers)
    for key in (
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic RVpBSy1kZW1vLXNob3A=",
        "Basic OkVaQUstZGVtby1zaG9w",
        "Basic RVpBSy1kZW1vLXNob3A6eA==",
        "Bearer EZAK-demo-shop",
        "Token EZAK-demo-shop",
        "EZAK-demo-shop",
        "basic",
    ):
        yield changed(headers={**headers, "Authorization": key})
    for method in ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        yield changed(method=method)
    for path in ("/x/y/z", "/rates/all/of/it"):
        yield changed(url=request.url.partition("?")[0] + path)
    yield changed(url=request.url.replace("/v2/", "/v3/"))
    if "?" in request.url:
        for size in ("many", "1.5", "ten", "0x10", ""):
            yield changed(url=re.sub(r"page_size=\w+", f"page_size={size}", request.url))
    if request.body:
        kinds = {n: v for n, v in request.headers.items() if n.lower() != "content-type"}
        for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", ""):
            yield changed(headers={**kinds, "Content-Type": kind})
        for body in (b"{", b"nonsense", b'{"a": ', b"\xff"):
            yield changed(body=body)
        for mutant in mutants(sdk.decode(request.body)):
            yield changed(body=sdk.encode(mutant))


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_bad_request_gets_the_same_verdict_from_twin_and_contract(
    contract: Contract, action: str
) -> None:
    account = Account()
    params = await prepare(account, action)
    account.traffic.clear()
    before = account.twin.dump()
    await account.act(action, **params)
    refused = 0
    for good, _ in list(account.traffic):
        assert contract.accepts(good), f"{action} sends what the contract refuses"
        for request in distorted(good):
            account.twin.load(before)
            account.state["lists"].clear()
            answer = await account.twin.send(request)
            expected = contract.accepts(request)
            assert accepted(answer) == expected, (request, answer.body)
            if contract.found(request) is not None:
                assert contract.faults(request, answer) == [], (request, answer.body)
            refused += not expected
    assert refused >= 20, f"{action}: only {refused} bad requests"


def accepted(answer: sdk.Response) -> bool:
    """Tell whether the twin found a request well-shaped, whatever it then made of it."""
    if answer.status < 400:
        return True
    error = answer.json()["error"]
    return isinstance(error, dict) and error["code"] not in FORMAL
