"""The object that a connector package exports: decorators that collect actions, triggers and the
rest."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar, cast, get_type_hints

from msgspec.structs import replace

from tramo.model.effect import Effect
from tramo.model.node_type import Build, Kind, NodeType, Port, Rule, Source, TriggerManifest
from tramo.sdk.auth import Auth, NoAuth
from tramo.sdk.context import Context
from tramo.sdk.definition import (
    Account,
    Action,
    Choice,
    Definition,
    Notice,
    Page,
    ProbeResult,
    Reaches,
    Trigger,
)
from tramo.sdk.hookspec import hookimpl
from tramo.sdk.own_change import with_own_changes
from tramo.sdk.param import Credential, Output, Params, json_schema, resolve_schema
from tramo.sdk.twin import Twin
from tramo.sdk.webhook import WebhookDoor

SDK_VERSION: Final = "1.0"

Run = TypeVar("Run", bound=Callable[[Context[Any], Any], Awaitable[Any]])
StoredFunction = TypeVar("StoredFunction", bound=Callable[[Any, Any], Any])
Probe = TypeVar("Probe", bound=Callable[[Context[Any], Any], Awaitable[ProbeResult]])
Choose = TypeVar("Choose", bound=Callable[[Context[Any], str], Awaitable[list[Choice]]])
Test = TypeVar("Test", bound=Callable[[Context[Any]], Awaitable[Account]])
Subscribe = TypeVar("Subscribe", bound=Callable[[Context[Any], Any, str], Awaitable[Any]])
Polls = TypeVar("Polls", bound=Callable[[Context[Any], Any, Any], Awaitable[Page]])
Notifier = TypeVar("Notifier", bound=Callable[[Context[Any], Notice], Awaitable[None]])
T = TypeVar("T", bound=Twin)
V = TypeVar("V")


class NoParams(Params):
    """For nodes that take none."""


Ports = Sequence[str] | Mapping[str, str]
"""The names of a node's ways out; or, by name, what people call them."""


