"""The command that looks whether everything is well."""

from __future__ import annotations

from typing import Final

from tramo.app.cli.option import Data, DatabaseUrl, Json, Port, RedisUrl

_MARKS: Final = {"ok": "ok   ", "warn": "warn ", "error": "ERROR"}


def doctor(
    *,
    data: Data = None,
    port: Port = None,
    database: DatabaseUrl = None,
    redis: RedisUrl = None,
    json: Json = False,
) -> int:
    """Look at disk, database, key, clock, ports and connectors, and say what to do. Exit 1 on
    errors."""
    import asyncio

    from tramo.app.cli.show import show_json
    from tramo.app.doctor import examine
    from tramo.app.port import SystemClock
    from tramo.app.setting import load_settings

    settings = load_settings(data=data, port=port, database=database, redis=redis)
    checks = asyncio.run(examine(settings, SystemClock()))
    errors = sum(check.level == "error" for check in checks)
    if json:
        show_json({"ok": not errors, "checks": checks})
        return int(errors > 0)
    for check in checks:
        print(f"{_MARKS[check.level]}  {check.name}: {check.message}")
        if check.cure:
            print(f"         → {check.cure}")
    warnings = sum(check.level == "warn" for check in checks)
    print(f"{len(checks)} checks, {warnings} warnings, {errors} errors.")
    return int(errors > 0)
