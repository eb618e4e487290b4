"""The Shopify twin: a shop with orders, customers and stock that answers its API from memory.

It reads the documents it is sent, checks their variables against the published schema, keeps the
cost bucket and the idempotency keys, and signs what it delivers. It is honest as far as
`tests/plugins/shopify` goes; `quality.toml` lists where the real shop does more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from decimal import Decimal
from inspect import signature
from typing import Any, ClassVar, Final

from tramo import sdk

from tramo_shopify.credential import API_VERSION, DOMAIN
from tramo_shopify.twin.adoption import adopt
from tramo_shopify.twin.change import Changes, Refused
from tramo_shopify.twin.document import (
    Field,
    GraphqlError,
    Operation,
    Shaper,
    fill,
    parse,
    plain_view,
)
from tramo_shopify.twin.payment import make, refundable
from tramo_shopify.twin.shop import Shop
from tramo_shopify.twin.summary import describe
from tramo_shopify.twin.variable import CONTRACT, coerce
from tramo_shopify.twin.view import Views

BUCKET: Final = Decimal(2000)
RESTORE_RATE: Final = Decimal(100)
QUERY_LIMIT: Final = 1000
MUTATION_COST: Final = 10
KEY_WINDOW_MS: Final = 24 * 3600 * 1000
KEY_MISMATCH: Final = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
KEYED: Final = frozenset(CONTRACT["idempotent"])
"""Mutations that Shopify refuses without `@idempotent`, as far as the connector uses them."""


class ShopifyTwin(sdk.Twin):
    """A shop in memory, behind Shopify's address and in Shopify's words."""

    hosts: ClassVar[tuple[str, ...]] = (f"*{DOMAIN}",)

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        return {
            "shop": "casa-lumina",
            "access_token": "twin-access-token",
            "client_secret": "twin-client-secret",
        }

    def fresh_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        Shop(state, self.clock, self.ids).open()
        return state

    @property
    def shop(self) -> Shop:
        return Shop(self.state, self.clock, self.ids)

    @property
    def domain(self) -> str:
        return str(self.credential["shop"]).removesuffix(DOMAIN) + DOMAIN

    # The API ---------------------------------------------------------------------------------

    @sdk.route("POST", "/admin/api/{version}/graphql.json")
    async def graphql(self, request: sdk.TwinRequest) -> sdk.Response:
        """Answer a GraphQL request as Shopify would."""
        if request.host != self.domain:
            return sdk.json_response({"errors": "Not Found"}, 404)
        if request.headers.get("x-shopify-access-token") != self.credential["access_token"]:
            message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return sdk.json_response({"errors": message}, 401)
        try:
            asked = request.json()
        except ValueError:
            asked = None
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            return sdk.json_response({"errors": {"query": "Required parameter missing"}}, 400)
        try:
            answer = self._execute(asked)
        except GraphqlError as error:
            answer = _errors(error)
        return sdk.json_response(answer, headers={"x-shopify-api-version": API_VERSION})

    def _execute(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        operations, fragments = parse(asked["query"])
        operation = _chosen(operations, asked.get("operationName"))
        variables = coerce(operation.variables, asked.get("variables") or {}, operation.defaults)
        shaper = Shaper(fragments, variables)
        cost = shaper.cost(operation.selection)
        if operation.kind == "mutation":
            cost = MUTATION_COST
        throttled = self._take(cost)
        if throttled is not None:
            return throttled
        data = {
            field.alias: self._root(operation, field, shaper)
            for field in shaper.fields(operation.selection)
        }
        return {"data": data, "extensions": {"cost": self._cost(cost, cost)}}

    def _root(self, operation: Operation, field: Field, shaper: Shaper) -> Any:
        views = Views(self.shop, self.domain)
        arguments = fill(field.arguments, shaper.variables)
        if operation.kind == "query":
            root = views.roots.get(field.name)
            if root is None:
                raise _unknown(field.name, "QueryRoot")
            _check_arguments(field.name, root, arguments)
            return shaper.shape(root(**arguments), field.selection)
        changes = Changes(self.shop, views)
        if field.name not in changes.roots:
            raise _unknown(field.name, "Mutation")
        _check_arguments(field.name, changes.roots[field.name][1], arguments)
        if field.name in KEYED:
            payload = self._once(changes, field, arguments, _key(field, shaper))
        else:
            payload = changes.run(field.name, arguments)
        return shaper.shape(payload, field.selection)

    def _once(self, changes: Changes, field: Field, arguments: Mapping[str, Any], key: str) -> Any:
        """Carry a mutation out once per key, and answer its repetitions from memory."""
        keys: dict[str, Any] = self.state["keys"]
        now = self.clock.now_ms()
        for old in [k for k, kept in keys.items() if kept["at"] < now - KEY_WINDOW_MS]:
            del keys[old]
        asked = json.dumps([field.name, arguments], sort_keys=True, default=str)
        kept = keys.get(key)
        if kept is None:
            payload = changes.run(field.name, arguments)
            if not payload["userErrors"]:
                keys[key] = {"at": now, "asked": asked, "payload": plain_view(payload)}
            return payload
        if kept["asked"] == asked:
            return kept["payload"]
        message = "The same idempotency key cannot be used with different parameters"
        if field.name == "refundCreate":  # Its user errors carry no code.
            raise GraphqlError(message, code=KEY_MISMATCH)
        return changes.refuse(field.name, Refused([], message, KEY_MISMATCH))

    # The bucket ------------------------------------------------------------------------------

    def _take(self, cost: int) -> dict[str, Any] | None:
        """Take points from the bucket; returns Shopify's refusal if there are too few."""
        bucket = self.state["bucket"]
        now = self.clock.now_ms()
        restored = Decimal(now - bucket["at"]) / 1000 * RESTORE_RATE
        available = min(BUCKET, Decimal(bucket["available"]) + max(restored, Decimal(0)))
        bucket["at"] = now
        bucket["available"] = str(available)
        if cost > QUERY_LIMIT:
            raise GraphqlError(
                f"Query cost is {cost}, which exceeds the single query max cost limit "
                f"({QUERY_LIMIT}).",
                code="MAX_COST_EXCEEDED",
                cost=cost,
                maxCost=QUERY_LIMIT,
            )
        if cost > available:
            error = GraphqlError("Throttled", code="THROTTLED")
            return {**_errors(error), "extensions": {"cost": self._cost(cost, None)}}
        bucket["available"] = str(available - cost)
        return None

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": BUCKET,
                "currentlyAvailable": int(Decimal(self.state["bucket"]["available"])),
                "restoreRate": RESTORE_RATE,
            },
        }

    # The ledger ------------------------------------------------------------------------------

    def summarise(self, request: sdk.TwinRequest, response: sdk.Response) -> str:
        if response.status != 200:
            return f"Refused with status {response.status}"
        answer = response.json()
        if answer.get("errors"):
            return f"Refused: {answer['errors'][0]['message']}"
        asked = request.json()
        operations, fragments = parse(asked["query"])
        operation = _chosen(operations, asked.get("operationName"))
        given = asked.get("variables") or {}
        variables = coerce(operation.variables, given, operation.defaults)
        names = self._names()
        return "; ".join(
            describe(
                field.name, fill(field.arguments, variables), answer["data"][field.alias], names
            )
            for field in Shaper(fragments, variables).fields(operation.selection)
        )

    def _names(self) -> dict[str, str]:
        state = self.state
        names = {number: order["name"] for number, order in state["orders"].items()}
        names |= {number: item["sku"] for number, item in state["items"].items()}
        names |= {str(variant["id"]): variant["sku"] for variant in state["variants"]}
        for number, customer in state["customers"].items():
            names[number] = f"{customer['first_name']} {customer['last_name']}"
        return names

    # Deliveries ------------------------------------------------------------------------------

    def happen(self, topic: str | None = None, payload: Any = None) -> sdk.Delivery | None:
        """Let something happen in the shop, such as `ORDERS_CREATE`, and return its delivery."""
        name = (topic or "ORDERS_CREATE").replace("/", "_").upper()
        if payload is None:
            event = self._events().get(name)
            if event is None:
                return None
            payload = event()
        return self.deliver(name, payload)

    def learn(self, type: str, output: Any) -> None:
        adopt(self.shop, type, output)

    def _events(self) -> dict[str, Callable[[], Any]]:
        shop = self.shop
        return {
            "ORDERS_CREATE": lambda: _order_body(shop.place_order()),
            "ORDERS_UPDATED": lambda: _order_body(shop.edit_order()),
            "ORDERS_PAID": lambda: _order_body(shop.pay_order()),
            "ORDERS_CANCELLED": lambda: _order_body(
                shop.cancel_order(shop.newest_open_order(), "customer")
            ),
            "REFUNDS_CREATE": self._refund_something,
            "INVENTORY_LEVELS_UPDATE": self._move_something,
            "CUSTOMERS_CREATE": shop.welcome,
        }

    def _refund_something(self) -> Any:
        order = self.shop.pay_order()
        item = order["line_items"][-1]
        paid = order["transactions"][0]
        price = Decimal(item["price_set"]["presentment_money"]["amount"])
        share = min(price, refundable(order, paid))
        return make(self.shop, order, "Damaged on arrival", [(item, 1)], [(paid, share)])

    def _move_something(self) -> Any:
        item, place, after = self.shop.move_some_stock()
        return {
            "inventory_item_id": item,
            "location_id": int(place),
            "available": after,
            "updated_at": self.shop.now(),
            "admin_graphql_api_id": (
                f"gid://shopify/InventoryLevel/{place}?inventory_item_id={item}"
            ),
        }

    def deliver(self, topic: str, payload: Any) -> sdk.Delivery:
        """Sign a body as Shopify does, under ids of its own."""
        body = payload if isinstance(payload, bytes) else sdk.encode(payload)
        secret = str(self.credential.get("client_secret") or "")
        digest = hmac.digest(secret.encode(), body, "sha256")
        return sdk.Delivery(
            headers={
                "content-type": "application/json",
                "user-agent": "Shopify-Captain-Hook",
                "x-shopify-topic": _header_topic(topic),
                "x-shopify-shop-domain": self.domain,
                "x-shopify-api-version": API_VERSION,
                "x-shopify-webhook-id": self._uuid(),
                "x-shopify-event-id": self._uuid(),
                "x-shopify-triggered-at": self.shop.now(),
                "x-shopify-hmac-sha256": b64encode(digest).decode(),
            },
            body=body,
        )

    def _uuid(self) -> str:
        h = hashlib.sha256(self.ids.token().encode()).hexdigest()
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"