class Connector:
    """A connector; the object named by an entry point in `tramo.connectors`.

    Ids of actions and triggers are explicit, for they live in saved flows.
    """

    def __init__(
        self,
        id: str,
        *,
        title: str,
        summary: str = "",
        version: str = "1.0.0",
        sdk: str = ">=1,<2",
        credential: type[Credential] | None = None,
        base_url: str | None = None,
        hosts: Sequence[str] = (),
        auth: Auth | None = None,
        docs_url: str | None = None,
        category: str = "",
        error_message: Callable[[Any], str | None] | None = None,
    ) -> None:
        frame = inspect.currentframe()
        caller = frame.f_back if frame else None
        name = str(caller.f_globals.get("__name__", id)) if caller else id
        self._id = id
        self._category = category or title
        self._base: dict[str, Any] = {
            "id": id,
            "title": title,
            "summary": summary,
            "version": version,
            "package": name,
            "sdk": sdk,
            "credential": credential,
            "base_url": base_url,
            "hosts": tuple(hosts),
            "auth": auth or NoAuth(),
            "docs_url": docs_url,
            "error_message": error_message,
        }
        self._actions: dict[str, Action] = {}
        self._triggers: dict[str, Trigger] = {}
        self._choices: dict[str, Callable[..., Awaitable[list[Choice]]]] = {}
        self._extra: dict[str, Any] = {}

    # The pluggy side -------------------------------------------------------------------------

    @hookimpl
    def tramo_connector(self) -> Definition:
        """Hand the collected definition to the runtime."""
        return Definition(
            **self._base,
            **self._extra,
            actions=dict(self._actions),
            triggers=with_own_changes(self._triggers, self._actions),
            choices=dict(self._choices),
        )

    # Actions ---------------------------------------------------------------------------------

    def action(
        self,
        id: str,
        *,
        title: str,
        effect: Effect = "never_repeat",
        effect_of: Callable[[Mapping[str, Any]], Effect] | None = None,
        v: int = 1,
        costly: bool = False,
        key_window_s: int | None = None,
        category: str | None = None,
        synonyms: Sequence[str] = (),
        ports: Ports = ("out",),
        connection: Literal["none", "optional", "required"] | None = None,
        example: Any = None,
        upgrade: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        causes: Sequence[str] = (),
        needs: tuple[str, str] | None = None,
    ) -> Callable[[Run], Run]:
        """Register `async def f(ctx, params) -> Output` as an action.

        `causes` names triggers of this connector whose events the effect brings about: they do not
        start the same flow again. What it really changed it says by `ctx.add_key`, in the first key
        kind of that trigger. `needs` is a Python module that need not be installed, and what to do
        where it is missing. An action with several ports returns an Exit.
        """

        def register(function: Run) -> Run:
            hints = get_type_hints(function, include_extras=True)
            names = list(inspect.signature(function).parameters)
            params = hints[names[1]]
            output = hints.get("return")
            manifest = NodeType(
                **self._manifest(id, title, function, v, "action", category, synonyms),
                ports=_ports(ports),
                params_schema=json_schema(params),
                choices=_choices(json_schema(params)),
                output_schema=_output_schema(output),
                output_example=example,
                effect=effect,
                effect_of=effect_of,
                costly=costly,
                key_window_s=key_window_s,
                connection=connection or ("required" if self._base["credential"] else "none"),
                upgrade=upgrade,
                needs=needs,
                causes=tuple(f"{self._id}.{cause}" for cause in causes),
            )
            self._actions[_named(id, v)] = Action(manifest=manifest, params=params, run=function)
            return function

        return register

    def stored(
        self,
        id: str,
        *,
        title: str,
        v: int = 1,
        kind: Kind = "action",
        effect: Literal["stored", "pure"] = "stored",
        ports: Ports = ("out",),
        category: str | None = None,
        synonyms: Sequence[str] = (),
        output: Any = None,
        example: Any = None,
    ) -> Callable[[StoredFunction], StoredFunction]:
        """Register `def f(store: Store, params) -> Output | Exit | Hold`: a node that changes
        Tramo's own database only, exactly once; `pure` if it only reads there."""

        def register(function: StoredFunction) -> StoredFunction:
            hints = get_type_hints(function, include_extras=True)
            params = hints[list(inspect.signature(function).parameters)[1]]
            manifest = NodeType(
                **self._manifest(id, title, function, v, kind, category, synonyms),
                ports=_ports(ports),
                params_schema=json_schema(params),
                output_schema=_output_schema(output),
                output_example=example,
                effect=effect,
            )
            self._actions[_named(id, v)] = Action(manifest=manifest, params=params, stored=function)
            return function

        return register

    def inline(
        self,
        id: str,
        *,
        title: str,
        params: type[Params] = NoParams,
        v: int = 1,
        kind: Kind = "action",
        rule: Rule = "plain",
        ports: Ports = ("out",),
        own_ports: str | None = None,
        category: str | None = None,
        synonyms: Sequence[str] = (),
        output: Any = None,
        example: Any = None,
    ) -> Callable[[Build], Build]:
        """Register a pure node that the engine settles itself.

        The function gets the node's raw params and a compiler for values in them, once per version,
        and returns the function that settles a step: variables in, (port, output) out.
        """

        def register(function: Build) -> Build:
            manifest = NodeType(
                **self._manifest(id, title, function, v, kind, category, synonyms),
                ports=_ports(ports),
                own_ports=own_ports,
                params_schema=json_schema(params),
                output_schema=_output_schema(output),
                output_example=example,
                effect="pure",
                rule=rule,
                build=function,
            )
            self._actions[_named(id, v)] = Action(manifest=manifest, params=params)
            return function

        return register

    def probe(self, id: str, *, v: int = 1) -> Callable[[Probe], Probe]:
        """Register the read-back of a never_repeat action: did the effect take place?"""

        def register(function: Probe) -> Probe:
            action = self._actions[_named(id, v)]
            manifest = replace(action.manifest, has_probe=True)
            self._actions[_named(id, v)] = replace(action, manifest=manifest, probe=function)
            return function

        return register

    # Triggers --------------------------------------------------------------------------------

    def webhook_trigger(
        self,
        id: str,
        *,
        title: str,
        topic: str,
        event: Any = None,
        summary: str = "",
        keys: Mapping[str, str] | None = None,
        output: Callable[[Any], Any] | None = None,
        params: type[Params] = NoParams,
        matches: Callable[[Any, Any], bool] | None = None,
        v: int = 1,
        synonyms: Sequence[str] = (),
        example: Any = None,
    ) -> None:
        """Register a trigger that the connection's deliveries of `topic` start."""
        self.trigger(
            id,
            title=title,
            source="webhook",
            topic=topic,
            event=event,
            summary=summary,
            keys=keys,
            output=output,
            params=params,
            matches=matches,
            v=v,
            synonyms=synonyms,
            example=example,
        )

    def trigger(
        self,
        id: str,
        *,
        title: str,
        source: Source,
        topic: str | None = None,
        event: Any = None,
        summary: str = "",
        keys: Mapping[str, str] | None = None,
        output: Callable[[Any], Any] | None = None,
        params: type[Params] = NoParams,
        matches: Callable[[Any, Any], bool] | None = None,
        v: int = 1,
        category: str | None = None,
        synonyms: Sequence[str] = (),
        connection: Literal["none", "optional", "required"] | None = None,
        example: Any = None,
    ) -> None:
        """Register a trigger of any source."""
        manifest = NodeType(
            type=f"{self._id}.{id}",
            v=v,
            kind="trigger",
            connector=self._id,
            title=title,
            summary=summary,
            category=category or self._category,
            synonyms=tuple(synonyms),
            params_schema=json_schema(params),
            choices=_choices(json_schema(params)),
            output_schema=_output_schema(event),
            output_example=example,
            effect="pure",
            connection=connection or ("required" if self._base["credential"] else "none"),
            trigger=TriggerManifest(source=source, topic=topic, keys=dict(keys or {})),
        )
        self._triggers[_named(id, v)] = Trigger(
            manifest=manifest, params=params, output=output, matches=matches
        )

    def poll(
        self,
        id: str,
        *,
        title: str,
        every_s: int = 300,
        event: Any = None,
        keys: Mapping[str, str] | None = None,
        output: Callable[[Any], Any] | None = None,
        matches: Callable[[Any, Any], bool] | None = None,
        v: int = 1,
        category: str | None = None,
        synonyms: Sequence[str] = (),
        connection: Literal["none", "optional", "required"] | None = None,
        example: Any = None,
    ) -> Callable[[Polls], Polls]:
        """Register `async def f(ctx, params, cursor) -> Page`: asks the vendor for what is new.

        It is called every `every_s` seconds, with the cursor that it returned before; what the
        first call finds starts nothing. Each item's id starts a flow once, so that a page may
        repeat what an earlier one held. Raise what actions raise: a poll that fails is tried again,
        later each time.
        """

        def register(function: Polls) -> Polls:
            hints = get_type_hints(function, include_extras=True)
            params = hints[list(inspect.signature(function).parameters)[1]]
            self.trigger(
                id,
                title=title,
                source="poll",
                event=event,
                summary=_summary(function),
                keys=keys,
                output=output,
                params=params,
                matches=matches,
                v=v,
                category=category,
                synonyms=synonyms,
                connection=connection,
                example=example,
            )
            place = _named(id, v)
            self._triggers[place] = replace(self._triggers[place], poll=function, every_s=every_s)
            return function

        return register

    # The rest --------------------------------------------------------------------------------

    def choices(self, name: str) -> Callable[[Choose], Choose]:
        """Register `async def f(ctx, search: str) -> list[Choice]` for a form field."""

        def register(function: Choose) -> Choose:
            self._choices[name] = function
            return function

        return register

    def test(self, function: Test) -> Test:
        """Register `async def f(ctx) -> Account`: a real call that proves the credential."""
        return self._set("test", function)

    def subscribe(self, function: Subscribe) -> Subscribe:
        """Register `async def f(ctx, topics, address)`: let the vendor deliver them there."""
        return self._set("subscribe", function)

    def unsubscribe(self, function: Subscribe) -> Subscribe:
        """Register `async def f(ctx, topics, address)`: make the vendor stop."""
        return self._set("unsubscribe", function)

    def notifier(self, *, reaches: Reaches) -> Callable[[Notifier], Notifier]:
        """Register `async def f(ctx, notice: Notice) -> None`: brings Tramo's own notices.

        It is called again after a failure, with the same `ctx.key` and a higher `ctx.attempt`; a
        vendor that can tell what it has under that key gets it once.
        """

        def register(function: Notifier) -> Notifier:
            self._extra["reaches"] = reaches
            return self._set("notify", function)

        return register

    def door(self, door: WebhookDoor) -> None:
        """Say how deliveries to a connection's address are checked and read."""
        self._extra["door"] = door

    def twin(self, twin: type[T]) -> type[T]:
        """Register the class that imitates the vendor."""
        return self._set("twin", twin)

    def _set(self, name: str, value: V) -> V:
        self._extra[name] = value
        return value

    def _manifest(
        self,
        id: str,
        title: str,
        function: Callable[..., Any],
        v: int,
        kind: Kind,
        category: str | None,
        synonyms: Sequence[str],
    ) -> dict[str, Any]:
        return {
            "type": f"{self._id}.{id}",
            "v": v,
            "kind": kind,
            "connector": self._id,
            "title": title,
            "summary": _summary(function),
            "category": category or self._category,
            "synonyms": tuple(synonyms),
        }


def _ports(ports: Ports) -> tuple[Port, ...]:
    if isinstance(ports, Mapping):
        return tuple(Port(name, title) for name, title in ports.items())
    return tuple(Port(name) for name in ports)


def _summary(function: Callable[..., Any]) -> str:
    """Return the first paragraph of a docstring: users read it, the rest is for engineers."""
    return " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())


def _named(id: str, v: int) -> str:
    return f"{id}@{v}"


def _output_schema(kind: Any) -> dict[str, Any] | None:
    if kind is None or kind is type(None) or kind is Any:
        return None
    if isinstance(kind, dict):
        return cast("dict[str, Any]", kind)
    return json_schema(kind)


def _choices(schema: dict[str, Any]) -> dict[str, str]:
    """Find the fields that offer choices, as pointers into the params."""
    properties = resolve_schema(schema).get("properties", {})
    found: dict[str, str] = {}
    for name, field in properties.items():
        words = field.get("x-tramo", {})
        if "choices" in words:
            found[f"/{name}"] = words["choices"]
    return found


__all__ = ["SDK_VERSION", "Connector", "NoParams", "Output"]
