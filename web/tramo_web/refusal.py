"""What the API answers to whoever it refuses: errors of desks, of the framework, of ours."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final, Literal, get_args, get_origin

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from tramo.model.problem import TramoError

from tramo_web.problem import (
    MEDIA_TYPE,
    problem_body,
    problem_headers,
    unexpected,
    unknown_address,
)
from tramo_web.sentence import read_language

_log = logging.getLogger("tramo.web")

_METHOD: Final = ("request.method", "This address does not take this method.")


def _answer(request: Request[Any, Any, Any], error: TramoError, **more: str) -> Response[bytes]:
    language = read_language(request.headers.get("accept-language"))
    return Response(
        problem_body(error, language),
        status_code=error.status,
        media_type=MEDIA_TYPE,
        headers={**problem_headers(error), **more, "content-language": language},
    )


def on_tramo_error(request: Request[Any, Any, Any], error: TramoError) -> Response[bytes]:
    """Answer what a desk refused."""
    request.app.state.house.tally.turned_away(error.status, error.code)
    return _answer(request, error)


def on_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Answer what the framework refused: an unknown address, a method, a query parameter."""
    status = error.status_code
    if status >= 500:
        return on_unexpected(request, error)
    if isinstance(error, ValidationException):
        return _answer(request, _query_error(request, error))
    if status == 405:
        return _answer(request, TramoError(*_METHOD, status=405), allow=_methods(request))
    if status == 404:
        return _answer(request, unknown_address())
    sentence = f"The request was refused: {HTTPStatus(status).phrase.lower()}."
    return _answer(request, TramoError("request.refused", sentence, status=status))


def _methods(request: Request[Any, Any, Any]) -> str:
    """Return the methods that the address of a request takes."""
    asked = request.scope["path"].strip("/").split("/")
    methods: set[str] = set()
    for route in request.app.routes:
        parts = route.path_format.strip("/").split("/")
        pairs = zip(parts, asked, strict=False)
        if len(parts) == len(asked) and all(a == b or a.startswith("{") for a, b in pairs):
            methods |= {str(method) for method in getattr(route, "methods", ())}
    return ", ".join(sorted(methods))


def _query_error(request: Request[Any, Any, Any], error: ValidationException) -> TramoError:
    first = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    name = str(first.get("key", "")) if isinstance(first, dict) else ""
    detail = str(first.get("message", "")) if isinstance(first, dict) else ""
    name, choices = _as_sent(request, name)
    if choices:
        return TramoError(
            "request.query_choice",
            f"The query parameter “{name}” takes one of these: {choices}.",
            params={"name": name, "choices": choices},
        )
    return TramoError(
        "request.query",
        f"The query parameter “{name}” does not fit: {detail}.",
        params={"name": name, "detail": detail},
    )


def _as_sent(request: Request[Any, Any, Any], name: str) -> tuple[str, str]:
    """Return what a handler's parameter is called in an address, and what it may be, if that is
    listed."""
    handler = request.route_handler
    readers = [handler, *handler.resolve_dependencies().values()]
    for reader in readers:
        field = reader.parsed_fn_signature.parameters.get(name)
        if field is not None:
            sent = getattr(field.kwarg_definition, "name", None) or name
            return sent, ", ".join(_listed(field.annotation))
    return name, ""


def _listed(annotation: Any) -> list[str]:
    """Return the choices of the first Literal within a type."""
    if get_origin(annotation) is Literal:
        return [str(choice) for choice in get_args(annotation)]
    return next(filter(None, map(_listed, get_args(annotation))), [])


def on_gone(_request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """Answer a client that hung up in the middle of its body: nobody reads this."""
    return Response(b"", status_code=400, media_type=MEDIA_TYPE)


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer a fault of ours: logged in full under a reference, told in one plain sentence."""
    reference = request.app.state.house.ids.token()[:8]
    _log.error("request failed reference=%s %s", reference, request.method, exc_info=error)
    return _answer(request, unexpected(reference))
