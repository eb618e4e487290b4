"""The verbs, and what every one of them shares: how errors are shown and how the process ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from tramo import __version__
from tramo.app.cli import backup, data_table, database, doctor, keep, people, timetable
from tramo.app.cli import run as run_commands
from tramo.app.cli.option import (
    ABOUT,
    KEEP,
    PORT,
    RUN,
    TRY,
    USE,
    Data,
    DatabaseUrl,
    Host,
    Json,
    Port,
    RedisUrl,
    Server,
    Slots,
    Token,
    check_seconds,
    place_of,
)
from tramo.model.scope import Role

app = App(
    name="tramo",
    version=__version__,
    version_flags=["--version"],
    help="Tramo runs the flows of your shop: durable, typed, in your language.",
)


def main(arguments: list[str] | None = None) -> None:
    """Run one command; exit 0 when it did what was asked, 1 when not, 2 for wrong usage."""
    from cyclopts.exceptions import CycloptsError

    from tramo.model.problem import TramoError

    given = sys.argv[1:] if arguments is None else arguments
    if any(not _is_text(word) for word in given):
        print("An argument is not UTF-8 text. Write it anew.", file=sys.stderr)
        sys.exit(2)
    try:
        code = app(given, exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        sys.exit(2)
    except TramoError as error:
        from tramo.app.cli.show import show_error

        show_error(error, as_json="--json" in given)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - a person gets a sentence, never a traceback
        from tramo.app.cli.show import show_bug

        show_bug(error)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


# Run ----------------------------------------------------------------------------------------------


@app.command(group=RUN)
def serve(
    *,
    host: Host = None,
    port: Port = None,
    data: Data = None,
    public_url: Annotated[
        str | None, Parameter(help="How vendors and people reach this server from outside.")
    ] = None,
    database: DatabaseUrl = None,
    redis: RedisUrl = None,
    slots: Slots = None,
) -> int:
    """Serve the editor, the API, the webhook door and the runs, in one process."""
    from tramo.app.cli.server import serve_house

    return serve_house(
        host=host,
        port=port,
        data=data,
        public_url=public_url,
        database=database,
        redis=redis,
        slots=slots,
    )


@app.command(group=RUN)
def worker(
    *,
    database: DatabaseUrl = None,
    redis: RedisUrl = None,
    slots: Slots = None,
    data: Data = None,
    host: Host = None,
    port: Annotated[
        int | None,
        Parameter(
            validator=PORT,
            help="Answer /health, /ready and /metrics at this port. Default: nowhere.",
        ),
    ] = None,
) -> int:
    """Work on runs beside the servers of a PostgreSQL database; as many workers as are wanted."""
    from tramo.app.cli.worker import work

    return work(data=data, database=database, redis=redis, slots=slots, host=host, port=port)


@app.command(group=RUN)
def demo(
    *,
    port: Port = None,
    data: Annotated[
        Path | None, Parameter(help="Keep the demo here. Default: a folder that is gone after.")
    ] = None,
    orders_every_s: Annotated[
        float, Parameter(help="Seconds between the demo shop's orders; 0 for none.")
    ] = 6.0,
) -> int:
    """Start a shop to try Tramo on: orders come in, three flows run, nothing needs a password."""
    from tramo.app.cli.server import serve_demo

    return serve_demo(port=port, data=data, orders_every_s=orders_every_s)


# Check and try ------------------------------------------------------------------------------------


@app.command(group=TRY)
def check(flow: Path, /, *, json: Json = False) -> int:
    """Say everything that is wrong with a flow document. Exit 1 if any of it is an error."""
    from tramo.app.cli.trial import check_file

    return check_file(flow, as_json=json)


@app.command(group=TRY)
def run(
    flow: Path,
    /,
    *,
    event: Annotated[Path, Parameter(help="A JSON file: exactly what the trigger would output.")],
    trigger: Annotated[
        str | None, Parameter(help="The node that fires, where the flow has several triggers.")
    ] = None,
    twins: Annotated[
        bool, Parameter(negative="", help="Give every connection a twin instead of the vendor.")
    ] = False,
    clock: Annotated[
        Literal["real", "fast"],
        Parameter(help="fast: jump to the next due time instead of waiting for it."),
    ] = "real",
    answers: Annotated[
        Path | None,
        Parameter(help="A JSON file: what people answer, and which events come in, and when."),
    ] = None,
    also: Annotated[
        list[Path] | None,
        Parameter(help="A further flow that this one may call; may be given several times."),
    ] = None,
    timeout: Annotated[
        float, Parameter(validator=check_seconds, help="Seconds to wait for the run's end.")
    ] = 60.0,
    json: Json = False,
) -> int:
    """Run a flow once in a throw-away store and print the run. Exit 0 only if it succeeded."""
    from tramo.app.cli.trial import Trial, run_file

    trial = Trial(
        trigger=trigger, twins=twins, fast=clock == "fast", answers=answers, also=tuple(also or ())
    )
    return run_file(flow, event, trial, timeout_s=timeout, as_json=json)


# Work with a server or a data folder --------------------------------------------------------------

flow = App(name="flow", group=USE, help="Put, publish, list and export flows.")
app.command(flow)


@flow.command
def put(
    document: Path,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Save a document as the draft of its flow, making the flow if it is new."""
    from tramo.app.cli.verb import flow_put

    return flow_put(document, place_of(data, server, token), as_json=json)


