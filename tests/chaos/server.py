"""`tramo serve` as a child: started, hurt, started again, and reached as anybody reaches it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp
from tramo.model.value import decode, encode

from tests.chaos.child import ROOT, START_S, Child, free_ports, python_path

READY = "Tramo serves"
SCRIBE = "tramo.store.scribe_process"


class Refusal(Exception):
    """The API said no."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Server:
    """One data folder, and the process that serves it while there is one."""

    def __init__(
        self,
        folder: Path,
        *,
        env: dict[str, str] | None = None,
        serve_env: dict[str, str] | None = None,
        command: tuple[str, ...] = (),
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_ports(1)[0]
        self.env = {
            "TRAMO_DATA": str(self.data),
            "TRAMO_KEY_FILE": str(folder / "key.toml"),
            "TRAMO_PRIVATE_HOSTS": "127.0.0.1,localhost",
            "PYTHONPATH": python_path(),
            **(env or {}),
        }
        self._serve_env = serve_env or {}
        """What only the server is told, not the command line."""
        self._before = command
        self.child: Child | None = None
        self._token = ""
        self._session: aiohttp.ClientSession | None = None
        self.rss_mb = 0.0

    async def __aenter__(self) -> Server:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
        if self.child is not None:
            self.child.send(signal.SIGCONT)
            self.child.kill()

    # Life ----------------------------------------------------------------------------------------

    async def start(
        self,
        *arguments: str,
        ready: str = READY,
        within_s: float = START_S,
        before: Callable[[], None] | None = None,
    ) -> Child:
        """Serve; return once the port takes deliveries. Raises Died."""
        self.child = await Child.start(
            [*self._before, sys.executable, "-m", "tramo.app.cli", "serve",
             "--port", str(self.port), *arguments],
            log=self.folder / "serve.log",
            env=self.env | self._serve_env,
            ready=ready,
            within_s=within_s,
            before=before,
        )  # fmt: skip
        return self.child

    async def ready(self, within_s: float = START_S) -> None:
        """Wait until it serves, where it was started without waiting; raises Died."""
        assert self.child is not None
        await self.child.ready(READY, within_s)

    def kill(self) -> None:
        """kill -9."""
        assert self.child is not None
        self._note_rss()
        self.child.kill()

    def kill_scribe(self) -> bool:
        """kill -9 of the process that writes for it; False where there is none yet."""
        assert self.child is not None
        found = [pid for pid, words in self.child.children() if SCRIBE in words]
        for pid in found:
            os.kill(pid, signal.SIGKILL)
        return bool(found)

    async def stop(self, within_s: float = 25.0) -> None:
        """SIGTERM, and wait for the end."""
        if self.child is not None:
            self._note_rss()
            await self.child.stop(within_s)

    def _note_rss(self) -> None:
        if self.child is not None:
            self.rss_mb = max(self.rss_mb, self.child.rss_mb())

    # The command line and the API ----------------------------------------------------------------

    async def tramo(self, *arguments: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run a command; return its exit code and what it wrote on either side."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tramo.app.cli", *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self.env},
            cwd=ROOT,
        )  # fmt: skip
        out, err = await process.communicate(given)
        return process.returncode or 0, out, err

    async def sign_in(self) -> None:
        """Make an API token by the command line."""
        code, out, err = await self.tramo(
            "token", "create", "--name", "chaos", "--role", "owner", "--json"
        )
        if code:
            raise Refusal(code, err.decode())
        self._token = decode(out)["token"]

    @property
    def token(self) -> str:
        return self._token

    def use_token(self, token: str) -> None:
        """Be signed in by a token that another server made."""
        self._token = token

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def api(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call the API; raises Refusal, or what aiohttp raises when nobody is there."""
        assert self._session is not None
        async with self._session.request(
            method,
            self.url(f"/api/v1{path}"),
            data=None if body is None else encode(body),
            params={name: value for name, value in query.items() if value is not None},
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        ) as answer:
            raw = await answer.read()
            value = decode(raw) if raw else None
            if answer.status >= 400:
                raise Refusal(answer.status, value)
            return value

    async def publish(self, document: dict[str, Any]) -> str:
        """Put and publish a flow; return the path of its webhook, or nothing."""
        await self.api("POST", "/flows", {"document": document})
        answer = await self.api("POST", f"/flows/{document['id']}/publish")
        urls = [item["url"] for item in answer["addresses"]]
        return "/in/" + urls[0].rpartition("/in/")[2] if urls else ""

    async def open_runs(self) -> int:
        """Return how many runs have something to do still (at most a page of them)."""
        answer = await self.api("GET", "/runs", limit=200, state=["queued", "running", "waiting"])
        return len(answer["items"])

    async def kept(self) -> int:
        """Return how many deliveries are kept as they came, and are yet to be read."""
        assert self._session is not None
        async with self._session.get(self.url("/metrics")) as answer:
            page = await answer.text()
        found = [line for line in page.splitlines() if line.startswith("tramo_backlog ")]
        return int(float(found[0].split()[1])) if found else 0

    async def settled(self, within_s: float) -> bool:
        """Wait until nothing is kept and no run has anything left to do; False when that does not
        come."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    try:
                        if not (await self.kept() or await self.open_runs()):
                            return True
                    except (Refusal, aiohttp.ClientError):
                        pass
                    await asyncio.sleep(0.1)
        except TimeoutError:
            return False
