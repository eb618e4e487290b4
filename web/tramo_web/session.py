"""Signing in and out, one-time links, accounts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, patch, post
from msgspec import Meta
from tramo import __version__
from tramo.app.account import Entered, Session
from tramo.app.setting import Settings

from tramo_web.auth import client_address, read_cookie, session_of, write_cookie
from tramo_web.body import ExactResponse, read
from tramo_web.front import Front

Asked = Request[Any, Any, Any]
Language = Literal["en", "es", "pt", "ro"]
Secret = Annotated[str, Meta(max_length=1_000)]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    email: Annotated[str, Meta(max_length=400)]
    password: Secret


class LinkToken(msgspec.Struct, forbid_unknown_fields=True):
    token: Annotated[str, Meta(max_length=200)]


class NewAccount(msgspec.Struct, forbid_unknown_fields=True):
    token: Annotated[str, Meta(max_length=200)]
    name: Annotated[str, Meta(max_length=200)]
    email: Annotated[str, Meta(max_length=400)]
    password: Secret
    language: Language = "en"


class SessionChange(msgspec.Struct, forbid_unknown_fields=True):
    language: Language


@get("/session", summary="Who is signed in")
async def get_session(request: Asked) -> dict[str, Any]:
    _, session = session_of(request)
    return _document(request, session)


@post("/session", summary="Sign in", status_code=200, opt={"role": "anyone", "body": SignIn})
async def sign_in(request: Asked) -> Response[Any]:
    asked = await read(request, SignIn)
    entered = await request.app.state.house.accounts.sign_in(
        asked.email,
        asked.password,
        address=client_address(request),
        before=read_cookie(request, request.app.state.front),
    )
    return _entered(request, entered)


@delete("/session", summary="Sign out", status_code=204, opt={"role": "viewer"})
async def sign_out(request: Asked) -> Response[None]:
    secret, _ = session_of(request)
    await request.app.state.house.accounts.sign_out(secret)
    front: Front = request.app.state.front
    return Response(None, status_code=204, headers={"set-cookie": write_cookie(None, front)})


@patch("/session", summary="Change my language", opt={"role": "viewer", "body": SessionChange})
async def change_session(request: Asked) -> dict[str, Any]:
    secret, session = session_of(request)
    change = await read(request, SessionChange)
    accounts = request.app.state.house.accounts
    await accounts.set_language(session.scope, change.language)
    return _document(request, await accounts.session(secret) or session)


@post(
    "/links/redeem",
    summary="Use a one-time link",
    status_code=200,
    opt={"role": "anyone", "body": LinkToken},
)
async def redeem(request: Asked) -> Response[Any]:
    asked = await read(request, LinkToken)
    redeemed = await request.app.state.house.accounts.redeem(
        asked.token, before=read_cookie(request, request.app.state.front)
    )
    if redeemed.entered is not None:
        return _entered(request, redeemed.entered, purpose=redeemed.purpose)
    answer = {"purpose": redeemed.purpose, "email": redeemed.email, "role": redeemed.role}
    return ExactResponse(answer)


@post(
    "/accounts",
    summary="Make the account of a one-time link",
    status_code=201,
    opt={"role": "anyone", "body": NewAccount},
)
async def create_account(request: Asked) -> Response[Any]:
    asked = await read(request, NewAccount)
    entered = await request.app.state.house.accounts.create_account(
        asked.token,
        name=asked.name,
        email=asked.email,
        password=asked.password,
        language=asked.language,
    )
    return _entered(request, entered, status_code=201)


def _entered(
    request: Asked, entered: Entered, *, status_code: int = 200, **more: str
) -> Response[Any]:
    front: Front = request.app.state.front
    return ExactResponse(
        {**more, **_document(request, entered.session)},
        status_code=status_code,
        headers={"set-cookie": write_cookie(entered.token, front)},
    )


def _document(request: Asked, session: Session) -> dict[str, Any]:
    settings: Settings = request.app.state.house.settings
    return {
        "user": session.user,
        "role": session.role,
        "workspace": session.workspace,
        "csrf": session.csrf,
        "version": __version__,
        "demo": settings.demo,
        "public_url": settings.url,
    }


ROUTES = [get_session, sign_in, sign_out, change_session, redeem, create_account]
