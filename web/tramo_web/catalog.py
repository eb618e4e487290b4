"""The catalogue of node types, and expressions tried out."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from msgspec import Meta
from tramo.model.value import encode

from tramo_web.body import read
from tramo_web.sentence import read_language

Asked = Request[Any, Any, Any]


class Evaluation(msgspec.Struct, forbid_unknown_fields=True):
    template: Any
    env: dict[str, Any] = {}
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"
    language: Annotated[str, Meta(max_length=8)] | None = None
    """In which language problems are told; the reader's own where it is left out."""


@get("/catalog", summary="Node types, connectors and filters")
async def get_catalog(request: Asked) -> Response[Any]:
    language = read_language(request.headers.get("accept-language"))
    body = encode(await request.app.state.house.catalog.catalog(language))
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "etag": etag,
        "cache-control": "private, no-cache",
        "vary": "Accept-Language",
        "content-language": language,
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@post(
    "/expressions/evaluate",
    summary="Try an expression",
    status_code=200,
    opt={"role": "viewer", "body": Evaluation},
)
async def evaluate(request: Asked) -> Any:
    asked = await read(request, Evaluation)
    language = asked.language or read_language(request.headers.get("accept-language"))
    return await request.app.state.house.catalog.evaluate(
        asked.template, asked.env, asked.timezone, language
    )


ROUTES = [get_catalog, evaluate]
