"""The connector's documents and its twin, held to Shopify's published schema of 2026-07."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLObjectType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values
from tramo import sdk
from tramo.ports.http import Request
from tramo_shopify import connector
from tramo_shopify.credential import SCOPES
from tramo_shopify.graphql import Document

from tests.plugins.contract import contract_path
from tests.plugins.shopify import contract
from tests.plugins.shopify.scene import Shop, every_action, make_twin

pytestmark = pytest.mark.contracts
shopify = connector.tramo_connector()
DOCUMENTS = sorted(contract.documents())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_document_is_valid_in_the_published_schema(name: str) -> None:
    document = contract.documents()[name]
    assert validate(contract.schema(), parse(document.text)) == []
    assert contract.operation(document).name.value == name  # type: ignore[union-attr]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_document_uses_what_shopify_is_about_to_remove(name: str) -> None:
    found: list[str] = []
    info = TypeInfo(contract.schema())

    class Find(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            field = info.get_field_def()
            if field is not None and field.deprecation_reason:
                found.append(f"{info.get_parent_type()}.{node.name.value}")

        def enter_argument(self, *_: Any) -> None:
            argument = info.get_argument()
            if argument is not None and argument.deprecation_reason:
                found.append(f"argument of {info.get_field_def()}")

    visit(parse(contract.documents()[name].text), TypeInfoVisitor(info, Find()))
    assert found == []


def test_no_mutation_that_must_be_idempotent_is_sent_without_a_key() -> None:
    mandatory = set(
        json.loads(contract_path("shopify", "idempotent_mutations_2026-07.json").read_text())[
            "mandatory_idempotent_since_2026-04"
        ]
    )
    keyed: set[str] = set()
    for document in contract.documents().values():
        for field in contract.operation(document).selection_set.selections:
            assert isinstance(field, FieldNode)
            directives = {directive.name.value for directive in field.directives or ()}
            if field.name.value in mandatory:
                assert "idempotent" in directives, document.name
                keyed.add(field.name.value)
            else:
                assert "idempotent" not in directives, document.name
    assert keyed == {"refundCreate", "inventoryAdjustQuantities"}


def test_actions_with_an_idempotency_key_are_the_keyed_ones() -> None:
    keyed = {n for n, a in shopify.actions.items() if a.manifest.effect == "keyed"}
    assert keyed == {"refund_order@1", "adjust_inventory@1"}


def test_the_twins_copy_of_the_contract_is_fresh() -> None:
    kept = (contract.ROOT / "plugins" / "tramo_shopify" / "contract.json").read_text()
    assert kept == contract.render(), "run python -m tests.plugins.shopify.contract"


def test_trigger_topics_exist_at_shopify() -> None:
    topics: Any = contract.schema().type_map["WebhookSubscriptionTopic"]
    for trigger in shopify.triggers.values():
        assert trigger.manifest.trigger is not None
        assert trigger.manifest.trigger.topic in topics.values


def test_the_scopes_that_a_person_is_told_to_give_are_enough_and_none_too_many() -> None:
    known = json.loads(contract_path("shopify", "access_scopes_2026-07.json").read_text())
    given = {*SCOPES, *(scope.replace("write_", "read_") for scope in SCOPES)}
    used: set[str] = set()
    for document in contract.documents().values():
        for place, name in touched(document):
            needed = set(known[place].get(name) or ())
            assert not needed or needed & given, f"{document.name} needs one of {needed}"
            used |= needed & given
    idle = {s for s in SCOPES if not {s, s.replace("write_", "read_")} & used}
    assert idle == set()


def touched(document: Document) -> set[tuple[str, str]]:
    """Return the mutations and types that a document reaches."""
    info = TypeInfo(contract.schema())
    found: set[tuple[str, str]] = set()

    class Note(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = info.get_parent_type()
            if parent is not None and parent.name == "Mutation":
                found.add(("mutations", node.name.value))
            if (kind := info.get_type()) is not None:
                found.add(("types", get_named_type(kind).name))

    visit(parse(document.text), TypeInfoVisitor(info, Note()))
    return found


# The same verdict ---------------------------------------------------------------------------------


def mutants(value: Any) -> Iterator[Any]:
    """Yield copies of plain variables, each with one thing wrong or merely different."""
    wrong: list[Any] = [None, 7, "x", True, 1.5, [], {}, ["x", 3], {"surprise": 1}, 2**40, ""]
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


def contract_accepts(document: Document, variables: dict[str, Any]) -> bool:
    definitions = contract.operation(document).variable_definitions or ()
    read = get_variable_values(contract.schema(), definitions, variables)
    # graphql-core 3.2 gives a list for errors and a dict for values; 3.3 a list or an object.
    return not isinstance(read, list)


def twin_accepts(answer: dict[str, Any]) -> bool:
    errors = answer.get("errors") or []
    return not any("was provided invalid value" in error["message"] for error in errors)


@pytest.mark.parametrize("action", sorted(shopify.actions))
async def test_a_bad_request_gets_the_same_verdict_from_twin_and_contract(action: str) -> None:
    shop = Shop()
    await every_action(shop, action.removesuffix("@1"))
    sent = {json.loads(request.body)["operationName"]: request for request in shop.sent}
    refused = 0
    for name, request in sent.items():
        document = contract.documents()[name]
        body = json.loads(request.body)
        good = body["variables"]
        assert contract_accepts(document, good), f"{name} sends what the contract refuses"
        for variables in mutants(good):
            if not isinstance(variables, dict):
                continue
            shop.fill_bucket()
            changed = sdk.encode({**body, "variables": variables})
            answer = (await shop.twin.send(_with_body(request, changed))).json()
            expected = contract_accepts(document, deepcopy(variables))
            assert twin_accepts(answer) == expected, (name, variables, answer.get("errors"))
            refused += not expected
    assert refused >= 20, f"{action}: only {refused} bad requests"


def _with_body(request: Request, body: bytes) -> Request:
    return Request(method=request.method, url=request.url, headers=request.headers, body=body)


# The same shape -----------------------------------------------------------------------------------


class Checker:
    """Compares an answer's data with the types that the schema gives the selection."""

    def __init__(self, document: Document) -> None:
        self.fragments = contract.fragments(document)

    def check(self, data: Any, kind: Any, selection: Any, place: str) -> None:
        if kind.__class__.__name__ == "GraphQLNonNull":
            assert data is not None, f"{place} must not be null"
            return self.check(data, kind.of_type, selection, place)
        if data is None:
            return None
        if kind.__class__.__name__ == "GraphQLList":
            assert isinstance(data, list), place
            for at, item in enumerate(data):
                self.check(item, kind.of_type, selection, f"{place}[{at}]")
            return None
        if selection is None:
            return self.leaf(data, kind, place)
        assert isinstance(data, dict), place
        seen: set[str] = set()
        self.fields(data, kind, selection, place, seen)
        assert set(data) <= seen, f"{place}: {set(data) - seen} were not asked for"
        return None

    def fields(self, data: Any, kind: Any, selection: Any, place: str, seen: set[str]) -> None:
        for node in selection.selections:
            if node.kind == "field":
                name = (node.alias or node.name).value
                seen.add(name)
                inner = getattr(kind, "fields", {}).get(node.name.value)
                assert inner is not None, f"{place}: {kind} has no {node.name.value}"
                assert name in data, f"{place}.{name} is missing"
                self.check(data[name], inner.type, node.selection_set, f"{place}.{name}")
            elif node.kind == "fragment_spread":
                fragment = self.fragments[node.name.value]
                self.fields(data, kind, fragment.selection_set, place, seen)
            else:
                on = contract.schema().type_map[node.type_condition.name.value]
                if all(
                    item.kind != "field" or item.name.value in data
                    for item in node.selection_set.selections
                ):
                    self.fields(data, on, node.selection_set, place, seen)

    def leaf(self, data: Any, kind: Any, place: str) -> None:
        named = get_named_type(kind)
        if hasattr(named, "values"):
            assert data in named.values, f"{place}: {data!r} is not of {named}"
            return
        assert not isinstance(named, GraphQLObjectType), place
        text = {"ID", "String", "Money", "DateTime", "Decimal", "URL", "UnsignedInt64"}
        wanted = {"Int": int, "Boolean": bool, "Float": (int, float)}.get(named.name, str)
        assert named.name in text | {"Int", "Boolean", "Float"}, f"{place}: unknown scalar {named}"
        assert isinstance(data, wanted), f"{place}: {data!r} is not {named}"
        if wanted is int:
            assert not isinstance(data, bool), place


