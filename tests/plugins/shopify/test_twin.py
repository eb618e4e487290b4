"""The twin as a shop: who it answers, how it counts, what it remembers."""

from __future__ import annotations

from typing import Any

import pytest
from tramo import sdk
from tramo.ports.http import Request
from tramo.testing import StandingClock
from tramo_shopify.twin.document import GraphqlError, Shaper, parse

from tests.plugins.shopify.scene import make_twin

ADDRESS = "https://casa-lumina.myshopify.com/admin/api/2026-07/graphql.json"
TOKEN = {"X-Shopify-Access-Token": "twin-access-token"}


async def ask(twin: Any, query: str, variables: Any = None, **options: Any) -> sdk.Response:
    body = options.get("body", sdk.encode({"query": query, "variables": variables or {}}))
    return await twin.send(
        Request(
            method="POST",
            url=options.get("url", ADDRESS),
            headers=options.get("headers", TOKEN),
            body=body,
        )
    )


async def test_without_the_token_nobody_is_answered() -> None:
    twin = make_twin()
    for headers in ({}, {"x-shopify-access-token": "other"}):
        response = await ask(twin, "{ shop { name } }", headers=headers)
        assert response.status == 401
        assert "Invalid API key" in response.text


async def test_another_shops_address_is_not_answered() -> None:
    url = ADDRESS.replace("casa-lumina", "other")
    assert (await ask(make_twin(), "{ shop { name } }", url=url)).status == 404


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"{}", b'{"query": 3}'])
async def test_a_request_without_a_query_is_refused(body: bytes) -> None:
    assert (await ask(make_twin(), "", body=body)).status == 400


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ shop { name }",
        "query { shop { nonsense } }",
        "{ nonsense { id } }",
        "mutation { nonsense { id } }",
        "{ shop { ...Missing } }",
        "{ orders { nodes { id } } }",
        "{ orders(first: 251) { nodes { id } } }",
        '{ orders(first: 2, after: "nonsense") { nodes { id } } }',
        "query A($x: Nonsense!) { shop { name } }",
        "{ shop(%) }",
        "{ order { id } }",
        '{ order(id: "1", surprise: 2) { id } }',
    ],
)
async def test_a_bad_document_gets_errors_and_not_data(query: str) -> None:
    answer = (await ask(make_twin(), query, {"x": 1})).json()
    assert "data" not in answer
    assert answer["errors"][0]["message"]


async def test_a_keyed_mutation_without_its_key_is_refused() -> None:
    query = """mutation { refundCreate(input: {orderId: "gid://shopify/Order/1"}) {
      refund { id } userErrors { message } } }"""
    answer = (await ask(make_twin(), query)).json()
    assert "@idempotent" in answer["errors"][0]["message"]


async def test_stock_demands_that_the_expected_quantity_is_said() -> None:
    twin = make_twin()
    item, place = next(iter(twin.state["items"])), next(iter(twin.state["locations"]))
    query = """mutation M($input: InventoryAdjustQuantitiesInput!) {
      inventoryAdjustQuantities(input: $input) @idempotent(key: "k") {
        inventoryAdjustmentGroup { id } userErrors { message } } }"""
    change = {
        "inventoryItemId": f"gid://shopify/InventoryItem/{item}",
        "locationId": f"gid://shopify/Location/{place}",
        "delta": 1,
    }
    asked = {"name": "available", "reason": "correction", "changes": [change]}
    answer = (await ask(twin, query, {"input": asked})).json()
    assert "changeFromQuantity" in answer["errors"][0]["message"]


async def test_the_bucket_empties_and_fills_with_time() -> None:
    clock = StandingClock()
    twin = make_twin(clock)
    query = """{ orders(first: 100) { nodes {
      id customer { id } totalPriceSet { shopMoney { amount } } } } }"""
    costs: list[Any] = []
    for _ in range(10):
        answer = (await ask(twin, query)).json()
        costs.append(answer["extensions"]["cost"])
        if "errors" in answer:
            break
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert costs[0]["requestedQueryCost"] == 401
    assert [cost["actualQueryCost"] for cost in costs] == [401, 401, 401, 401, None]
    await clock.sleep(0.01)
    assert "errors" in (await ask(twin, query)).json()
    await clock.sleep(60)
    answer = (await ask(twin, query)).json()
    assert answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 2000 - 401


