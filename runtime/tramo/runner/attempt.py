"""One attempt of one step: from resolved params to what happened, classified."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import msgspec

from tramo import sdk
from tramo.engine import Answered, Ended, Failed, Failure, Happening, Perform
from tramo.engine.journal import Raw
from tramo.graph.plan import PlanNode
from tramo.model import limit
from tramo.model.node_type import NodeType
from tramo.model.value import NotExact, decode, encode
from tramo.sdk.definition import Action
from tramo.store.commit import StoreUnavailable, translated

TIMEOUT_S = 60.0
_CODE = re.compile(r"[a-z0-9_.-]{1,80}")
"""What an error code looks like; a vendor's words that do not are no code."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What a context is made of, and whose call it is."""

    run_id: str
    flow_id: str
    workspace_id: str
    connector: str
    connection_id: str | None
    needs_connection: bool
    key: str
    attempt: int
    language: str
    timezone: str
    now: str
    may_send: Callable[[], bool] = lambda: True
    """Asked before anything that changes something is sent: the run must still be ours."""


class Contexts(Protocol):
    """Makes the context of a call. Raises sdk.ActionError when the connection cannot be used."""

    async def open(self, call: Call) -> Any: ...

    async def refused(self, call: Call) -> None:
        """Note that the vendor does not accept the connection's credential any more."""
        ...


class Attempts:
    """Carries out attempts. It knows actions and contexts, and nothing of runs."""

    def __init__(
        self,
        actions: Callable[[str, int], Action | None],
        contexts: Contexts,
        now_ms: Callable[[], int],
    ) -> None:
        self._actions = actions
        self._contexts = contexts
        self._now_ms = now_ms

    async def carry_out(self, node: PlanNode, perform: Perform, call: Call) -> Happening:
        """Run one attempt, or a probe, and say what happened. Cancellation passes through."""
        place = (perform.node, perform.iteration)
        context: Any = None
        try:
            action = self._action(node.type)
            params = _converted(action, perform.params, node)
            context = await self._opened(call)
            if not call.may_send():
                raise sdk.Transient(
                    "This worker was held up; whoever has the run now goes on with it.",
                    code="run.lease_over",
                    settled=True,
                )
            async with asyncio.timeout(node.node.timeout_s or TIMEOUT_S):
                if perform.probe:
                    assert action.probe is not None
                    return self._probed(place, await action.probe(context, params))
                assert action.run is not None
                given = await action.run(context, params)
            way = given if isinstance(given, sdk.Exit) else sdk.Exit("out", given)
            raw = _clean(encoded(way.output, node), context.redactor)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - an answer too: SystemExit ends no server
            if isinstance(error, sdk.CredentialRefused):
                await self._contexts.refused(call)
            sent = bool(context is not None and context.sent) or perform.probe
            failure = classified(error, node, sent)
            if context is not None:
                failure = msgspec.structs.replace(
                    failure,
                    message=context.redactor.text(failure.message),
                    details=context.redactor.value(failure.details),
                    params=context.redactor.value(failure.params),
                )
            return Failed(self._now_ms(), *place, failure, perform.probe)
        keys = tuple(context.keys)
        return Ended(self._now_ms(), *place, decode(raw), Raw(raw), port=way.port, keys=keys)

    async def _opened(self, call: Call) -> Any:
        """Make the call's context; what it needs may lie in a database that is away for a while."""
        try:
            return await self._contexts.open(call)
        except Exception as error:
            if not isinstance(translated(error), StoreUnavailable):
                raise
            raise sdk.Transient(
                "Tramo's database could not be read just then.",
                code="store.unavailable",
                settled=True,
            ) from error

    def is_stored(self, node: PlanNode) -> bool:
        """Tell whether a step is a function over Tramo's own database."""
        action = self._actions(node.type.type, node.type.v)
        return action is not None and action.stored is not None

    def stored(self, node: PlanNode, perform: Perform) -> tuple[Callable[[Any, Any], Any], Any]:
        """Return the function of a stored step and its params; raises ActionError."""
        action = self._action(node.type)
        assert action.stored is not None
        return action.stored, _converted(action, perform.params, node)

    def _action(self, kind: NodeType) -> Action:
        action = self._actions(kind.type, kind.v)
        if action is None:
            raise sdk.Unavailable(
                f"{kind.type} is not installed any more; install its connector.",
                code="connector.gone",
                params={"type": kind.type},
            )
        return action

    def _probed(self, place: tuple[int, Any], found: Any) -> Happening:
        at = self._now_ms()
        match found:
            case sdk.Happened(output=output):
                return Answered(at, *place, "happened", sdk.plain(output), "probe")
            case sdk.DidNotHappen():
                return Answered(at, *place, "resend", None, "probe")
            case _:
                return Failed(at, *place, _UNKNOWN, probed=True)


