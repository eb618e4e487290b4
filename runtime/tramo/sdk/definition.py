"""What a connector is made of, as data: the runtime reads these once, at start-up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from tramo.model.node_type import NodeType
from tramo.sdk.auth import Auth, NoAuth
from tramo.sdk.param import Credential, Params
from tramo.sdk.webhook import WebhookDoor


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One value that a form may offer."""

    value: str
    label: str
    hint: str | None = None
    hint_key: str | None = None
    """Where `locales/*.toml` say the hint in other languages: `hint.` and this."""
    hint_params: dict[str, Any] = {}
    """What those sentences are filled with."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whose account a connection turned out to be."""

    name: str
    id: str | None = None


class Happened(msgspec.Struct, frozen=True):
    """A probe found that the effect took place; `output` becomes the step's output."""

    output: Any = None


class DidNotHappen(msgspec.Struct, frozen=True):
    """A probe is certain that the effect did not take place."""


class Unknown(msgspec.Struct, frozen=True):
    """A probe could not tell; a person decides."""


ProbeResult = Happened | DidNotHappen | Unknown


class NoticeLink(msgspec.Struct, frozen=True):
    """A page of ours that a notice leads to; shown as a button where the channel has buttons."""

    label: str
    url: str


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What Tramo itself has to say to a person or a channel: a question, an alert, a reminder.

    It is plain text in the reader's language, and may quote what customers wrote: a notifier lets
    no markup in it work.
    """

    to: str
    """An e-mail address, or what the chat calls a channel, such as `#alerts`."""
    subject: str
    text: str
    links: tuple[NoticeLink, ...] = ()
    language: str = "en"


Reaches = Literal["mail", "chat"]
Notify = Callable[[Any, Notice], Awaitable[None]]

Run = Callable[[Any, Any], Awaitable[Any]]
Stored = Callable[[Any, Any], Any]
"""(Store, params) -> output, Exit or Hold; runs inside the transaction that holds its result."""
Probe = Callable[[Any, Any], Awaitable[ProbeResult]]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """An action or control node: its manifest and, unless it is inline, its code."""

    manifest: NodeType
    params: type[Params]
    run: Run | None = None
    stored: Stored | None = None
    """Set instead of `run` on nodes that change Tramo's own database only."""
    probe: Probe | None = None


class Polled(msgspec.Struct, frozen=True):
    """One thing that a poll found: its id at the vendor, and the vendor's own payload, plain."""

    id: str
    payload: Any


class Page(msgspec.Struct, frozen=True):
    """What a poll found, oldest first, and where the next one goes on."""

    items: Sequence[Polled]
    cursor: Any
    """Plain and small; the next poll gets it back."""
    more: bool = False
    """Ask again at once: there was more than fits in a page."""


Poll = Callable[[Any, Any, Any], Awaitable[Page]]
"""(context, params, cursor) -> Page; the cursor of the first poll is None."""


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger: its manifest and how the vendor's payload becomes its output."""

    manifest: NodeType
    params: type[Params]
    output: Callable[[Any], Any] | None = None
    """Makes the trigger's output of the vendor's payload; None hands it on as it is."""
    matches: Callable[[Params, Any], bool] | None = None
    """Tells from the node's params whether an output starts this flow; None: always."""
    poll: Poll | None = None
    """Asks the vendor for what is new; None: the vendor tells us, or nobody has to be asked."""
    every_s: int = 0
    """How long a poll waits before it asks again, unless the node's param `every_s` says so."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A whole connector, as the registry sees it."""

    id: str
    title: str
    summary: str
    version: str
    package: str
    """The importable package; icon, locales, quality.toml and templates lie in it."""
    sdk: str
    credential: type[Credential] | None = None
    base_url: str | None = None
    hosts: tuple[str, ...] = ()
    """Further hosts that its connections may reach; `{field}` is a public credential field."""
    auth: Auth = NoAuth()
    docs_url: str | None = None
    actions: Mapping[str, Action] = {}
    triggers: Mapping[str, Trigger] = {}
    choices: Mapping[str, Callable[..., Awaitable[list[Choice]]]] = {}
    door: WebhookDoor | None = None
    test: Callable[[Any], Awaitable[Account]] | None = None
    subscribe: Callable[[Any, list[str], str], Awaitable[None]] | None = None
    unsubscribe: Callable[[Any, list[str], str], Awaitable[None]] | None = None
    error_message: Callable[[Any], str | None] | None = None
    notify: Notify | None = None
    """Brings a Notice to its reader; None: this vendor reaches nobody."""
    reaches: Reaches | None = None
    """Whom `notify` reaches: anybody with an e-mail address, or the people of a chat."""
    twin: Any = None
    """The twin class, a subclass of tramo.sdk.twin.Twin."""