def check_answer(name: str, answer: Any) -> None:
    document = contract.documents()[name]
    schema = contract.schema()
    root = schema.query_type if document.safe else schema.mutation_type
    selection = contract.operation(document).selection_set
    Checker(document).check(answer["data"], root, selection, name)


@pytest.mark.parametrize("action", sorted(shopify.actions))
async def test_the_twin_answers_in_the_shape_of_the_contract(action: str) -> None:
    shop = Shop()
    await every_action(shop, action.removesuffix("@1"))
    answered = 0
    for request, response in zip(shop.sent, shop.answers, strict=True):
        body, answer = json.loads(request.body), json.loads(response.body)
        check_answer(body["operationName"], answer)
        answered += 1
    assert answered


async def test_subscriptions_test_and_choices_answer_in_the_shape_of_the_contract() -> None:
    shop = Shop()
    assert shopify.subscribe is not None
    assert shopify.unsubscribe is not None
    assert shopify.test is not None
    await shopify.subscribe(shop.context(), ["ORDERS_CREATE"], "https://tramo.example/in/a")
    await shopify.unsubscribe(shop.context(), ["ORDERS_CREATE"], "https://tramo.example/in/a")
    await shopify.test(shop.context())
    await shop.list_choices("locations")
    for request, response in zip(shop.sent, shop.answers, strict=True):
        check_answer(json.loads(request.body)["operationName"], json.loads(response.body))


def test_the_first_days_orders_have_the_fields_of_shopifys_own_sample() -> None:
    samples = json.loads(contract_path("shopify", "rest_2026-07.samples.json").read_text())
    sample = samples["samples"]["order"][0]["response"]["orders"][0]
    delivery = make_twin().happen("ORDERS_CREATE")
    body = json.loads(delivery.body)
    assert set(body) <= set(sample), set(body) - set(sample)
    assert set(body["line_items"][0]) <= set(sample["line_items"][0])
    for name in ("id", "name", "total_price", "tags", "currency", "taxes_included", "test"):
        assert type(body[name]) is type(sample[name]), name
