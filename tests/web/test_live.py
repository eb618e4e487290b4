"""The live line: what happened comes, in order, once; and nobody holds a line for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from tramo.app.house import House
from tramo.app.port import SystemClock

from tests.web.conftest import sign_in
from tests.web.kit import Browser, send


class Line:
    """A client that holds a live line open and reads what comes."""

    def __init__(self, browser: Browser, path: str = "/api/v1/live", **headers: str) -> None:
        self._browser = browser
        self._path = path
        self._headers = {**browser.headers("GET"), **headers}
        self._hold = asyncio.Event()
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.text = ""
        self.ended = False

    async def follow(self) -> None:
        async def app(scope, receive, send_):
            async def note(message):
                if message["type"] == "http.response.start":
                    self.status = message["status"]
                    self.headers = dict(message["headers"])
                else:
                    self.text += message.get("body", b"").decode()

            await self._browser.app(scope, receive, note)

        await send(app, "GET", self._path, self._headers, hold=self._hold)
        self.ended = True

    def hang_up(self) -> None:
        self._hold.set()

    def ids(self) -> list[str]:
        return [row[4:] for row in self.text.splitlines() if row.startswith("id: ")]


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(50):
        while not happened():
            await SystemClock().sleep(0.005)


def step(run: str, flow: str = "flow_a") -> dict[str, object]:
    return {"run_id": run, "flow_id": flow, "node": "order", "state": "succeeded"}


def publish(house: House, *runs: str, flow: str = "flow_a") -> None:
    for run in runs:
        house.live.publish(house.accounts.workspace_id, "step", step(run, flow))


async def test_events_come_as_they_happen_and_the_line_pings(app, house, owner):
    line = Line(owner, "/api/v1/live?flow=flow_a")
    async with asyncio.TaskGroup() as group:
        group.create_task(line.follow())
        await until(lambda: house.live.listeners == 1)
        publish(house, "run_1")
        publish(house, "run_2", flow="flow_b")
        publish(house, "run_3")
        await until(lambda: "run_3" in line.text and ": ping" in line.text)
        line.hang_up()
    assert line.status == 200
    assert line.headers[b"content-type"] == b"text/event-stream"
    assert b"no-store" in line.headers[b"cache-control"]
    assert "event: step\ndata: {" in line.text
    assert "run_2" not in line.text
    assert line.ended
    assert (house.live.listeners, app.lines.count) == (0, 0)


async def test_a_line_resumes_after_the_last_event_it_saw(house, owner):
    first = Line(owner)
    async with asyncio.TaskGroup() as group:
        group.create_task(first.follow())
        await until(lambda: house.live.listeners == 1)
        publish(house, "run_1", "run_2")
        await until(lambda: "run_2" in first.text)
        first.hang_up()
    publish(house, "run_3")
    again = Line(owner, **{"last-event-id": first.ids()[0]})
    lost = Line(owner, **{"last-event-id": "before-7"})
    async with asyncio.TaskGroup() as group:
        group.create_task(again.follow())
        group.create_task(lost.follow())
        await until(lambda: house.live.listeners == 2)
        publish(house, "run_4")
        await until(lambda: "run_4" in again.text and "run_4" in lost.text)
        again.hang_up()
        lost.hang_up()
    assert [run for run in ("run_1", "run_2", "run_3", "run_4") if run in again.text] == [
        "run_2",
        "run_3",
        "run_4",
    ]
    assert "event: reset" in lost.text
    assert "event: reset" not in again.text


async def test_a_line_ends_when_its_member_is_removed(app, house, owner):
    editor = await sign_in(app, house, "editor")
    members = (await owner.call("GET", "/api/v1/members")).json["items"]
    gone = next(item["id"] for item in members if item["email"] == "editor@example.com")
    line = Line(editor)
    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        group.create_task(line.follow())
        await until(lambda: house.live.listeners == 1)
        await owner.call("DELETE", f"/api/v1/members/{gone}")
    assert line.ended


async def test_one_session_cannot_take_every_line(app, house, owner, monkeypatch):
    monkeypatch.setattr("tramo_web.line.LINES_PER_CALLER", 2)
    editor = await sign_in(app, house, "editor")
    lines = [Line(owner), Line(owner)]
    async with asyncio.TaskGroup() as group:
        for line in lines:
            group.create_task(line.follow())
        await until(lambda: house.live.listeners == 2)
        third = await owner.call("GET", "/api/v1/live")
        assert (third.status, third.code) == (429, "live.too_many")
        other = Line(editor)
        group.create_task(other.follow())
        await until(lambda: house.live.listeners == 3)
        for line in (*lines, other):
            line.hang_up()
    assert app.lines.count == 0


async def test_a_line_ends_when_the_server_stops(app, house, owner):
    line = Line(owner)
    async with asyncio.timeout(50), asyncio.TaskGroup() as group:
        group.create_task(line.follow())
        await until(lambda: house.live.listeners == 1)
        await app.drain(grace_s=2)
        assert line.ended
    late = Line(owner)
    async with asyncio.timeout(50):
        await late.follow()


async def test_a_line_needs_a_session(stranger):
    assert (await stranger.call("GET", "/api/v1/live")).status == 401


@pytest.mark.parametrize("odd", ["x" * 300, "\x00", "ñ"])
async def test_odd_wishes_get_an_empty_line_or_a_plain_no(house, owner, odd):
    line = Line(owner, f"/api/v1/live?flow={odd}", **{"last-event-id": odd})
    async with asyncio.TaskGroup() as group:
        group.create_task(line.follow())
        await until(lambda: line.ended or house.live.listeners == 1)
        line.hang_up()
    assert line.status in (200, 400)