@flow.command
def publish(
    flow_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Make a flow's draft live, and print the addresses of its webhooks."""
    from tramo.app.cli.verb import flow_publish

    return flow_publish(flow_id, place_of(data, server, token), as_json=json)


@flow.command(name="list")
def flow_list(
    *, data: Data = None, server: Server = None, token: Token = None, json: Json = False
) -> int:
    """List the flows."""
    from tramo.app.cli.verb import flows_list

    return flows_list(place_of(data, server, token), as_json=json)


@flow.command
def export(
    flow_id: str, /, *, data: Data = None, server: Server = None, token: Token = None
) -> int:
    """Print a flow's draft document."""
    from tramo.app.cli.verb import flow_export

    return flow_export(flow_id, place_of(data, server, token))


flow.command(run_commands.flow_start, name="start")
flow.command(timetable.flow_timetable, name="timetable")

connection = App(name="connection", group=USE, help="Put, list and test connections.")
app.command(connection)


@connection.command(name="put")
def connection_put(
    connector: str,
    /,
    *,
    name: Annotated[str, Parameter(help="What people call it.")],
    set: Annotated[
        list[str] | None,
        Parameter(
            name="--set", negative="", help="A field that is no secret: field=value. Repeat it."
        ),
    ] = None,
    secret_stdin: Annotated[
        bool,
        Parameter(
            negative="",
            help="Read the secrets from standard input: a JSON object, or the one secret itself.",
        ),
    ] = False,
    twin: Annotated[
        bool, Parameter(negative="", help="Connect to the vendor's twin; needs no secret.")
    ] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Keep a connection, or replace the one with the same name. Secrets never stand on the command
    line."""
    from tramo.app.cli.verb import connection_put as act

    return act(
        connector,
        place_of(data, server, token),
        name=name,
        fields=set or [],
        secret_stdin=secret_stdin,
        twin=twin,
        as_json=json,
    )


@connection.command(name="list")
def connection_list(
    *, data: Data = None, server: Server = None, token: Token = None, json: Json = False
) -> int:
    """List the connections; secrets are never shown."""
    from tramo.app.cli.verb import connections_list

    return connections_list(place_of(data, server, token), as_json=json)


@connection.command(name="test")
def connection_test(
    connection: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Make a real call that proves a connection, named by id or name."""
    from tramo.app.cli.verb import connection_test as act

    return act(connection, place_of(data, server, token), as_json=json)


@connection.command(name="twin")
def connection_twin(
    connection: str,
    /,
    *,
    deliver: Annotated[
        str | None,
        Parameter(help="Let this happen at the twin, such as shopify.order_created."),
    ] = None,
    payload: Annotated[
        Path | None, Parameter(help="A JSON file: exactly the body that the vendor would send.")
    ] = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Show what a connection's twin was asked for, or let something happen at it."""
    from tramo.app.cli.verb import connection_twin as act

    place = place_of(data, server, token)
    return act(connection, place, deliver=deliver, payload=payload, as_json=json)


for room in (*run_commands.APPS, data_table.table, *people.APPS, keep.retention):
    app.command(room)

tokens = App(name="token", group=USE, help="Create API tokens.")
app.command(tokens)


@tokens.command(name="create")
def token_create(
    *,
    name: Annotated[str, Parameter(help="What it is for.")],
    role: Annotated[Role, Parameter(help="What it may do.")] = "editor",
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Create an API token and print it once."""
    from tramo.app.cli.verb import token_create as act

    return act(place_of(data, server, token), name=name, role=role, as_json=json)


# Keep it safe -------------------------------------------------------------------------------------

app.command(backup.backup, group=KEEP)
app.command(backup.restore, group=KEEP)
app.command(doctor.doctor, group=KEEP)
app.command(database.db)


# About --------------------------------------------------------------------------------------------


@app.command(group=ABOUT)
def connectors(*, json: Json = False) -> int:
    """List the installed connectors with what they offer, and the broken ones with their reason."""
    from tramo.app.cli.about import show_connectors

    return show_connectors(as_json=json)


@app.command(group=ABOUT)
def schema(name: str, /) -> int:
    """Print a JSON Schema: flow, run or catalog."""
    from tramo.app.cli.about import show_schema

    return show_schema(name)


@app.command(group=ABOUT)
def version() -> int:
    """Print the version."""
    print(__version__)
    return 0
