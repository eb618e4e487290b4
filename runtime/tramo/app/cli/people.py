"""The commands for what needs people: approvals, alerts and notices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from tramo.app.cli.option import USE, Data, Json, Server, Token, place_of

approval = App(name="approvals", group=USE, help="List questions to people, and answer them.")
alert = App(name="alerts", group=USE, help="List alerts, and say that they were seen.")
notice = App(name="notices", group=USE, help="List messages to people, and choose their way.")
APPS = (approval, alert, notice)


@approval.command(name="list")
def approval_list(
    *,
    flow: Annotated[str | None, Parameter(help="Only this flow's.")] = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """List the questions that wait for a person, the oldest first."""
    from tramo.app.cli.attention import approvals_list

    return approvals_list(place_of(data, server, token), flow=flow, as_json=json)


@approval.command(name="reply")
def approval_reply(
    run_id: str,
    node: str,
    port: str,
    /,
    *,
    add: Annotated[
        Path | None, Parameter(help="A JSON file: what goes along with the answer.")
    ] = None,
    iteration: Annotated[
        str | None, Parameter(help="Inside loops: which turn of each, such as 3 or 3,0.")
    ] = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Answer a question: the run goes on by the way out that you name."""
    from tramo.app.cli.attention import approvals_reply

    place = place_of(data, server, token)
    return approvals_reply(run_id, node, port, place, add=add, iteration=iteration, as_json=json)


@alert.command(name="list")
def alert_list(
    *,
    flow: Annotated[str | None, Parameter(help="Only this flow's.")] = None,
    new: Annotated[bool, Parameter(negative="", help="Only those that nobody has seen.")] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """List what went wrong: one line for each cause and day, newest first."""
    from tramo.app.cli.attention import alerts_list

    return alerts_list(place_of(data, server, token), flow=flow, new=new, as_json=json)


@alert.command(name="seen")
def alert_seen(
    alert_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
) -> int:
    """Say that an alert was seen; it goes on counting."""
    from tramo.app.cli.attention import alerts_seen

    return alerts_seen(alert_id, place_of(data, server, token))


@notice.command(name="list")
def notice_list(
    *,
    state: Annotated[
        Literal["waiting", "sent", "given_up", "withdrawn"] | None,
        Parameter(help="Only those in this state."),
    ] = None,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """List messages to people, newest first, with what keeps them from arriving."""
    from tramo.app.cli.attention import notices_list

    return notices_list(place_of(data, server, token), state=state, as_json=json)


@notice.command(name="send")
def notice_send(
    notice_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
) -> int:
    """Send a message again that has not arrived."""
    from tramo.app.cli.attention import notices_send

    return notices_send(notice_id, place_of(data, server, token))


@notice.command(name="way")
def notice_way(
    *connections: str,
    default: Annotated[
        bool, Parameter(negative="", help="Take the only connection for e-mail again.")
    ] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Choose the connections, by id or name, that bring messages; without any, show them."""
    from tramo.app.cli.attention import notices_way

    place = place_of(data, server, token)
    return notices_way(list(connections), place, default=default, as_json=json)
