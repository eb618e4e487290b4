"""An imitation of a Slack workspace: channels, people, messages, limits, signed deliveries.

It knows the methods that this connector calls and refuses in Slack's own words. Not imitated:
scopes (the app has all it needs), files, views, and edits or joins as events.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from tramo import sdk

from tramo_slack import workspace
from tramo_slack.argument import (
    Arguments,
    Refusal,
    cut_page,
    read_arguments,
    read_content,
    read_structured,
)
from tramo_slack.workspace import BOT, BOT_USER, TEAM, is_visible, kind_of, show_channel, show_user

MESSAGES_KEPT: Final = 1_000
"""Per channel; the oldest fall out."""
TEXT_LIMIT: Final = 40_000
CHANGED_TEXT_LIMIT: Final = 4_000


class SlackTwin(sdk.Twin):
    """One workspace of a demo shop."""

    hosts = ("slack.com",)
    PER_MINUTE: ClassVar[Mapping[str, int]] = {
        "auth.test": 600,
        "chat.postMessage": 60,  # In each channel: "about one a second".
        "chat.update": 50,
        "conversations.history": 50,
        "conversations.list": 20,
        "conversations.replies": 50,
        "users.lookupByEmail": 50,
    }
    FLAGS: ClassVar[frozenset[str]] = frozenset(
        [
            "link_names",
            "mrkdwn",
            "reply_broadcast",
            "unfurl_links",
            "unfurl_media",
            "exclude_archived",
            "inclusive",
            "include_all_metadata",
        ]
    )

    @classmethod
    def demo_credential(cls) -> dict[str, Any]:
        return {
            "bot_token": "xoxb-demo-shop-0123456789",
            "signing_secret": "demo-signing-secret-of-the-twin",
        }

    def fresh_state(self) -> dict[str, Any]:
        return {
            "channels": workspace.fresh_channels(),
            "users": workspace.fresh_users(),
            "messages": {},
            "calls": {},
            "serial": 0,
        }

    # The door --------------------------------------------------------------------------------

    @sdk.route("GET", "/api/{method}")
    async def read(self, request: sdk.TwinRequest) -> sdk.Response:
        return self._perform(request, self._reads())

    @sdk.route("POST", "/api/{method}")
    async def write(self, request: sdk.TwinRequest) -> sdk.Response:
        return self._perform(request, self._writes())

    def _reads(self) -> dict[str, Callable[[Arguments], dict[str, Any]]]:
        return {
            "auth.test": self._auth_test,
            "conversations.history": self._history,
            "conversations.list": self._list_channels,
            "conversations.replies": self._replies,
            "users.lookupByEmail": self._find_user,
        }

    def _writes(self) -> dict[str, Callable[[Arguments], dict[str, Any]]]:
        return {"chat.postMessage": self._post, "chat.update": self._update}

    def _perform(
        self,
        request: sdk.TwinRequest,
        methods: Mapping[str, Callable[[Arguments], dict[str, Any]]],
    ) -> sdk.Response:
        method = request.params["method"]
        try:
            self._check_token(request)
            if method not in methods:
                known = method in self._reads() or method in self._writes()
                raise Refusal("invalid_post_type" if known else "unknown_method")
            arguments = read_arguments(request, self.FLAGS)
            wait_s = self._throttle(method, str(arguments.get("channel", "")))
            if wait_s:
                return sdk.json_response(
                    {"ok": False, "error": "ratelimited"}, 429, {"retry-after": str(wait_s)}
                )
            return sdk.json_response({"ok": True, **methods[method](arguments)})
        except Refusal as refusal:
            return sdk.json_response({"ok": False, "error": refusal.word})

    def _check_token(self, request: sdk.TwinRequest) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal("not_authed")
        if not hmac.compare_digest(token.encode(), str(self.credential["bot_token"]).encode()):
            raise Refusal("invalid_auth")

    def _throttle(self, method: str, channel: str) -> int:
        """Count a call; return the seconds to wait when its minute is full, else 0."""
        name = f"{method} {channel}" if method == "chat.postMessage" else method
        now = self.clock.now_ms()
        calls = [at for at in self.state["calls"].get(name, []) if at > now - 60_000]
        self.state["calls"][name] = calls
        if len(calls) >= self.PER_MINUTE[method]:
            return max(1, -(-(calls[0] + 60_000 - now) // 1000))
        calls.append(now)
        return 0

    # Methods ---------------------------------------------------------------------------------

    def _auth_test(self, _: Arguments) -> dict[str, Any]:
        return {
            "url": "https://demo-shop.slack.com/",
            "team": "Demo shop",
            "user": "tramo",
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def _post(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._target(arguments)
        message = {"type": "message", "user": BOT_USER, "bot_id": BOT, "team": TEAM}
        message |= read_content(arguments, TEXT_LIMIT)
        thread = arguments.get("thread_ts")
        if thread:
            if not any(known["ts"] == thread for known in self._messages(channel)):
                raise Refusal("thread_not_found")
            message["thread_ts"] = thread
        metadata = read_structured(arguments, "metadata", dict, "invalid_metadata_format")
        message["ts"] = self._next_ts()
        self._messages(channel).append(message | ({"metadata": metadata} if metadata else {}))
        del self._messages(channel)[:-MESSAGES_KEPT]
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _update(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._readable(arguments)
        for message in self._messages(channel):
            if message["ts"] == arguments.get("ts"):
                break
        else:
            raise Refusal("message_not_found")
        if message["user"] != BOT_USER:
            raise Refusal("cant_update_message")
        content = read_content(arguments, CHANGED_TEXT_LIMIT)
        if content.get("blocks") == []:
            message.pop("blocks", None)
            del content["blocks"]
        message |= content
        text = message["text"]
        return {"channel": channel, "ts": message["ts"], "text": text, "message": {"text": text}}

    def _find_user(self, arguments: Arguments) -> dict[str, Any]:
        wanted = str(arguments.get("email", "")).lower()
        for user_id, user in self.state["users"].items():
            if user["email"] == wanted:
                return {"user": show_user(user_id, user)}
        raise Refusal("users_not_found")

    def _list_channels(self, arguments: Arguments) -> dict[str, Any]:
        kinds = str(arguments.get("types") or "public_channel").split(",")
        if not set(kinds) <= {"public_channel", "private_channel", "mpim", "im"}:
            raise Refusal("invalid_types")
        shown = [
            show_channel(channel_id, channel)
            for channel_id, channel in self.state["channels"].items()
            if is_visible(channel)
            and kind_of(channel) in kinds
            and not (arguments.get("exclude_archived") and channel.get("is_archived"))
        ]
        page, following = cut_page(shown, arguments, 100)
        return {"channels": page, "response_metadata": {"next_cursor": following}}

    def _history(self, arguments: Arguments) -> dict[str, Any]:
        channel = self._readable(arguments)
        newest_first = [
            message
            for message in reversed(self._messages(channel))
            if message.get("thread_ts") in (None, message["ts"])
            and str(arguments.get("oldest") or "0") <= message["ts"]
        ]
        return self._shown(newest_first, arguments) | {
            "pin_count": 0,
            "channel_actions_ts": None,
            "channel_actions_count": 0,
        }

    def _replies(self, arguments: Arguments) -> dict[str, Any]:
        thread = arguments.get("ts")
        found = [
            message
            for message in self._messages(self._readable(arguments))
            if thread in (message["ts"], message.get("thread_ts"))
            and (message["ts"] == thread or str(arguments.get("oldest") or "0") <= message["ts"])
        ]
        if not found:
            raise Refusal("thread_not_found")
        return self._shown(found, arguments)

    def _shown(self, messages: list[dict[str, Any]], arguments: Arguments) -> dict[str, Any]:
        page, following = cut_page(messages, arguments, 100)
        if not arguments.get("include_all_metadata"):
            page = [
                {name: value for name, value in message.items() if name != "metadata"}
                for message in page
            ]
        answer: dict[str, Any] = {"messages": page, "has_more": bool(following)}
        return answer | ({"response_metadata": {"next_cursor": following}} if following else {})

    # Lookups ---------------------------------------------------------------------------------

    def _target(self, arguments: Arguments) -> str:
        """Return the id of the channel to post to, which may be named, or be a person."""
        name = str(arguments.get("channel") or "")
        if name in self.state["users"]:
            channel_id = "D" + name[1:]
            self.state["channels"].setdefault(
                channel_id, {"name": name, "is_private": True, "is_member": True, "is_im": True}
            )
            return channel_id
        for channel_id, channel in self.state["channels"].items():
            if name == channel_id or name.removeprefix("#") == channel["name"]:
                return self._allowed(channel_id)
        raise Refusal("channel_not_found")

    def _readable(self, arguments: Arguments) -> str:
        channel_id = str(arguments.get("channel") or "")
        if channel_id not in self.state["channels"]:
            raise Refusal("channel_not_found")
        return self._allowed(channel_id)

    def _allowed(self, id: str) -> str:
        channel = self.state["channels"][id]
        if not is_visible(channel):
            raise Refusal("channel_not_found")
        if not channel["is_member"]:
            raise Refusal("not_in_channel")
        if channel.get("is_archived"):
            raise Refusal("is_archived")
        return id

    def _messages(self, channel: str) -> list[dict[str, Any]]:
        return self.state["messages"].setdefault(channel, [])

    def _next_ts(self) -> str:
        self.state["serial"] += 1
        return f"{self.clock.now_ms() // 1000:010d}.{self.state['serial'] % 1_000_000:06d}"

    # What people read ------------------------------------------------------------------------

    def summarise(self, request: sdk.TwinRequest, response: sdk.Response) -> str:
        answer = response.json()
        method = request.path.rpartition("/")[2]
        try:
            arguments = read_arguments(request, frozenset())
        except Refusal:
            arguments = {}
        text = " ".join(str(arguments.get("text") or "").split())[:200]
        where = self._name(str(arguments.get("channel") or "?"))
        said = {
            "chat.postMessage": f"Message to {where}: {text}",
            "chat.update": f"Change of a message in {where}: {text}",
            "users.lookupByEmail": f"Search for {arguments.get('email', '?')}",
            "conversations.list": "List of channels",
            "conversations.history": f"Look into {where}",
            "conversations.replies": f"Look into a thread of {where}",
            "auth.test": "Test of the token",
        }.get(method, method)
        return said if answer.get("ok") else f"{said} (refused: {answer.get('error')})"

    def _name(self, channel: str) -> str:
        known = self.state["channels"].get(channel)
        return f"#{known['name']}" if known else channel

    def record(self, method: str, path: str, summary: str, status: int, body: bytes) -> None:
        """Show a form in the ledger as the fields it holds."""
        if body and not body.startswith((b"{", b"[")):
            body = sdk.encode(dict(parse_qsl(body.decode("utf-8", "replace"))))
        super().record(method, path, summary, status, body)

    # What Slack delivers ---------------------------------------------------------------------

    def happen(self, topic: str | None = None, payload: Any = None) -> sdk.Delivery | None:
        """Somebody writes (`message`) or presses a button (`block_actions`)."""
        if payload is None:
            payload = self._invent(topic)
        if isinstance(payload, dict) and payload.get("type") == "block_actions":
            kind = "application/x-www-form-urlencoded"
            body = urlencode({"payload": sdk.encode(payload).decode()}).encode()
        else:
            kind, body = "application/json", sdk.encode(payload)
        timestamp = str(self.clock.now_ms() // 1000)
        signature = hmac.new(
            str(self.credential["signing_secret"]).encode(),
            b"v0:" + timestamp.encode() + b":" + body,
            hashlib.sha256,
        ).hexdigest()
        return sdk.Delivery(
            headers={
                "content-type": kind,
                "x-slack-request-timestamp": timestamp,
                "x-slack-signature": f"v0={signature}",
            },
            body=body,
        )

    def _invent(self, topic: str | None) -> dict[str, Any]:
        channel, about = next(iter(self.state["channels"].items()))
        ts, now = self._next_ts(), self.clock.now_ms()
        if topic == "block_actions":
            return workspace.press(channel, about["name"], ts, self.state["serial"], now)
        said = workspace.say(channel, ts, self.state["serial"], now)
        self._messages(channel).append(said["event"])
        return said
