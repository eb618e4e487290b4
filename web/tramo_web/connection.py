"""Connections: accounts at vendors, their tests, choices and twins. Secrets go in, never out."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.params import Parameter
from msgspec import UNSET, Meta, UnsetType
from tramo.model.connection import Target

from tramo_web.auth import caller_of
from tramo_web.body import read
from tramo_web.sentence import read_language

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class NewConnection(msgspec.Struct, forbid_unknown_fields=True):
    connector: Annotated[str, Meta(max_length=80)]
    name: Name
    target: Target = "live"
    credential: dict[str, Any] = {}


class ConnectionChange(msgspec.Struct, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    credential: dict[str, Any] | UnsetType = UNSET


class TwinDelivery(msgspec.Struct, forbid_unknown_fields=True):
    type: Annotated[str, Meta(max_length=130)]
    payload: Any = None


@get("/connections", summary="Connections")
async def list_connections(request: Asked) -> Any:
    return await _desk(request).list(caller_of(request).scope)


@post("/connections", summary="Make a connection", opt={"body": NewConnection})
async def create_connection(request: Asked) -> Any:
    asked = await read(request, NewConnection)
    return await _desk(request).create(
        caller_of(request).scope, asked.connector, asked.name, asked.target, asked.credential
    )


@patch("/connections/{connection_id:str}", summary="Rename it or renew its credential",
       opt={"body": ConnectionChange})  # fmt: skip
async def change_connection(request: Asked, connection_id: Part) -> Any:
    asked = await read(request, ConnectionChange)
    return await _desk(request).update(
        caller_of(request).scope,
        connection_id,
        name=None if asked.name is UNSET else asked.name,
        credential=None if asked.credential is UNSET else asked.credential,
    )


@delete("/connections/{connection_id:str}", summary="Delete a connection")
async def delete_connection(request: Asked, connection_id: Part) -> None:
    await _desk(request).delete(caller_of(request).scope, connection_id)


@post("/connections/{connection_id:str}/test", summary="Try it", status_code=200)
async def test_connection(request: Asked, connection_id: Part) -> Any:
    language = read_language(request.headers.get("accept-language"))
    return await _desk(request).test(caller_of(request).scope, connection_id, language)


@get("/connections/{connection_id:str}/choices/{name:str}", summary="Choices for a field")
async def list_choices(
    request: Asked,
    connection_id: Part,
    name: Part,
    q: Annotated[str, Parameter(max_length=300)] = "",
) -> Any:
    language = read_language(request.headers.get("accept-language"))
    return await _desk(request).choices(caller_of(request).scope, connection_id, name, q, language)


@get("/connections/{connection_id:str}/twin", summary="What its twin has seen")
async def get_twin(request: Asked, connection_id: Part) -> Any:
    return await _desk(request).twin(caller_of(request).scope, connection_id)


@post(
    "/connections/{connection_id:str}/twin/deliver",
    summary="Let its twin send an event",
    status_code=200,
    opt={"body": TwinDelivery},
)
async def deliver_from_twin(request: Asked, connection_id: Part) -> Any:
    asked = await read(request, TwinDelivery)
    return await _desk(request).twin_deliver(
        caller_of(request).scope, connection_id, asked.type, asked.payload
    )


def _desk(request: Asked) -> Any:
    return request.app.state.house.connections


ROUTES = [
    list_connections,
    create_connection,
    change_connection,
    delete_connection,
    test_connection,
    list_choices,
    get_twin,
    deliver_from_twin,
]