async def test_one_query_may_not_ask_for_more_than_the_limit() -> None:
    query = (
        "{ orders(first: 250) { nodes { customer { id } lineItems(first: 50) { nodes { id } } } } }"
    )
    answer = (await ask(make_twin(), query)).json()
    assert answer["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


async def test_a_key_is_forgotten_after_its_window() -> None:
    clock = StandingClock()
    twin = make_twin(clock)
    item, place = next(iter(twin.state["items"])), next(iter(twin.state["locations"]))
    query = f"""mutation {{ inventoryAdjustQuantities(input: {{name: "available",
      reason: "correction", changes: [{{inventoryItemId: "gid://shopify/InventoryItem/{item}",
      locationId: "gid://shopify/Location/{place}", delta: 1, changeFromQuantity: null}}]}})
      @idempotent(key: "k") {{ inventoryAdjustmentGroup {{ id }} userErrors {{ message }} }} }}"""
    levels = twin.state["items"][item]["levels"]
    before = levels[place]
    for _ in range(3):
        await ask(twin, query)
    assert levels[place] == before + 1
    await clock.sleep(25 * 3600)
    await ask(twin, query)
    assert levels[place] == before + 2


def test_a_long_demo_does_not_fill_the_machine() -> None:
    twin = make_twin()
    for _ in range(260):
        twin.happen()
    assert len(twin.state["orders"]) == len(twin.state["fulfilments"]) == 200
    assert list(twin.state["orders"].values())[-1]["name"] == "#1266"


def test_stock_runs_low_runs_out_and_comes_in_again() -> None:
    twin = make_twin()
    fractions = iter([at * 0.0717 % 1 for at in range(4000)])
    twin.ids.fraction = lambda: next(fractions)
    seen: list[int] = []
    for _ in range(150):
        seen.append(sdk.decode(twin.happen("INVENTORY_LEVELS_UPDATE").body)["available"])
        twin.happen("ORDERS_CREATE")
    assert min(seen) >= 0
    assert any(0 < left < 5 for left in seen)
    levels = [level for item in twin.state["items"].values() for level in item["levels"].values()]
    assert min(levels) >= 0


async def test_one_thing_may_stand_for_a_list_of_one() -> None:
    twin = make_twin()
    order = next(iter(twin.state["orders"]))
    query = """mutation T($id: ID!, $tags: [String!]!) {
      tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"""
    await ask(twin, query, {"id": f"gid://shopify/Order/{order}", "tags": "vip"})
    assert twin.state["orders"][order]["tags"] == "vip"
    assert twin.ledger[-1].summary.startswith("Added tags vip to order #")


async def test_what_a_twin_knows_survives_a_restart() -> None:
    twin = make_twin()
    order = next(iter(twin.state["orders"]))
    query = f"""mutation {{ tagsAdd(id: "gid://shopify/Order/{order}", tags: ["kept"])
      {{ node {{ id }} userErrors {{ message }} }} }}"""
    await ask(twin, query)
    heir = make_twin()
    heir.load(twin.dump())
    assert heir.state["orders"][order]["tags"] == "kept"
    assert heir.ledger[-1].summary.startswith("Added tags kept to order #")
    assert heir.happen("ORDERS_CREATE") is not None


async def test_the_ledger_says_what_happened_in_plain_words() -> None:
    twin = make_twin()
    await ask(twin, "{ shop { name } }")
    await ask(twin, "{ shop { name } }", headers={})
    await ask(twin, '{ orders(first: 3, query: "tag:vip") { nodes { id } } }')
    assert [entry.summary for entry in twin.ledger] == [
        "Read the shop's name",
        "Refused with status 401",
        "Searched orders for tag:vip: 0 found",
    ]


def test_the_first_day_is_varied_and_adds_up() -> None:
    twin = make_twin()
    fractions = iter([at * 0.0717 % 1 for at in range(4000)])
    twin.ids.fraction = lambda: next(fractions)
    for _ in range(60):
        twin.happen()
    orders = list(twin.state["orders"].values())
    assert {o["presentment_currency"] for o in orders} == {"EUR", "RON", "BRL", "GBP"}
    assert {o["customer_locale"][:2] for o in orders} == {"es", "pt", "ro", "en"}
    assert any(float(o["total_price"]) > 500 for o in orders)
    assert {o["financial_status"] for o in orders} >= {"paid", "pending"}
    assert len({o["id"] for o in orders}) == len(orders)
    assert all(o["id"] > 2**53 for o in orders)


# The small GraphQL reader -------------------------------------------------------------------------


def test_aliases_fragments_directives_and_values_are_read() -> None:
    text = """
    # A comment
    query Q($a: [Int!] = [1, 2], $b: String) {
      first: thing(list: $a, text: "\\u00e9\\n", deep: {on: true, no: null, e: WORD, n: -1.5e2})
      @x(y: $b) {
        ...F
        ... on Other { hidden }
        ... { shown }
      }
    }
    fragment F on Thing { name: label }
    """
    [operation], fragments = parse(text)
    assert operation.variables == {"a": "[Int!]", "b": "String"}
    assert operation.defaults == {"a": [1, 2]}
    field = operation.selection[0]
    assert field.arguments["text"] == "é\n"
    assert field.arguments["deep"] == {"on": True, "no": None, "e": "WORD", "n": -150.0}
    view = {"__typename": "Thing", "label": "L", "shown": 1, "hidden": 2}
    shaped = Shaper(fragments, {}).shape(view, field.selection)
    assert shaped == {"name": "L", "shown": 1}


@pytest.mark.parametrize("text", ["query", "query {", "{ a(b: ) }", "%", "fragment F { a }", "x"])
def test_what_is_no_graphql_is_an_error(text: str) -> None:
    with pytest.raises(GraphqlError):
        parse(text)
