"""The API as one Litestar application, and its description."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Router, get
from litestar.config.app import AppConfig
from litestar.exceptions import HTTPException
from litestar.openapi.config import OpenAPIConfig
from tramo import __version__
from tramo.model.problem import TramoError

from tramo_web import (
    attention,
    catalog,
    connection,
    data_table,
    flow,
    live,
    people,
    pin,
    presence,
    refusal,
    repeat,
    retention,
    run,
    session,
    timeline,
    timetable,
    variable,
)
from tramo_web.arrival import Gone
from tramo_web.auth import admit
from tramo_web.body import ExactResponse

PREFIX: Final = "/api/v1"
Asked = Request[Any, Any, Any]


@get("/health", summary="Whether the server answers", opt={"role": "anyone"})
async def get_health() -> dict[str, str]:
    return {"status": "ok"}


@get("/openapi.json", summary="This description")
async def get_openapi(request: Asked) -> dict[str, Any]:
    return describe(request.app)


def build_api() -> Litestar:
    """Return the application; whoever serves it puts `house` and `front` into its state."""
    rooms = (
        session,
        people,
        flow,
        presence,
        timetable,
        pin,
        run,
        timeline,
        attention,
        retention,
        variable,
        data_table,
        catalog,
        connection,
        live,
    )
    handlers = [handler for room in rooms for handler in room.ROUTES]
    return Litestar.from_config(
        AppConfig(
            route_handlers=[Router(PREFIX, route_handlers=[get_health, get_openapi, *handlers])],
            guards=[admit],
            response_class=ExactResponse,
            exception_handlers={
                TramoError: refusal.on_tramo_error,
                HTTPException: refusal.on_http_error,
                Gone: refusal.on_gone,
                Exception: refusal.on_unexpected,
            },
            # Served by our own route, to signed-in people; the pages of the framework are never on.
            openapi_config=OpenAPIConfig(
                title="Tramo", version=__version__, path="/not-served", render_plugins=()
            ),
            logging_config=None,
        )
    )


def describe(app: Litestar) -> dict[str, Any]:
    """Return the OpenAPI document, with the bodies that our own reader takes."""
    document = app.openapi_schema.to_schema()
    bodies: dict[tuple[str, str], type] = {}
    roles: dict[tuple[str, str], str] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            for method in handler.http_methods:
                place = (route.path_format, method.lower())
                default = "viewer" if method == "GET" else "editor"
                roles[place] = handler.opt.get("role", default)
                if "body" in handler.opt:
                    bodies[place] = handler.opt["body"]
    shapes, components = msgspec.json.schema_components(
        bodies.values(), ref_template="#/components/schemas/{name}"
    )
    document.setdefault("components", {}).setdefault("schemas", {}).update(components)
    for place, role in roles.items():
        operation = document["paths"].get(place[0], {}).get(place[1])
        if operation is not None:
            operation["x-tramo-role"] = role
            if place[1] != "get" and role != "anyone":
                operation.setdefault("parameters", []).append(repeat.PARAMETER)
    for (path, method), shape in zip(bodies, shapes, strict=True):
        document["paths"][path][method]["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": shape}},
        }
    return document
