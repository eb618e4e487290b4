"""What balancers and Prometheus are told, and what strangers are not."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from tramo.app.house import House
from tramo.app.watch.metric import HELP
from tramo.model.value import encode
from tramo.store.census import take_census
from tramo.store.database import Database
from tramo_web.asgi import Application, build_app

from tests.kit import document, finished, publish, twin
from tests.web.conftest import sign_in
from tests.web.kit import Answer, send

HOOK = document(
    [
        {"id": "hook", "type": "core.webhook"},
        {"id": "note", "type": "core.set", "params": {"fields": {"seen": True}}},
    ],
    [("hook", "note")],
)  # fmt: skip
STRANGE = {"host": "10.1.2.3:8700"}


def figures(answer: Answer) -> dict[str, dict[tuple[str, ...], float]]:
    """Read a page of metrics: sample name -> label values -> figure."""
    assert answer.status == 200, answer.body
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.body.decode()):
        for sample in family.samples:
            labels = tuple(sample.labels[name] for name in sorted(sample.labels))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


async def get(app: Application, path: str, *, address: str = "127.0.0.1", **headers: str) -> Answer:
    sent = {"host": "127.0.0.1:8700"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return await send(app, "GET", path, sent, address=address)


async def test_anybody_may_ask_whether_it_lives_and_takes_work_by_whatever_name(app):
    for path, status in (("/health", "ok"), ("/ready", "ready")):
        answer = await get(app, path, address="203.0.113.9", host="balancer.internal")
        assert (answer.status, answer.json) == (200, {"status": status})
        assert answer.header("cache-control") == "no-store"
    assert (await send(app, "POST", "/ready", {"host": "x"})).status == 405


async def test_a_house_that_stops_lives_and_takes_nothing_more(app, house):
    house.stopping = True
    assert (await get(app, "/health")).status == 200
    for method, path in (("GET", "/ready"), ("POST", "/in/anything"), ("GET", "/api/v1/flows")):
        answer = await send(app, method, path, {"host": "127.0.0.1:8700"})
        assert (answer.status, answer.code) == (503, "server.stopping")
        assert int(answer.header("retry-after")) > 0
    spanish = await get(app, "/ready", accept_language="es")
    assert spanish.json["message"].startswith("Tramo se está deteniendo")


async def test_it_is_not_ready_while_the_database_cannot_be_written(app, house, monkeypatch):
    def full(connection: Any, name: str, now: int) -> None:
        raise OSError(28, "No space left on device", "/srv/secret-place/tramo.sqlite3")

    monkeypatch.setattr("tramo.app.watch.ready.note_pulse", full)
    answer = await get(app, "/ready")
    assert (answer.status, answer.code) == (503, "store.unavailable")
    assert b"secret-place" not in answer.body


async def test_it_is_not_ready_while_too_much_waits_to_be_written(app, house):
    held, let_go = threading.Event(), threading.Event()

    def hold(_connection: Any) -> None:
        held.set()
        let_go.wait(10)

    holding = asyncio.ensure_future(house.database.write(hold))
    await asyncio.to_thread(held.wait, 5)
    began = asyncio.get_running_loop().time()
    answers = await asyncio.gather(*(get(app, "/ready") for _ in range(20)))
    assert {answer.code for answer in answers} == {"store.busy"}
    assert asyncio.get_running_loop().time() - began < 8, "twenty who ask try once"
    let_go.set()
    await holding
    async with asyncio.timeout(50):
        while (await get(app, "/ready")).status != 200:
            await asyncio.sleep(0.05)


async def test_metrics_are_for_this_machine_as_long_as_nobody_outside_is_told_to_come(app, house):
    assert (await get(app, "/metrics")).status == 200
    assert (await get(app, "/metrics", address="203.0.113.9")).status == 401
    assert (await get(app, "/metrics", host="shop.example")).status == 421
    for proxied in ({"x_forwarded_for": "203.0.113.9"}, {"forwarded": "for=203.0.113.9"}):
        assert (await get(app, "/metrics", **proxied)).status == 401
    house.settings = type(house.settings)(
        data=house.settings.data, key_file=house.settings.key_file, public_url="https://t.example"
    )
    public = build_app(house)
    for host in ("127.0.0.1:8700", "t.example"):
        assert (await get(public, "/metrics", host=host)).status == 401


async def test_metrics_are_for_whoever_signs_in_or_brings_a_token(app, house):
    viewer = await sign_in(app, house, "viewer")
    assert (await viewer.call("GET", "/metrics", address="203.0.113.9")).status == 200
    owner = await sign_in(app, house, "owner")
    made = await owner.call("POST", "/api/v1/tokens", {"name": "Prometheus", "role": "viewer"})
    token = f"Bearer {made.json['token']}"
    for host in ("127.0.0.1:8700", "tramo:8700"):
        answer = await get(app, "/metrics", address="10.0.0.7", host=host, authorization=token)
        assert answer.status == 200
    wrong = await get(app, "/metrics", address="10.0.0.7", authorization="Bearer tramo_no")
    assert (wrong.status, wrong.code) == (401, "token.refused")


async def test_metrics_count_what_was_done_and_name_nobody(app, house: House):
    address = (await publish(house, HOOK))["hook"]
    body = [encode({"email": "ana@example.com"})]
    door = {"host": "x", "content-type": "application/json"}
    for _ in range(3):
        assert (await send(app, "POST", f"/in/{address}", door, body)).status == 200
    assert (await send(app, "POST", f"/in/{address}", door, [b"{"])).status == 202
    assert (await send(app, "POST", "/in/nowhere", door, body)).status == 404
    assert (await send(app, "TRACE", "/in/nowhere", door, body)).status == 405
    await finished(house, count=3)
    house.stopping = True
    assert (await send(app, "POST", f"/in/{address}", door, body)).status == 503
    assert (await send(app, "GET", "/api/v1/flows", {"host": "localhost"})).status == 503
    answer = await get(app, "/metrics")
    found = figures(answer)
    deliveries = found["tramo_delivery_seconds_count"]
    assert deliveries == {("accepted",): 3, ("rejected",): 1, ("refused",): 2, ("unavailable",): 1}
    assert found["tramo_unavailable_total"] == {("server.stopping",): 1}
    assert found["tramo_runs_open"][("waiting",)] == 0
    assert found["tramo_census_age_seconds"][()] >= 0
    assert found["process_resident_memory_bytes"][()] > 1e7
    assert b"ana@example.com" not in answer.body
    assert b"flow_test" not in answer.body
    assert b"run_" not in answer.body.replace(b"run_open", b"")


async def test_metrics_tell_what_runs_did_and_what_it_took(app, house: House):
    chat = await twin(house, "slack", bot_token="xoxb-demo")
    tell = {
        "id": "tell",
        "type": "slack.post_message",
        "connection": chat["id"],
        "params": {"channel": "#orders", "text": "hi"},
    }
    missing = {**tell, "id": "lost", "params": {"channel": "#nowhere", "text": "hi"}}
    flow = document(
        [{"id": "hook", "type": "core.webhook"}, tell, missing],
        [("hook", "tell"), ("tell", "lost")],
    )
    address = (await publish(house, flow))["hook"]
    door = {"host": "x", "content-type": "application/json"}
    assert (await send(app, "POST", f"/in/{address}", door, [b"{}"])).status == 200
    (run,) = await finished(house)
    found = figures(await get(app, "/metrics"))
    assert found["tramo_runs_begun_total"][()] == 1
    assert found["tramo_runs_ended_total"] == {(run["state"],): 1}
    steps = found["tramo_step_seconds_count"]
    assert steps[("succeeded", "slack.post_message")] == 1
    assert sum(steps.values()) == 2
    assert sum(found["tramo_vendor_request_seconds_count"].values()) == 2
    assert found["tramo_vendor_request_seconds_count"][("2xx", "slack")] >= 1
    groups = found["tramo_commit_seconds_count"][()]
    assert groups >= 3
    assert found["tramo_commit_units_count"][()] == groups
    assert found["tramo_commit_units_sum"][()] >= groups
    assert found["tramo_lease_losses_total"][()] == 0


async def test_the_door_never_lets_a_sender_hang_while_nothing_can_be_stored(app, house):
    address = (await publish(house, HOOK))["hook"]
    held, let_go = threading.Event(), threading.Event()

    def hold(_connection: Any) -> None:
        held.set()
        let_go.wait(20)

    holding = asyncio.ensure_future(house.database.write(hold))
    await asyncio.to_thread(held.wait, 5)
    clock = asyncio.get_running_loop().time
    began = clock()
    door = {"host": "x", "content-type": "application/json"}
    answers = await asyncio.gather(
        *(send(app, "POST", f"/in/{address}", door, [body]) for body in (b"{}", b"[1]", b"{"))
    )
    assert clock() - began < 2.0
    for answer in answers:
        assert (answer.status, answer.code) == (503, "store.busy")
        assert int(answer.header("retry-after")) > 0
    let_go.set()
    await holding
    await finished(house, count=2)  # What had queued was written, and its sender told to come back.
    found = figures(await get(app, "/metrics"))
    assert found["tramo_delivery_seconds_count"] == {("unavailable",): 3}
    assert found["tramo_runs_begun_total"][()] == 2


async def test_every_figure_is_on_the_page_and_says_what_it_is(app):
    text = (await get(app, "/metrics")).body.decode()
    for name, said in HELP.items():
        assert f"# HELP {name}" in text, name
        assert said in text


async def test_the_database_is_not_counted_at_every_look(app, house, monkeypatch):
    looks = 0

    def counting(connection: Any, now: int) -> Any:
        nonlocal looks
        looks += 1
        return take_census(connection, now)

    monkeypatch.setattr("tramo.app.watch.metric.take_census", counting)
    for _ in range(10):
        await get(app, "/metrics")
    assert looks == 1


async def test_figures_of_this_process_are_told_while_the_database_cannot_be_read(
    app, house, monkeypatch
):
    async def away(self: Database, function: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(Database, "read", away)
    found = figures(await get(app, "/metrics"))
    assert "tramo_runs_begun_total" in found
    assert "tramo_runs_open" not in found
