"""The commands for the database's format."""

from __future__ import annotations

from cyclopts import App

from tramo.app.cli.option import KEEP, Data, DatabaseUrl, Json

db = App(
    name="db",
    group=KEEP,
    help="See which format the database has, and bring it up to date. `tramo serve` does so by "
    "itself.",
)


@db.command
def status(*, data: Data = None, database: DatabaseUrl = None, json: Json = False) -> int:
    """Say which format the database has. Exit 1 while it is behind this Tramo's."""
    import asyncio

    from tramo.app.cli.show import show_json
    from tramo.app.setting import load_settings
    from tramo.store.format import read_format

    settings = load_settings(data=data, database=database)
    found = asyncio.run(read_format(settings.data, settings.database))
    if json:
        show_json(found)
        return int(bool(found.pending))
    if found.format is None:
        print(f"There is no database yet; it will be made with format {found.newest}.")
    elif not found.pending:
        print(f"The database has format {found.format}; this Tramo can work on it as it is.")
    else:
        print(f"The database has format {found.format}, this Tramo's is {found.newest}.")
        for step in found.pending:
            print(f"  {step.format}  {step.brings}")
        print("Start Tramo, or run `tramo db upgrade`; make a backup first.")
    return int(bool(found.pending))


@db.command
def upgrade(*, data: Data = None, database: DatabaseUrl = None) -> int:
    """Bring the database up to date, or make it. Killed half way, it is as it was before."""
    import asyncio

    from tramo.app.setting import load_settings
    from tramo.store.database import open_database
    from tramo.store.format import Format, read_format

    settings = load_settings(data=data, database=database)

    async def bring() -> tuple[Format, Format]:
        before = await read_format(settings.data, settings.database)
        await (await open_database(settings.data, settings.database)).close()
        return before, await read_format(settings.data, settings.database)

    before, after = asyncio.run(bring())
    if before.format is None:
        print(f"The database was made, with format {after.format}.")
    elif before.pending:
        print(f"The database was brought from format {before.format} to {after.format}.")
    else:
        print(f"The database has format {after.format}; there was nothing to do.")
    return 0
