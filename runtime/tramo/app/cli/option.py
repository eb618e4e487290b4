"""What commands share: their groups, and the options that say where the work is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter, validators

RUN = Group("Run Tramo", sort_key=1)
TRY = Group("Check and try flows", sort_key=2)
USE = Group("Work with a server or a data folder", sort_key=3)
KEEP = Group("Keep it safe", sort_key=4)
ABOUT = Group("About this installation", sort_key=5)

Data = Annotated[
    Path | None,
    Parameter(help="The data folder. Default: TRAMO_DATA, or a folder of your user's own."),
]
Host = Annotated[str | None, Parameter(help="Address to listen on. Default 127.0.0.1.")]
PORT = validators.Number(gte=1, lte=65_535)
Port = Annotated[int | None, Parameter(validator=PORT, help="Port to listen on. Default 8700.")]
DatabaseUrl = Annotated[
    str | None,
    Parameter(
        name="--database",
        help="postgresql://… that servers and workers share. Default: TRAMO_DATABASE, or a SQLite "
        "file in the data folder.",
    ),
]
RedisUrl = Annotated[
    str | None,
    Parameter(
        name="--redis",
        help="redis://… over which servers and workers ring for each other. Default: TRAMO_REDIS.",
    ),
]
Slots = Annotated[
    int | None,
    Parameter(
        validator=validators.Number(gte=0, lte=10_000),
        help="Runs that this process works on at once. Default: TRAMO_SLOTS, or 200.",
    ),
]
Json = Annotated[bool, Parameter(negative="", help="Print JSON, numbers exact, for scripts.")]
Server = Annotated[
    str | None,
    Parameter(env_var="TRAMO_SERVER", help="A running server, such as https://tramo.example.com."),
]
Token = Annotated[str | None, Parameter(env_var="TRAMO_TOKEN", help="An API token for --server.")]


def place_of(data: Path | None, server: str | None, token: str | None) -> Any:
    """Say where the person wants the work done."""
    from tramo.app.cli.reach import Place  # What it stands on is not needed to show a help page.

    return Place(data=data, server=server, token=token)


def check_seconds(type_: object, value: float) -> None:
    """Raise ValueError for what is no time to wait."""
    del type_
    if not value > 0:  # NaN is neither more nor less.
        raise ValueError("Must be above 0.")