def _header_topic(topic: str) -> str:
    """Return `orders/create` for `ORDERS_CREATE`: the last word is what happened."""
    thing, _, happened = topic.lower().rpartition("_")
    return f"{thing}/{happened}"


def _order_body(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order as webhooks carry it: without its payments."""
    return {name: value for name, value in order.items() if name != "transactions"}


def _chosen(operations: list[Operation], name: str | None) -> Operation:
    for operation in operations:
        if name in (None, "", operation.name):
            return operation
    raise GraphqlError(f"No operation named {name!r}")


def _check_arguments(name: str, root: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    try:
        signature(root).bind(**arguments)
    except TypeError as error:
        raise GraphqlError(f"Field '{name}' cannot be asked so: {error}") from None


def _key(field: Field, shaper: Shaper) -> str:
    key = fill(field.directives.get("idempotent", {}), shaper.variables).get("key")
    if isinstance(key, str) and key.strip():
        return key
    raise GraphqlError(
        f"The @idempotent directive with a key is required for {field.name}", code="BAD_REQUEST"
    )


def _unknown(name: str, kind: str) -> GraphqlError:
    return GraphqlError(f"Field '{name}' doesn't exist on type '{kind}'", code="undefinedField")


def _errors(error: GraphqlError) -> dict[str, Any]:
    return {"errors": [{"message": error.message, "extensions": error.extensions}]}
