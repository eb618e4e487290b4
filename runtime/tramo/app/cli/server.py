"""`tramo serve` and `tramo demo`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import msgspec

from tramo.app.cli.reach import SERVER_FILE
from tramo.app.setting import Settings, load_settings
from tramo.model.problem import TramoError
from tramo.model.scope import Scope
from tramo.model.value import encode
from tramo.store.lock import FileLock, is_locked

Started = Callable[[Any], Awaitable[None]]

DAY_MS = 86_400_000
"""How long the demo's sign-in link waits to be used."""


def load_web() -> Callable[..., int]:
    """Return the web part's way to serve, found by name; it returns when the server has stopped."""
    found = entry_points(group="tramo.web", name="default")
    if not found:
        raise TramoError("web.missing", "The web part of Tramo is not installed; reinstall tramo.")
    return next(iter(found)).load()


def _serve(settings: Settings, started: Started) -> int:
    """Hand over to the web part."""
    web = load_web()
    path, lock = settings.data / SERVER_FILE, settings.data / "tramo.lock"
    ours = not is_locked(lock)
    if ours:
        path.unlink(missing_ok=True)  # What a killed server left leads nowhere.
    # With a file for a database the store locks the folder; with a shared one, nobody else does.
    held = None if settings.database is None else _hold(lock)

    async def begun(house: Any) -> None:
        nonlocal ours
        ours = True
        _leave_address(path, house)
        await started(house)

    try:
        return web(settings, started=begun)
    finally:
        if ours:  # Else it is that of the server which has the folder open.
            path.unlink(missing_ok=True)
        if held is not None:
            held.release()


def _hold(path: Path) -> FileLock:
    """Lock the folder of a server, so that commands that name it come to that server."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(path)
    lock.acquire()
    return lock


def _leave_address(path: Path, house: Any) -> None:
    """Tell this user's other commands how to reach the server that holds the folder."""
    scope = Scope(house.workspace_id, "command line")
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - looked up, not bound
    host = everywhere.get(house.settings.host, house.settings.host)
    address = f"http://{host}:{house.settings.port}"
    said = {"url": address, "token": house.accounts.local_token(scope)}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encode(said))


def serve_house(**given: Any) -> int:
    """Serve one data folder, or a shared database, until told to stop; `given` as in Settings."""
    settings = load_settings(**given)

    async def started(house: Any) -> None:
        what = settings.data if settings.database is None else "a shared database"
        said = f"Tramo serves {what} at {settings.url}"
        if not await house.accounts.owner_exists():
            link = await house.accounts.make_link("owner", workspace_id=house.workspace_id)
            said += f"\nMake the owner's account here (works once): {link['url']}"
        print(said, flush=True)

    return _serve(settings, started)


def serve_demo(*, port: int | None, data: Path | None, orders_every_s: float) -> int:
    """Serve the demo shop, in a folder that is gone afterwards unless one is named."""
    if data is not None:
        return _demo(data, port, orders_every_s, "Stop with Ctrl-C.")
    with tempfile.TemporaryDirectory(prefix="tramo-demo-") as folder:
        ends = "Stop with Ctrl-C: the shop is gone then, unless --data names its folder."
        return _demo(Path(folder), port, orders_every_s, ends)


def machine_language(env: Mapping[str, str]) -> str:
    """Return the language of the machine's own messages if the editor speaks it, else English."""
    from tramo.app.account import LANGUAGES

    told = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    language = told[:2].lower()
    return language if language in LANGUAGES else "en"


def _demo(folder: Path, port: int | None, orders_every_s: float, ends: str) -> int:
    # The key lies beside the data here, and only here: the demo's twins have nothing to lose.
    given = load_settings(
        data=folder / "data", key_file=folder / "key.toml", port=port, demo=True, host="127.0.0.1"
    )
    settings = msgspec.structs.replace(given, database=None, redis=None)

    async def started(house: Any) -> None:
        from tramo.app.demo import furnish, keep_shop_busy
        from tramo.model.scope import system_scope

        user_id = await house.accounts.ensure_owner(
            name="Demo", email="demo@tramo.example", language=machine_language(os.environ)
        )
        link = await house.accounts.make_link(
            "sign_in", workspace_id=house.workspace_id, user_id=user_id, valid_ms=DAY_MS
        )
        scope = system_scope(house.workspace_id)
        shop = await furnish(house, scope)
        print(
            "The demo shop is open. Three flows run; "
            f"an order comes in every {orders_every_s:g} s.\n"
            f"Open the editor (the link signs you in, once): {link['url']}\n"
            f"{ends}",
            flush=True,
        )
        if orders_every_s > 0:
            work = keep_shop_busy(house, scope, shop, orders_every_s)
            house.spawn.start(work, name="demo")

    return _serve(settings, started)
