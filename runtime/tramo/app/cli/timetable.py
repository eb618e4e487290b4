"""`tramo flow timetable`: when the schedules of a flow fire next."""

from __future__ import annotations

from tramo.app.cli.option import Data, Json, Server, Token, place_of


def flow_timetable(
    flow_id: str,
    /,
    *,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Show when a flow's schedules fire next, with their time zone."""
    from tramo.app.cli.show import show_json, show_table
    from tramo.app.cli.verb import do

    place = place_of(data, server, token)
    answer = do(place, lambda api: api.call("GET", f"/flows/{flow_id}/timetable"))
    if json:
        show_json(answer)
        return 0
    rows = [
        (item["node"], item["timezone"], instant)
        for item in answer["items"]
        for instant in item["next"]
    ]
    show_table(("schedule", "time zone", "fires at"), rows, empty="No schedule fires.")
    if rows and not answer["active"]:
        print("The flow is not active: publish it, or let it go on.")
    return 0
