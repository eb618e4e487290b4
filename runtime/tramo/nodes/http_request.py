"""One request to any web service, for what has no connector of its own.

Its effect follows from the method: reading may be repeated freely, PUT and DELETE leave the same
state, anything else is sent once unless the service takes an idempotency key.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from tramo import sdk
from tramo.nodes import value
from tramo.sdk import Meta

HeaderName = Annotated[str, Meta(extra_json_schema={"format": "header"})]
_BODIES: Final = ("json", "form", "body")


class WebAccount(sdk.Credential, kw_only=True):
    """How requests to one host sign in. The secret goes to that host and to no other."""

    host: Annotated[
        str,
        Meta(
            title="Host",
            description="The only host that gets the secret, such as api.example.com.",
            pattern=r"^[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$",
        ),
    ]
    kind: Annotated[
        Literal["bearer", "basic", "header"],
        Meta(
            title="Kind",
            description="How the service knows you.",
        ),
        sdk.hint(
            labels={
                "bearer": "With a token",
                "basic": "With user name and password",
                "header": "With a header of its own",
            }
        ),
    ] = "bearer"
    name: Annotated[
        str,
        Meta(title="Name", description="The user name, or the name of the header."),
        sdk.hint(when={"kind": ["basic", "header"]}),
    ] = ""
    secret: Annotated[sdk.Secret, Meta(title="Secret", description="The token, key or password.")]


class HttpRequest(sdk.Params, kw_only=True):
    method: Annotated[
        Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        Meta(title="Method", description="GET reads; the others may change something."),
    ] = "GET"
    url: Annotated[
        str,
        Meta(
            title="Address",
            description="The whole address, such as https://api.example.com/orders.",
            min_length=1,
            extra_json_schema={"format": "web-address"},
        ),
    ]
    query: Annotated[
        dict[str, Any],
        Meta(title="Query", description="What follows the ? in the address, name by name."),
        sdk.hint(widget="fields"),
    ] = msgspec.field(default_factory=dict)
    headers: Annotated[
        dict[str, Any],
        Meta(title="Headers", description="Further headers. Put secrets into a connection."),
        sdk.hint(widget="fields"),
    ] = msgspec.field(default_factory=dict)
    json: Annotated[
        Any,
        Meta(title="JSON body", description="Sent as JSON, numbers exactly as they are."),
        sdk.hint(widget="code", language="json", at_most_one_of="body"),
    ] = msgspec.UNSET
    form: Annotated[
        dict[str, Any] | None,
        Meta(title="Form body", description="Sent the way a web form is, name by name."),
        sdk.hint(widget="fields", at_most_one_of="body"),
    ] = None
    body: Annotated[
        sdk.LongText | None,
        Meta(title="Text body", description="Sent as it is; set a Content-Type header with it."),
        sdk.hint(at_most_one_of="body"),
    ] = None
    accept: Annotated[
        list[Annotated[int, Meta(ge=400, le=599)]],
        Meta(
            title="Statuses to accept",
            description="Statuses from 400 on that are an answer here and no failure, such as 404.",
        ),
        sdk.hint(advanced=True),
    ] = msgspec.field(default_factory=list)
    key_header: Annotated[
        HeaderName | None,
        Meta(
            title="Idempotency header",
            description="A header in which the service takes a key and carries out each key once, "
            "such as Idempotency-Key. With it, a POST may be tried again after a lost answer.",
        ),
        sdk.hint(advanced=True),
    ] = None
    timeout_s: Annotated[
        int,
        Meta(title="Time limit", description="How long to wait for the answer.", ge=1, le=300),
        sdk.hint(widget="duration", advanced=True),
    ] = 30


class HttpAnswer(sdk.Output):
    """What the service answered: JSON as data, anything else as text."""

    status: int
    headers: dict[str, str]
    body: Any = None


EXAMPLE: Final = {
    "status": 200,
    "headers": {"content-type": "application/json"},
    "body": {"id": 1, "name": "Example"},
}


def effect_of(params: Mapping[str, Any]) -> sdk.Effect:
    """Return what a request with these params may do to the world."""
    match params.get("method", "GET"):
        case "GET" | "HEAD":
            return "pure"
        case "PUT" | "DELETE":
            return "repeatable"
        case _:
            return "keyed" if params.get("key_header") else "never_repeat"


async def send(ctx: sdk.Context[WebAccount], params: HttpRequest) -> HttpAnswer:
    """Send a request to a web address and hand on the answer."""
    given = [name for name in _BODIES if getattr(params, name) not in (None, msgspec.UNSET)]
    if len(given) > 1:
        raise sdk.BadParams(
            f"{' and '.join(given)} are both given; a request has one body.",
            params={"why": "two_bodies", "fields": ", ".join(given)},
        )
    headers = _written(params.headers, "headers")
    if params.key_header:
        headers[params.key_header] = ctx.uuid_key()
    if ctx.credential is not None:
        headers |= sign_in(ctx.credential, params.url)
    response = await ctx.http.request(
        params.method,
        params.url,
        query=_written(params.query, "query"),
        json=None if params.json is msgspec.UNSET else params.json,
        form=_written(params.form, "form") if params.form is not None else None,
        body=params.body.encode() if params.body is not None else None,
        headers=headers,
        timeout_s=params.timeout_s,
        accept=params.accept,
    )
    return HttpAnswer(status=response.status, headers=dict(response.headers), body=_read(response))


async def prove(ctx: sdk.Context[WebAccount]) -> sdk.Account:
    """Ask the host for its first page, signed in; only a refusal of the secret counts."""
    url = f"https://{ctx.credential.host}/"
    response = await ctx.http.request(
        "GET", url, headers=sign_in(ctx.credential, url), accept=range(400, 500)
    )
    if response.status in (401, 403):
        raise sdk.CredentialRefused(
            f"{ctx.credential.host} does not accept the secret ({response.status}).",
            params={"why": "secret", "host": ctx.credential.host, "status": response.status},
        )
    return sdk.Account(name=ctx.credential.host)


def sign_in(account: WebAccount, url: str) -> dict[str, str]:
    """Return the header that carries the secret; raises BadParams for any other host."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.netloc.lower() != account.host.lower():
        raise sdk.BadParams(
            f"The connection signs in at https://{account.host} only, and the address is another; "
            "choose the connection of that host, or none.",
            params={"why": "other_host", "host": account.host},
        )
    match account.kind:
        case "bearer":
            return {"Authorization": f"Bearer {account.secret}"}
        case "basic":
            pair = f"{account.name}:{account.secret}".encode()
            return {"Authorization": f"Basic {b64encode(pair).decode()}"}
        case "header":
            if not account.name:
                raise sdk.BadParams(
                    "The connection's field “name” is empty; name the header.",
                    params={"why": "header_name"},
                )
            return {account.name: account.secret}


def _written(fields: Mapping[str, Any], place: str) -> dict[str, str]:
    written = {name: value.scalar(item, f"{place}.{name}") for name, item in fields.items()}
    return {name: text for name, text in written.items() if text is not None}


def _read(response: sdk.Response) -> Any:
    """Return the body as data where it says that it is JSON, and is; else as text."""
    if not response.body:
        return None
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return response.json()
        except ValueError:
            return response.text
    return response.text