_UNKNOWN = Failure(
    kind="bug",
    code="step.unknown_outcome",
    message="The answer was lost, and the vendor could not say whether it happened.",
    doubt=True,
)


def _converted(action: Action, params: Any, node: PlanNode) -> Any:
    try:
        return msgspec.convert(params, action.params)
    except msgspec.ValidationError as error:
        raise _misfit(str(error), node) from None


def _misfit(message: str, node: PlanNode) -> sdk.BadParams:
    """Turn the validator's sentence and path into one that names the field."""
    text, _, path = message.partition(" - at `$.")
    field = path.rstrip("`")
    kinds = [_WORDS.get(word, word) for word in _EXPECTED.findall(text)]
    for word, plain in _WORDS.items():
        text = text.replace(f"`{word}`", plain)
    place = f"“{node.node.title}”, field “{field}”" if field else f"“{node.node.title}”"
    params: dict[str, Any] = {"why": "field", "field": field}
    if len(kinds) == 2:
        params |= {"why": "kind", "wanted": kinds[0], "kind": kinds[1]}
    return sdk.BadParams(f"{place}: {text[:1].lower()}{text[1:]}.", params=params)


_EXPECTED = re.compile(r"`([^`|]+)`")


_WORDS = {
    "str": "text",
    "int": "a whole number",
    "decimal": "a number",
    "Decimal": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "an empty value",
}


def encoded(output: Any, node: PlanNode) -> bytes:
    """Return an output as JSON; raises TypeError for what is not plain, Rejected for too much."""
    try:
        raw = encode(output)
        decode(raw)
    except (TypeError, ValueError, RecursionError, NotExact) as error:
        raise TypeError(f"The output of {node.type.type} is not plain data: {error}") from None
    if len(raw) > limit.OUTPUT_BYTES:
        raise sdk.Rejected(
            f"The output has {len(raw):,} bytes; at most {limit.OUTPUT_BYTES:,} are kept. "
            "Ask for less.",
            code="output.too_large",
            params={"kb": len(raw) // 1024, "most_kb": limit.OUTPUT_BYTES // 1024},
        )
    return raw


def _clean(raw: bytes, redactor: Any) -> bytes:
    """Mask the connection's secrets in an output: a vendor may send back what it was sent."""
    text = raw.decode()
    if redactor.text(text) == text:
        return raw
    return encode(redactor.value(decode(raw)))


def classified(error: BaseException, node: PlanNode, sent: bool) -> Failure:
    """Say what kind of failure an exception is, and whether the vendor may have acted."""
    if isinstance(error, sdk.ActionError):
        transient = isinstance(error, sdk.Transient)
        return Failure(
            kind=_KINDS.get(type(error), "rejected"),
            code=error.code if _CODE.fullmatch(error.code) else error.default_code,
            message=_named(error.message, node),
            details=_plain_details(error.details),
            params=_plain_params(error.params),
            retry_after_s=error.retry_after_s if isinstance(error, sdk.Transient) else None,
            doubt=sent and transient and not error.settled,
        )
    if isinstance(error, TimeoutError):
        limit_s = node.node.timeout_s or int(TIMEOUT_S)
        return Failure(
            kind="transient",
            code="step.timeout",
            message=f"“{node.node.title}” took longer than {limit_s:g} s.",
            params={"limit_s": limit_s},
            doubt=sent,
        )
    return Failure(
        kind="bug",
        code="connector.bug",
        message=f"The connector {node.type.connector} made a mistake "
        f"({type(error).__name__}: {str(error)[:300]}). Tell its author.",
        params={
            "connector": node.type.connector,
            "detail": f"{type(error).__name__}: {str(error)[:300]}",
        },
        doubt=sent,
    )


_KINDS: dict[type[sdk.ActionError], Any] = {
    sdk.Transient: "transient",
    sdk.CredentialRefused: "credential",
    sdk.Rejected: "rejected",
    sdk.BadParams: "params",
    sdk.Unavailable: "unavailable",
}


def _named(message: str, node: PlanNode) -> str:
    """Say which node a vendor's words are about, unless they say it."""
    title = f"“{node.node.title}”"
    return message if message.startswith(title) else f"{title}: {message}"


def _plain_params(params: dict[str, Any]) -> dict[str, Any]:
    """Sentences are filled with short plain values; what is none is told as text."""
    return {
        name: value if isinstance(value, str | int | Decimal) else str(value)[:300]
        for name, value in params.items()
    }


def _plain_details(details: Any) -> Any:
    try:
        return sdk.plain(details)
    except Exception:  # noqa: BLE001 - details are shown as far as they can be
        return str(details)[:1_000]
