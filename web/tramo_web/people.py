"""Members, invitations and API tokens."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post
from litestar.params import Parameter
from msgspec import Meta
from tramo.model.scope import Role

from tramo_web.auth import caller_of
from tramo_web.body import read

Asked = Request[Any, Any, Any]
Part = Annotated[str, Parameter(max_length=200)]


class NewInvitation(msgspec.Struct, forbid_unknown_fields=True):
    email: Annotated[str, Meta(max_length=400)]
    role: Role


class NewToken(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    role: Role


@get("/members", summary="The people of the workspace")
async def list_members(request: Asked) -> dict[str, Any]:
    return await request.app.state.house.accounts.members(caller_of(request).scope)


@delete("/members/{user_id:str}", summary="Remove a member", opt={"role": "owner"})
async def remove_member(request: Asked, user_id: Part) -> None:
    await request.app.state.house.accounts.remove_member(caller_of(request).scope, user_id)


@post("/invitations", summary="Invite somebody", opt={"role": "owner", "body": NewInvitation})
async def invite(request: Asked) -> dict[str, str]:
    asked = await read(request, NewInvitation)
    accounts = request.app.state.house.accounts
    return await accounts.invite(caller_of(request).scope, asked.email, asked.role)


@get("/tokens", summary="API tokens", opt={"role": "editor"})
async def list_tokens(request: Asked) -> dict[str, Any]:
    return await request.app.state.house.accounts.tokens(caller_of(request).scope)


@post("/tokens", summary="Make an API token", opt={"body": NewToken})
async def create_token(request: Asked) -> dict[str, str]:
    asked = await read(request, NewToken)
    accounts = request.app.state.house.accounts
    return await accounts.create_token(caller_of(request).scope, asked.name, asked.role)


@delete("/tokens/{token_id:str}", summary="Delete an API token")
async def delete_token(request: Asked, token_id: Part) -> None:
    await request.app.state.house.accounts.delete_token(caller_of(request).scope, token_id)


ROUTES = [list_members, remove_member, invite, list_tokens, create_token, delete_token]
