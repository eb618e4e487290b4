"""The commands that keep a copy of everything, and bring it back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tramo.app.cli.option import Data, Json


def backup(file: Path, /, *, data: Data = None, json: Json = False) -> int:
    """Keep a copy of everything in one new file, while the server runs or not."""
    from tramo.app.backup.make import make_backup
    from tramo.app.cli.show import show_json
    from tramo.app.port import SystemClock
    from tramo.app.setting import load_settings

    settings = load_settings(data=data)
    _refuse_postgresql(settings, "backup.postgresql", _DUMP)
    told = _told(json)
    made = make_backup(settings, file, made_at=SystemClock().now_ms(), told=told)
    counts = made.manifest.counts
    if json:
        said = {"file": str(made.file), "bytes": made.size, **_said(made.manifest)}
        key = {"key_file": str(settings.key_file), "sealed_connections": made.sealed}
        show_json({**said, "missing_blobs": made.missing_blobs, **key})
        return 0
    print(
        f"Backed up {settings.data} to {made.file}: {_size(made.size)}, "
        f"{counts['runs']:,} runs ({counts['open_runs']:,} not ended), {counts['flows']:,} flows, "
        f"{counts['blobs']:,} big values, {counts['twins']:,} twins' memories."
    )
    print(
        f"The master key is not in it, on purpose. It is the file {settings.key_file}: keep a copy "
        "of it in another place than the backup. Without it the secrets of "
        f"{made.sealed:,} connections cannot be opened after a restore."
    )
    if made.missing_blobs:
        print(
            f"{made.missing_blobs:,} big values were not there, and are not in the backup: "
            "retention removed them meanwhile, or they were lost before.",
            file=sys.stderr,
        )
    return 0


def restore(
    file: Path | None = None,
    /,
    *,
    data: Data = None,
    mark_epoch: Annotated[
        bool,
        Parameter(
            negative="",
            help="Restore no file: mark a PostgreSQL database that pg_restore has just filled.",
        ),
    ] = False,
    database: Annotated[
        str | None, Parameter(help="With --mark-epoch: the database, postgresql://…")
    ] = None,
    made_at: Annotated[
        str | None,
        Parameter(
            help="With --mark-epoch: when the dump began, such as 2026-11-22T03:00:00Z. "
            "Default: the newest thing in it."
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Bring a backup back into an empty folder; nothing is repeated that must not be."""
    import asyncio

    from tramo.app.backup.restore import mark_restored, restore_backup
    from tramo.app.port import SystemClock
    from tramo.app.setting import load_settings
    from tramo.model.problem import TramoError

    if mark_epoch == (file is not None):
        raise TramoError(
            "usage.restore", "Name the backup to restore, or --mark-epoch with --database."
        )
    clock = SystemClock()
    if mark_epoch:
        settings = load_settings(data=data, database=database)
        raised = asyncio.run(mark_restored(settings, clock, made_at=made_at))
        return _show_restored({}, raised, as_json=json)
    settings = load_settings(data=data)
    _refuse_postgresql(settings, "restore.postgresql", _PG_RESTORE)
    assert file is not None
    done = asyncio.run(restore_backup(settings, file, clock, told=_told(json)))
    said = {"folder": str(done.folder), **_said(done.manifest)}
    code = _show_restored(said, done.raised, as_json=json)
    if not json:
        print(_about_key(settings))
    return code


_DUMP = (
    "Tramo's data is in PostgreSQL: back it up with pg_dump, and keep the master key. "
    "runtime/README.md shows how."
)
_PG_RESTORE = (
    "Tramo's data is in PostgreSQL: restore it with pg_restore, then run "
    "tramo restore --mark-epoch before any server starts."
)


def _refuse_postgresql(settings: Any, code: str, sentence: str) -> None:
    from tramo.model.problem import TramoError

    if getattr(settings, "database", None):
        raise TramoError(code, sentence)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} KB"


def _said(manifest: Any) -> dict[str, Any]:
    from tramo.engine.instant import rfc3339

    said = {"version": manifest.version, "made_at": rfc3339(manifest.made_at)}
    return {**said, **manifest.counts}


def _show_restored(said: dict[str, Any], raised: Any, *, as_json: bool) -> int:
    from tramo.app.cli.show import show_json
    from tramo.engine.instant import rfc3339

    epoch = {"epoch": raised.epoch.number, "open_runs": raised.open_runs}
    if as_json:
        show_json({**said, **epoch})
        return 0
    made_at = rfc3339(raised.epoch.made_at)
    if said:
        print(f"Restored the backup of {made_at} to {said['folder']}: {said['runs']:,} runs.")
    print(
        f"{raised.open_runs:,} runs had not ended; they go on when a server starts. What they may "
        f"have sent after {made_at} and must not send twice is asked first: see tramo runs asking."
    )
    print(
        "Deliveries that came after it are not there; one that is sent again starts a run as if "
        "it were new."
    )
    return 0


def _about_key(settings: Any) -> str:
    if settings.key_file.exists():
        return f"The connections' secrets are opened with the master key {settings.key_file}."
    return (
        f"The master key is not part of a backup: put your copy of it at {settings.key_file} "
        "before you start a server."
    )


def _told(silent: bool) -> Any:
    """Say on a terminal how far it is."""
    if silent or not sys.stderr.isatty():
        return lambda *_: None
    last = ""

    def told(what: str, done: int, of: int) -> None:
        nonlocal last
        line = f"{what}: {done * 100 // max(of, 1)} %"
        if line != last:
            last = line
            print(f"\r\x1b[K{line}", end="" if done < of else "\r\x1b[K", file=sys.stderr)

    return told
