"""The commands for how long things are kept."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import App, Parameter, validators

from tramo.app.cli.option import USE, Data, Json, Server, Token, place_of

retention = App(name="retention", group=USE, help="Say how long things are kept, and tidy up.")

Days = Annotated[int | None, Parameter(validator=validators.Number(gte=1, lte=36_500))]
FIELDS = ("success_days", "failure_days", "event_days", "act_days", "metadata_only")


@retention.command(name="show")
def show(
    *, data: Data = None, server: Server = None, token: Token = None, json: Json = False
) -> int:
    """Show how long runs, deliveries and acts are kept."""
    from tramo.app.cli.verb import do

    answer = do(place_of(data, server, token), lambda api: api.call("GET", "/retention"))
    return _show(answer, as_json=json)


@retention.command(name="set")
def set_(
    *,
    flow: Annotated[str | None, Parameter(help="For this flow; else for the workspace.")] = None,
    success_days: Annotated[Days, Parameter(help="Runs that succeeded.")] = None,
    failure_days: Annotated[Days, Parameter(help="Runs that failed or were cancelled.")] = None,
    event_days: Annotated[Days, Parameter(help="Deliveries of which no run is left.")] = None,
    act_days: Annotated[Days, Parameter(help="What people did to runs.")] = None,
    metadata_only: Annotated[
        bool | None, Parameter(help="Drop what went in and came out when a run has ended.")
    ] = None,
    reset: Annotated[
        bool, Parameter(negative="", help="Forget what was chosen before this.")
    ] = False,
    data: Data = None,
    server: Server = None,
    token: Token = None,
    json: Json = False,
) -> int:
    """Choose how long things are kept, in days; what is not named stays as it was chosen."""
    from tramo.app.cli.verb import do

    given = (success_days, failure_days, event_days, act_days, metadata_only)
    named = {name: value for name, value in zip(FIELDS, given, strict=True) if value is not None}
    path = f"/flows/{flow}/retention" if flow else "/retention"

    async def work(api: Any) -> Any:
        before = {} if reset else _chosen(await api.call("GET", "/retention"), flow)
        return await api.call("PUT", path, {**before, **named})

    return _show(do(place_of(data, server, token), work), as_json=json)


@retention.command(name="sweep")
def sweep(
    *, data: Data = None, server: Server = None, token: Token = None, json: Json = False
) -> int:
    """Remove now what is over, instead of within the hour, and give the room back to the disk."""
    from tramo.app.cli.show import show_json
    from tramo.app.cli.verb import do

    place = place_of(data, server, token)
    report = do(place, lambda api: api.call("POST", "/retention/sweep"))
    if json:
        show_json(report)
        return 0
    print(
        f"Removed {report['runs']} runs, {report['events']} deliveries and {report['others']} "
        f"others; took the data from {report['stripped']} runs."
    )
    return 0


def _chosen(answer: Any, flow: str | None) -> dict[str, Any]:
    if flow is None:
        return answer["chosen"]
    return next((one["chosen"] for one in answer["flows"] if one["flow_id"] == flow), {})


def _show(answer: Any, *, as_json: bool) -> int:
    from tramo.app.cli.show import show_json, show_table

    if as_json:
        show_json(answer)
        return 0
    rows = [("every flow", answer["holds"])]
    rows += [(one["flow_id"], one["holds"]) for one in answer["flows"]]
    show_table(
        ("for", "success", "failure", "deliveries", "acts", "data"),
        [(name, *(_days(kept, field) for field in FIELDS[:4]), _data(kept)) for name, kept in rows],
        empty="",
    )
    return 0


def _days(kept: dict[str, Any], field: str) -> str | None:
    return f"{kept[field]} days" if field in kept else None


def _data(kept: dict[str, Any]) -> str:
    return "metadata only" if kept["metadata_only"] else "kept"
