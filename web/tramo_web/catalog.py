"""The catalogue of node types, and expressions tried out."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from msgspec import Meta
from tramo.model.value import encode

from tramo_web.body import read
from tramo_web.pack import squeeze, takes_packed
from tramo_web.sentence import read_language

Asked = Request[Any, Any, Any]


class Evaluation(msgspec.Struct, forbid_unknown_fields=True):
    template: Any
    env: dict[str, Any] = {}
    timezone: Annotated[str, Meta(max_length=64)] = "UTC"
    language: Annotated[str, Meta(max_length=8)] | None = None
    """In which language problems are told; the reader's own where it is left out."""


class _Made(msgspec.Struct, frozen=True):
    """The catalogue in one language as it is sent."""

    catalog: dict[str, Any]
    etag: str
    body: bytes
    packed: bytes


@get("/catalog", summary="Node types, connectors and filters")
async def get_catalog(request: Asked) -> Response[Any]:
    language = read_language(request.headers.get("accept-language"))
    state = request.app.state
    made = _make(state, language, await state.house.catalog.catalog(language))
    headers = {
        "etag": made.etag,
        "cache-control": "private, no-cache",
        "vary": "Accept-Language, Accept-Encoding",
        "content-language": language,
    }
    if made.etag in request.headers.get("if-none-match", ""):
        return Response(None, status_code=304, headers=headers)
    body = made.body
    if takes_packed(request.scope["headers"]):
        headers["content-encoding"] = "gzip"
        body = made.packed
    return Response(body, media_type="application/json", headers=headers)


def _make(state: Any, language: str, catalog: dict[str, Any]) -> _Made:
    """Return the catalogue ready to be sent; it is encoded and packed once for each language."""
    kept: dict[str, _Made] = state.setdefault("catalogs", {})
    made = kept.get(language)
    if made is None or made.catalog is not catalog:
        body = encode(catalog)
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        made = kept[language] = _Made(catalog, etag, body, squeeze(body, level=9))
    return made


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
