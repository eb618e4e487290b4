"""What the type checker says to an author of connectors: right calls pass, wrong ones are named.

Nobody runs this file; `tests/style/test_typing.py` has it checked. Each wrong call carries the
complaint that it must earn, and a complaint that does not come is an error too.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, assert_type

from tramo import sdk


class Account(sdk.Credential):
    token: sdk.Secret
    region: str = "eu"


class Note(sdk.Params):
    text: sdk.LongText
    price: sdk.Money | None = None
    to: Annotated[str, sdk.Meta(max_length=80), sdk.Personal("email")] = ""


class Written(sdk.Output):
    id: str


connector = sdk.Connector(
    "notes",
    title="Notes",
    credential=Account,
    base_url="https://api.notes.example/{region}/",
    auth=sdk.Bearer("token"),
)


# What is right -----------------------------------------------------------------------------------


@connector.action("write", title="Write", effect="keyed", key_window_s=3600)
async def write(ctx: sdk.Context[Account], params: Note) -> Written:
    """Write a note."""
    assert_type(ctx.credential, Account)
    assert_type(ctx.http, sdk.HttpClient)
    assert_type(params.price, Decimal | None)
    reply = await ctx.http.post("notes", json={"text": params.text}, headers={"Key": ctx.key})
    assert_type(reply, sdk.Response)
    if reply.status == 409:
        raise sdk.Rejected("The note is there already.")
    return Written(id=reply.json()["id"])


@connector.probe("write")
async def find(ctx: sdk.Context[Account], params: Note) -> sdk.ProbeResult:
    """Look for the note."""
    reply = await ctx.http.get("notes", query={"text": params.text}, safe=True)
    return sdk.Happened(Written(id="1")) if reply.status == 200 else sdk.Unknown()


@connector.choices("folders")
async def folders(ctx: sdk.Context[Account], search: str) -> list[sdk.Choice]:
    """Offer the folders."""
    return [sdk.Choice(value=search, label=ctx.language)]


@connector.test
async def who(ctx: sdk.Context[Account]) -> sdk.Account:
    """Ask whose token it is."""
    return sdk.Account(name=ctx.credential.region)


@connector.twin
class NotesTwin(sdk.Twin):
    hosts = ("api.notes.example",)


connector.webhook_trigger("noted", title="Noted", topic="note.created", keys={"note": "id"})
Note(text="Hello", price=Decimal("10.10"))

# A decorated function keeps its own type: authors call it from other functions and from tests.


async def again(ctx: sdk.Context[Account]) -> None:
    assert_type(await write(ctx, Note(text="again")), Written)
    assert_type(await folders(ctx, "a"), list[sdk.Choice])
    assert_type(NotesTwin.hosts, tuple[str, ...])


# What is wrong -----------------------------------------------------------------------------------

sdk.Connector("notes")  # pyright: ignore[reportCallIssue]
sdk.Connector("notes", title="Notes", credential=Note)  # pyright: ignore[reportArgumentType]
connector.action("loose", title="Loose", effect="sometimes")  # pyright: ignore[reportArgumentType]
connector.webhook_trigger("lost", title="Lost")  # pyright: ignore[reportCallIssue]
Note()  # pyright: ignore[reportCallIssue]
Note(text=1)  # pyright: ignore[reportArgumentType]
Note(text="Hello", price=10.1)  # pyright: ignore[reportArgumentType]


@connector.action("sync", title="Not asynchronous")  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
def not_asynchronous(ctx: sdk.Context[Account], params: Note) -> Written:
    """Answer before anything was sent."""
    return Written(id=ctx.key + params.text)


@connector.action("short", title="Takes no params")  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
async def takes_no_params(ctx: sdk.Context[Account]) -> Written:
    """Forget what was asked."""
    return Written(id=ctx.key)


@connector.test  # pyright: ignore[reportArgumentType, reportUntypedFunctionDecorator]
async def names_nobody(ctx: sdk.Context[Account]) -> str:
    """Answer with a text instead of an account."""
    return ctx.key


@connector.twin  # pyright: ignore[reportArgumentType, reportUntypedClassDecorator]
class NoTwin:
    """Imitates nobody."""


async def misuse(ctx: sdk.Context[Account]) -> None:
    await ctx.http.request("GET", "notes", retries=3)  # pyright: ignore[reportCallIssue]
    assert_type(ctx.credential.password, str)  # pyright: ignore
    assert_type(ctx.http.get("notes").json(), Any)  # pyright: ignore
