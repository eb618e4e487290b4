"""Workspace variables: what every flow reads as `vars.name`."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, put
from litestar.params import Parameter

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Name = Annotated[str, Parameter(max_length=200)]


class NewValue(msgspec.Struct, forbid_unknown_fields=True):
    """Any plain value; nothing in it is read as a formula."""

    value: Any


@get("/variables", summary="Variables of the workspace")
async def list_variables(request: Asked) -> Any:
    return await _desk(request).list(caller_of(request).scope)


@get("/variables/{name:str}", summary="A variable")
async def get_variable(request: Asked, name: Name) -> Any:
    return await _desk(request).get(caller_of(request).scope, name)


@put("/variables/{name:str}", summary="Set a variable", opt={"body": NewValue})
async def put_variable(request: Asked, name: Name) -> Any:
    asked = await read(request, NewValue)
    return await _desk(request).put(caller_of(request).scope, name, asked.value)


@delete("/variables/{name:str}", summary="Remove a variable")
async def delete_variable(request: Asked, name: Name) -> None:
    await _desk(request).delete(caller_of(request).scope, name)


def _desk(request: Asked) -> Any:
    return request.app.state.house.variables


ROUTES = [list_variables, get_variable, put_variable, delete_variable]
