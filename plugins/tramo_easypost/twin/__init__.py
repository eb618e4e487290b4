"""An imitation of an EasyPost account: rates, labels, trackers that move, signed events.

It knows the requests that this connector sends and refuses in EasyPost's own words. The key says
whether it is a test account: then only EasyPost's test codes can be tracked, as there. Not
imitated: customs papers, pick-ups, scan forms, and the load-based limit, which has no published
numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from tramo import sdk

from tramo_easypost.credential import TEST_KEY
from tramo_easypost.twin import shape
from tramo_easypost.twin.book import Book, sign
from tramo_easypost.twin.journey import Journeys
from tramo_easypost.twin.seed import open_account
from tramo_easypost.twin.shape import Refusal
from tramo_easypost.twin.shipment import Shipments
from tramo_easypost.twin.summary import describe
from tramo_easypost.twin.tariff import ACCOUNTS

LISTS_PER_SECOND: Final = 5
"""Source: docs.easypost.com/guides/rate-limiting-guide."""

Work = Callable[[], Any]


class EasyPostTwin(sdk.Twin):
    """One account, behind EasyPost's address and in EasyPost's words."""

    hosts: ClassVar[tuple[str, ...]] = ("api.easypost.com",)

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        return {"api_key": "EZAK-demo-shop", "webhook_secret": "demo-webhook-secret-of-the-twin"}

    def fresh_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "serial": 0,
            "wallet": "filled",
            "shipments": {},
            "trackers": {},
            "webhooks": {},
            "events": [],
            "lists": [],
        }
        open_account(Book(state, self.clock.now_ms(), self.mode))
        return state

    @property
    def mode(self) -> str:
        key = str(self.credential["api_key"])
        return "test" if key.startswith(TEST_KEY) else "production"

    @property
    def book(self) -> Book:
        return Book(self.state, self.clock.now_ms(), self.mode)

    def _carry_out(
        self, request: sdk.TwinRequest, work: Work, *, status: int = 200, is_list: bool = False
    ) -> sdk.Response:
        try:
            shape.check_key(request, str(self.credential["api_key"]))
            if is_list:
                self._throttle()
            return sdk.json_response(work(), status)
        except Refusal as refusal:
            return refusal.answer()

    def _throttle(self) -> None:
        now = self.clock.now_ms()
        recent = [at for at in self.state["lists"] if now - at < 1000]
        self.state["lists"] = recent
        if len(recent) >= LISTS_PER_SECOND:
            raise Refusal(429, "RATE_LIMITED", "Too many requests. Please slow down.")
        recent.append(now)

    # Addresses, shipments and labels ---------------------------------------------------------

    @sdk.route("POST", "/v2/addresses")
    async def write_address(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            body = shape.read_body(request, shape.NEW_ADDRESS)
            return Shipments(self.book).write_address(body["address"])

        return self._carry_out(request, work, status=201)

    @sdk.route("POST", "/v2/shipments")
    async def make_shipment(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            body = shape.read_body(request, shape.NEW_SHIPMENT)
            return Shipments(self.book).make(body["shipment"])

        return self._carry_out(request, work, status=201)

    @sdk.route("GET", "/v2/shipments/{id}")
    async def show_shipment(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            shipments = Shipments(self.book)
            return shipments.show(shipments.find(request.params["id"]))

        return self._carry_out(request, work)

    @sdk.route("POST", "/v2/shipments/{id}/buy")
    async def buy(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            asked = shape.read_body(request, shape.PURCHASE)
            return Shipments(self.book).buy(request.params["id"], asked)

        return self._carry_out(request, work)

    @sdk.route("POST", "/v2/shipments/{id}/refund")
    async def refund(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            shape.read_body(request, shape.NOTHING_MUCH, required=False)
            return Shipments(self.book).refund(request.params["id"])

        return self._carry_out(request, work)

    # Trackers --------------------------------------------------------------------------------

    @sdk.route("POST", "/v2/trackers")
    async def follow(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            asked = shape.read_body(request, shape.NEW_TRACKER)["tracker"]
            code, carrier = asked["tracking_code"], asked.get("carrier")
            return Journeys(self.book).follow(code, carrier, mode=self.mode)

        return self._carry_out(request, work, status=201)

    @sdk.route("GET", "/v2/trackers")
    async def list_trackers(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            size = shape.read_page_size(request.query)
            code = request.query.get("tracking_codes")
            found = [
                tracker
                for tracker in reversed(self.state["trackers"].values())
                if code in (None, tracker["tracking_code"])
            ]
            return {"trackers": found[:size], "has_more": len(found) > size}

        return self._carry_out(request, work, is_list=True)

    @sdk.route("GET", "/v2/trackers/{id}")
    async def show_tracker(self, request: sdk.TwinRequest) -> sdk.Response:
        return self._carry_out(request, lambda: self._find("trackers", request.params["id"]))

    def _find(self, kind: str, id: str) -> dict[str, Any]:
        known = self.state[kind].get(id)
        if known is None:
            raise Refusal(404, "NOT_FOUND", "The requested resource could not be found.")
        return known

    # The account -----------------------------------------------------------------------------

    @sdk.route("GET", "/v2/carrier_accounts")
    async def list_accounts(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            if self.mode == "test":
                message = "This resource requires a production API Key to access."
                raise Refusal(403, "MODE.UNAUTHORIZED", message)
            return [
                {
                    "id": id,
                    "object": "CarrierAccount",
                    "type": kind,
                    "clone": False,
                    "description": f"{name} account of the demo shop",
                    "reference": None,
                    "billing_type": "easypost" if name == "USPS" else "carrier",
                    "readable": name,
                    "logo": None,
                }
                for id, (kind, name) in ACCOUNTS.items()
            ]

        return self._carry_out(request, work, is_list=True)

    @sdk.route("GET", "/v2/events")
    async def list_events(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            size = shape.read_page_size(request.query)
            newest = self.state["events"][::-1]
            return {"events": newest[:size], "has_more": len(newest) > size}

        return self._carry_out(request, work, is_list=True)

    @sdk.route("GET", "/v2/webhooks")
    async def list_webhooks(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            kept = self.state["webhooks"].values()
            return {"webhooks": [self._shown(webhook) for webhook in kept]}

        return self._carry_out(request, work, is_list=True)

    @sdk.route("POST", "/v2/webhooks")
    async def make_webhook(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            given = shape.read_body(request, shape.NEW_WEBHOOK)["webhook"]
            webhook = {
                "id": self.book.new_id("hook"),
                "object": "Webhook",
                "mode": self.mode,
                "url": given["url"],
                "created_at": self.book.at(),
                "disabled_at": None,
                "custom_headers": given.get("custom_headers", []),
                "secret": given.get("webhook_secret"),
            }
            self.state["webhooks"][webhook["id"]] = webhook
            return self._shown(webhook)

        return self._carry_out(request, work, status=201)

    @sdk.route("PATCH", "/v2/webhooks/{id}")
    async def change_webhook(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            given = shape.read_body(request, shape.CHANGED_WEBHOOK)
            webhook = self._find("webhooks", request.params["id"])
            webhook["disabled_at"] = None
            webhook["secret"] = given.get("webhook_secret", webhook["secret"])
            return self._shown(webhook)

        return self._carry_out(request, work)

    @sdk.route("DELETE", "/v2/webhooks/{id}")
    async def drop_webhook(self, request: sdk.TwinRequest) -> sdk.Response:
        def work() -> Any:
            webhook = self._find("webhooks", request.params["id"])
            del self.state["webhooks"][webhook["id"]]
            return {}

        return self._carry_out(request, work)

    @staticmethod
    def _shown(webhook: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in webhook.items() if name != "secret"}

    # What people read, and what happens ------------------------------------------------------

    def summarise(self, request: sdk.TwinRequest, response: sdk.Response) -> str:
        return describe(request, response)

    def happen(self, topic: str | None = None, payload: Any = None) -> sdk.Delivery | None:
        """Let the newest parcel get one stage further, or a refund or a batch come through."""
        if payload is None:
            payload = self._invent(topic or "tracker.updated")
            if payload is None:
                return None
        return self.deliver(payload)

    def move(self, code: str, status: str, detail: str = "status_update") -> sdk.Delivery:
        """Let a parcel be `delivered`, or late: `in_transit` with the detail `delayed`."""
        tracker, before = Journeys(self.book).move(code, status, detail)
        return self.deliver(self.book.note("tracker.updated", tracker, before))

    def deliver(self, event: Any) -> sdk.Delivery:
        """Sign an event as EasyPost does."""
        return sign(sdk.encode(event), str(self.credential.get("webhook_secret") or ""))

    def _invent(self, topic: str) -> Any:
        book = self.book
        if topic == "tracker.updated":
            tracker, before = Journeys(book).advance()
            return book.note(topic, tracker, before)
        if topic == "tracker.created":
            return book.note(topic, next(reversed(self.state["trackers"].values())), {})
        if topic == "refund.successful":
            return book.note(topic, Shipments(book).settle_refund(), {"status": "submitted"})
        if topic == "batch.updated":
            return book.note(topic, Shipments(book).gather(), {"state": "creating"})
        return None

    def learn(self, type: str, output: Any) -> None:
        """Follow the parcel that an event from outside speaks of."""
        raw = output.get("raw") if isinstance(output, dict) else None
        tracker = raw.get("result") if isinstance(raw, dict) else None
        if not type.startswith("easypost.tracking_") or not isinstance(tracker, dict):
            return
        needed = {"id", "tracking_code", "carrier", "status", "created_at"}
        if not all(isinstance(tracker.get(name), str) for name in needed):
            return
        whole = {"finalized": False, "tracking_details": [], "shipment_id": None, **tracker}
        if isinstance(whole["tracking_details"], list):
            self.state["trackers"].setdefault(tracker["id"], whole)
