"""Bodies in and out: bounded in size and time, exact numbers, no field that nobody asked for."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response
from litestar.serialization import default_serializer
from tramo.model import limit
from tramo.model.problem import TramoError, pointer
from tramo.model.value import NotExact, decode, encode

from tramo_web.arrival import BODY_WITHIN_S, read_bytes

T = TypeVar("T")
BODY_BYTES: Final = 1024 * 1024
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_PLACE = re.compile(r" - at `(?:key in )?\$(.*)`\Z", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_FIELD = re.compile(r"(unknown|missing required) field `(.*)`\Z", re.DOTALL)


class ExactResponse(Response[Any]):
    """An answer whose numbers are exact."""

    def render(self, content: Any, media_type: str, enc_hook: Any = default_serializer) -> bytes:
        if isinstance(content, bytes) or not media_type.startswith("application/"):
            return super().render(content, media_type, enc_hook)
        return encode(content)


async def read_value(request: Request[Any, Any, Any], *, most: int = BODY_BYTES) -> Any:
    """Read a request's body as a plain value; raises TramoError that says what is wrong."""
    return _parse(request, await _read_raw(request, most))


async def _read_raw(request: Request[Any, Any, Any], most: int) -> bytes:
    declared = request.headers.get("content-length")
    return await read_bytes(request.receive, most=most, within_s=BODY_WITHIN_S, declared=declared)


def _parse(request: Request[Any, Any, Any], raw: bytes) -> Any:
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.partition("charset=")[2].strip(' "').lower()
    if kind.strip().lower() != "application/json" or charset not in ("", "utf-8", "utf8"):
        raise TramoError(
            "request.content_type",
            "The body must be JSON, sent with Content-Type: application/json.",
            status=415,
        )
    try:
        value = decode(raw)
    except NotExact as error:
        detail = str(error).removeprefix("This is not JSON: ")
        raise TramoError(
            "request.json", f"The body is not JSON: {detail}.", params={"detail": detail}
        ) from None
    _check_depth(raw)
    return value


async def read(request: Request[Any, Any, Any], shape: type[T], *, most: int = BODY_BYTES) -> T:
    """Read a request's body into a Struct; raises TramoError with the path of what does not fit."""
    return _fit(await read_value(request, most=most), shape)


async def read_if_any(request: Request[Any, Any, Any], shape: type[T]) -> T:
    """Read a body that may be left out: nothing stands for an empty object."""
    raw = await _read_raw(request, BODY_BYTES)
    return _fit(_parse(request, raw) if raw else {}, shape)


def _fit(value: Any, shape: type[T]) -> T:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise misfit(str(error)) from None


def misfit(text: str) -> TramoError:
    """Make the error for a value that does not have the shape asked for."""
    place = _PLACE.search(text)
    said = text[: place.start()] if place else text
    steps: list[str | int] = []
    for name, index in _STEP.findall(place[1] if place else ""):
        steps.append(name or int(index))
    code = "request.invalid"
    params: dict[str, Any] = {"detail": said}
    if field := _FIELD.search(said):
        code = "request.unknown_field" if field[1] == "unknown" else "request.missing_field"
        params = {"field": field[2]}
        steps.append(field[2])
    return TramoError(code, f"{said}.", path=pointer(*steps), params=params)


def _check_depth(raw: bytes) -> None:
    brackets = _TEXT.sub(b"", raw).translate(None, _NOT_BRACKETS)
    for _ in range(limit.JSON_DEPTH):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    if brackets:
        raise TramoError(
            "request.deep",
            f"The JSON is nested more than {limit.JSON_DEPTH} levels deep.",
            params={"most": limit.JSON_DEPTH},
        )
