"""An imitation of a Mailchimp account: audiences, people, tags, events, campaigns, webhooks.

It knows the requests that this connector sends and refuses in Mailchimp's own words. Not imitated:
segments, templates and automations; it does not look whether a webhook's address answers.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import msgspec
from msgspec import UNSET
from tramo import sdk

from tramo_mailchimp.twin import seed, shape
from tramo_mailchimp.twin.news import News, write_form
from tramo_mailchimp.twin.people import ADDRESS, People
from tramo_mailchimp.twin.post import Post
from tramo_mailchimp.twin.problem import Problem, invalid, missing
from tramo_mailchimp.twin.summary import describe

MEMBER: Final = "/lists/{list_id}/members/{hash}"
HOOKS: Final = "/lists/{list_id}/webhooks"
LEARNT: Final = ("mailchimp.person_subscribed", "mailchimp.profile_changed")
LEARNT_FIELDS: Final = ("audience", "email", "first_name", "last_name")

Answer = Callable[["MailchimpTwin", sdk.TwinRequest], Any]


def answers(method: str, path: str) -> Callable[[Answer], Any]:
    """Make a function the answer to an address: its value as JSON, None as no content."""

    def mark(function: Answer) -> Callable[..., Awaitable[sdk.Response]]:
        @sdk.route(method, "/3.0" + path)
        async def answer(self: MailchimpTwin, request: sdk.TwinRequest) -> sdk.Response:
            return await self.perform(function, request)

        return answer

    return mark


class MailchimpTwin(sdk.Twin):
    """The account of a demo shop."""

    hosts: ClassVar[tuple[str, ...]] = ("*.api.mailchimp.com",)
    CONNECTIONS: ClassVar[int] = 10
    """So many requests at once Mailchimp takes from one account."""

    _open = 0
    """Requests that are being answered; nothing to remember, so it is no part of the state."""

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        return {
            "api_key": "0123456789abcdef0123456789abcdef-us21",
            "webhook_secret": "demo-webhook-secret-of-the-twin",
        }

    def fresh_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {"campaigns": {}, "webhooks": {}}
        People(state, self._now).open()
        return state

    @property
    def _now(self) -> str:
        moment = datetime.fromtimestamp(self.clock.now_ms() // 1000, UTC)
        return moment.isoformat(timespec="seconds")

    @property
    def people(self) -> People:
        return People(self.state, self._now)

    @property
    def post(self) -> Post:
        return Post(self.state, self.people, self._now, self.clock.now_ms())

    # The door --------------------------------------------------------------------------------

    async def perform(self, function: Answer, request: sdk.TwinRequest) -> sdk.Response:
        """Answer a request, or refuse it, as one of those that are open at once."""
        self._open += 1
        try:
            await self.clock.sleep(0)  # Lets others in, so that those at once are many.
            if self._open > self.CONNECTIONS:
                detail = "You have exceeded the limit of 10 simultaneous connections."
                raise Problem(429, "Too Many Requests", detail)
            self._check_key(request)
            value = function(self, request)
        except Problem as problem:
            return problem.answer()
        finally:
            self._open -= 1
        if value is None:
            return sdk.Response(status=204)
        if "fields" in request.query:
            heads = {name.partition(".")[0] for name in request.query["fields"].split(",")}
            value = {name: item for name, item in value.items() if name in heads}
        return sdk.json_response(value)

    def _check_key(self, request: sdk.TwinRequest) -> None:
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or not said:
            raise Problem(401, "API Key Missing", "Your request did not include an API key.")
        try:
            pair = base64.b64decode(said, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        key = str(self.credential["api_key"])
        if not hmac.compare_digest(pair.partition(":")[2].encode(), key.encode()):
            raise Problem(401, "API Key Invalid", "Your API key may be invalid.")
        if request.host.partition(".")[0] != key.rpartition("-")[2]:
            raise Problem(403, "Wrong Datacenter", "The API key is of another data center.")

    # The account and its audiences -----------------------------------------------------------

    @answers("GET", "/ping")
    def ping(self, _: sdk.TwinRequest) -> Any:
        return {"health_status": "Everything's Chimpy!"}

    @answers("GET", "/")
    def account(self, _: sdk.TwinRequest) -> Any:
        return dict(seed.ACCOUNT)

    @answers("GET", "/lists")
    def audiences(self, request: sdk.TwinRequest) -> Any:
        shown = [self.people.show_list(list_id) for list_id in self.state["lists"]]
        return _page("lists", shown, shape.read_query(request, shape.Paging))

    @answers("GET", "/lists/{list_id}")
    def audience(self, request: sdk.TwinRequest) -> Any:
        list_id = request.params["list_id"]
        self.people.members(list_id)
        return self.people.show_list(list_id)

    # People ----------------------------------------------------------------------------------

    @answers("PUT", MEMBER)
    def put_member(self, request: sdk.TwinRequest) -> Any:
        lax = shape.read_query(request, shape.MemberQuery).skip_merge_validation
        body = shape.read_body(request, shape.MemberBody)
        list_id, people = request.params["list_id"], self.people
        return people.show(list_id, people.put(list_id, request.params["hash"], body, lax=lax))

    @answers("GET", MEMBER)
    def get_member(self, request: sdk.TwinRequest) -> Any:
        return self.people.show(request.params["list_id"], self._member(request))

    @answers("POST", MEMBER + "/tags")
    def change_tags(self, request: sdk.TwinRequest) -> None:
        body = shape.read_body(request, shape.TagsBody)
        member = self._member(request)
        self.people.change_tags(request.params["list_id"], member, body.tags)

    @answers("POST", MEMBER + "/events")
    def add_event(self, request: sdk.TwinRequest) -> None:
        body = shape.read_body(request, shape.EventBody)
        self.people.note(self._member(request), body)

    @answers("GET", MEMBER + "/events")
    def events(self, request: sdk.TwinRequest) -> Any:
        query = shape.read_query(request, shape.Paging)
        return _page("events", self._member(request)["events"], query)

    @answers("GET", "/search-members")
    def search(self, request: sdk.TwinRequest) -> Any:
        query = shape.read_query(request, shape.SearchQuery)
        found = self.people.search(query.query, None if query.list_id is UNSET else query.list_id)
        return {
            name: {"members": members[:30], "total_items": len(members)}
            for name, members in zip(("exact_matches", "full_search"), found, strict=True)
        }

    def _member(self, request: sdk.TwinRequest) -> dict[str, Any]:
        return self.people.member(request.params["list_id"], request.params["hash"])

    # Campaigns -------------------------------------------------------------------------------

    @answers("POST", "/campaigns")
    def create_campaign(self, request: sdk.TwinRequest) -> Any:
        body = shape.read_body(request, shape.CampaignBody)
        return self.post.show(self.post.create(body))

    @answers("GET", "/campaigns")
    def campaigns(self, request: sdk.TwinRequest) -> Any:
        query = shape.read_query(request, shape.CampaignQuery)
        return _page("campaigns", [self.post.show(each) for each in self.post.found(query)], query)

    @answers("GET", "/campaigns/{campaign_id}")
    def campaign(self, request: sdk.TwinRequest) -> Any:
        return self.post.show(self.post.get(request.params["campaign_id"]))

    @answers("PUT", "/campaigns/{campaign_id}/content")
    def fill_campaign(self, request: sdk.TwinRequest) -> Any:
        body = shape.read_body(request, shape.ContentBody)
        return self.post.fill(self.post.get(request.params["campaign_id"]), body)

    @answers("POST", "/campaigns/{campaign_id}/actions/send")
    def send_campaign(self, request: sdk.TwinRequest) -> None:
        self.post.send(self.post.get(request.params["campaign_id"]))

    # Webhooks --------------------------------------------------------------------------------

    @answers("GET", HOOKS)
    def webhooks(self, request: sdk.TwinRequest) -> Any:
        list_id, hooks = request.params["list_id"], self._hooks(request)
        return {"list_id": list_id, "webhooks": list(hooks.values()), "total_items": len(hooks)}

    @answers("POST", HOOKS)
    def add_webhook(self, request: sdk.TwinRequest) -> Any:
        hooks = self._hooks(request)
        body = shape.read_body(request, shape.WebhookBody)
        url = "" if body.url is UNSET else body.url
        _check_url(url, hooks.values())
        hook_id = f"{0xB00C000000 + self.people.serial():010x}"
        hooks[hook_id] = {
            "id": hook_id,
            "list_id": request.params["list_id"],
            "url": url,
            "events": msgspec.to_builtins(shape.Events() if body.events is UNSET else body.events),
            "sources": msgspec.to_builtins(
                shape.Sources() if body.sources is UNSET else body.sources
            ),
        }
        return hooks[hook_id]

    @answers("PATCH", HOOKS + "/{webhook_id}")
    def change_webhook(self, request: sdk.TwinRequest) -> Any:
        hooks, hook = self._hooks(request), self._hook(request)
        body = shape.read_body(request, shape.WebhookBody)
        if body.url is not UNSET:
            _check_url(body.url, [other for other in hooks.values() if other is not hook])
            hook["url"] = body.url
        for name in ("events", "sources"):
            value = getattr(body, name)
            if value is not UNSET:
                hook[name] = msgspec.to_builtins(value)
        return hook

    @answers("DELETE", HOOKS + "/{webhook_id}")
    def remove_webhook(self, request: sdk.TwinRequest) -> None:
        del self._hooks(request)[self._hook(request)["id"]]

    def _hooks(self, request: sdk.TwinRequest) -> dict[str, Any]:
        self.people.members(request.params["list_id"])
        return self.state["webhooks"].setdefault(request.params["list_id"], {})

    def _hook(self, request: sdk.TwinRequest) -> dict[str, Any]:
        hook = self._hooks(request).get(request.params["webhook_id"])
        if hook is None:
            raise missing()
        return hook

    # What people read ------------------------------------------------------------------------

    def summarise(self, request: sdk.TwinRequest, response: sdk.Response) -> str:
        return describe(request, response, self.state)

    # What Mailchimp delivers -----------------------------------------------------------------

    def happen(self, topic: str | None = None, payload: Any = None) -> sdk.Delivery | None:
        """Somebody joins (`subscribe`), leaves, changes, bounces, or a campaign goes out."""
        if payload is None:
            fired_at = self._now.replace("T", " ")[:19]
            news = News(self.people, self.state["campaigns"], fired_at)
            payload = news.invent(topic or "subscribe")
        return sdk.Delivery(
            headers={"content-type": "application/x-www-form-urlencoded"},
            body=write_form(payload),
            query={"secret": str(self.credential.get("webhook_secret") or "")},
        )

    def learn(self, type: str, output: Any) -> None:
        """Take up a person whom an event speaks of and whom the account does not know."""
        if type not in LEARNT or not isinstance(output, dict):
            return
        known = {name: str(output.get(name) or "") for name in LEARNT_FIELDS}
        list_id, email = known["audience"], known["email"]
        if list_id not in self.state["lists"] or not ADDRESS.fullmatch(email):
            return
        try:
            self.people.member(list_id, email)
        except Problem:
            person = seed.Person(known["first_name"], known["last_name"], email, "", "")
            self.people.add(list_id, person, email)


def _page(name: str, found: list[Any], query: shape.Paging) -> dict[str, Any]:
    return {
        name: found[query.offset : query.offset + query.count],
        "total_items": len(found),
    }


def _check_url(url: str, others: Any) -> None:
    if not url.startswith(("https://", "http://")):
        raise invalid("url", "We couldn't verify the URL is working. Please double check.")
    if any(other["url"].partition("?")[0] == url.partition("?")[0] for other in others):
        raise invalid("url", "Sorry, you can't set up multiple WebHooks for one URL")
