"""Traces: one for each run, in the sender's where it sent one, and nothing of anybody's in them."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tramo.app.house import House, open_house
from tramo.app.watch.trace import Tracing, load_tracing

from tests.kit import REGISTRY, document, finished, post, publish, settings, twin

SENDER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = 0x0AF7651916CD43DD8448EB211C80319C


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
async def house(tmp_path: Path, spans: InMemorySpanExporter) -> AsyncIterator[House]:
    tracing = Tracing(SimpleSpanProcessor(spans))
    seen = settings(tmp_path, trace_hosts=("slack.com",))
    async with open_house(seen, registry=REGISTRY, tracing=tracing) as house:
        yield house


async def tell_flow(house: House) -> dict[str, Any]:
    chat = await twin(house, "slack", bot_token="xoxb-demo")
    return document(
        [
            {"id": "hook", "type": "core.webhook"},
            {
                "id": "tell",
                "type": "slack.post_message",
                "connection": chat["id"],
                "params": {"channel": "#orders", "text": {"$text": "{{ hook.body.email }}"}},
            },
        ],
        [("hook", "tell")],
    )


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [span for span in spans.get_finished_spans() if span.name == name]
    return found


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.trace_id


async def test_a_run_is_one_trace_down_to_its_requests(house, spans):
    address = (await publish(house, await tell_flow(house)))["hook"]
    assert (await post(house, address, {"email": "ana@example.com"}))[0] == 200
    (run,) = await finished(house)
    whole, step, request = (named(spans, n) for n in ("run", "slack.post_message", "POST"))
    segments = [span for span in spans.get_finished_spans() if span.name == "segment"]
    assert len(segments) >= 2
    assert {trace_of(span) for span in (whole, step, request, *segments)} == {trace_of(whole)}
    for span in (step, *segments):
        assert span.parent is not None
        assert span.parent.span_id == whole.context.span_id
        assert span.attributes["tramo.run_id"] == run["id"]
    assert request.parent.span_id == step.context.span_id
    assert whole.parent is None
    assert whole.attributes["tramo.state"] == "succeeded"
    assert step.attributes["tramo.node_id"] == "tell"
    assert request.attributes["server.address"] == "slack.com"
    assert request.attributes["http.response.status_code"] == 200
    delivery = named(spans, "delivery")
    assert [link.context.span_id for link in whole.links] == [delivery.context.span_id]
    assert whole.start_time <= step.start_time < whole.end_time


async def test_a_run_goes_on_in_the_trace_of_whoever_began_it(house, spans):
    address = (await publish(house, await tell_flow(house)))["hook"]
    await post(house, address, {"email": "ana@example.com"}, traceparent=SENDER)
    await finished(house)
    assert {trace_of(span) for span in spans.get_finished_spans()} == {TRACE}
    delivery, whole = named(spans, "delivery"), named(spans, "run")
    assert delivery.parent.span_id == 0xB7AD6B7169203331
    assert whole.parent.span_id == delivery.context.span_id


async def test_a_sender_that_does_not_trace_is_not_traced(house, spans):
    address = (await publish(house, await tell_flow(house)))["hook"]
    await post(house, address, {"email": "ana@example.com"}, traceparent=SENDER[:-1] + "0")
    await finished(house)
    assert spans.get_finished_spans() == ()


async def test_spans_hold_nobodys_data_and_no_address(house, spans):
    address = (await publish(house, await tell_flow(house)))["hook"]
    await post(house, address, {"email": "ana@example.com"})
    await finished(house)
    said = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert "tramo.run_id" in said
    for hidden in ("ana@", "xoxb", address, "chat.postMessage"):
        assert hidden not in said


@pytest.mark.parametrize("hosts", [("slack.com",), ("*.slack.com",), ()])
async def test_only_hosts_that_are_named_are_told_of_the_trace(tmp_path, spans, monkeypatch, hosts):
    sent: list[dict[str, str]] = []
    tracing = Tracing(SimpleSpanProcessor(spans))
    seen = settings(tmp_path, trace_hosts=hosts)
    async with open_house(seen, registry=REGISTRY, tracing=tracing) as house:
        flow = await tell_flow(house)
        housed = house.outbound.twins.open

        def opened(*given: Any) -> Any:
            way = housed(*given)
            send = way.send

            async def noting(request: Any) -> Any:
                sent.append(dict(request.headers))
                return await send(request)

            way.send = noting
            return way

        monkeypatch.setattr(house.outbound.twins, "open", opened)
        address = (await publish(house, flow))["hook"]
        await post(house, address, {"email": "x"}, traceparent=SENDER)
        await finished(house)
    (headers,) = sent
    if hosts == ("slack.com",):
        request = named(spans, "POST")
        assert headers["traceparent"] == f"00-{TRACE:032x}-{request.context.span_id:016x}-01"
    else:
        assert "traceparent" not in headers


async def test_after_a_restart_a_run_is_in_the_same_trace(tmp_path):
    waiting = document(
        [
            {"id": "hook", "type": "core.webhook"},
            {"id": "rest", "type": "core.wait", "params": {"seconds": 1}},
        ],
        [("hook", "rest")],
    )
    mine: list[ReadableSpan] = []
    for life in range(2):
        spans = InMemorySpanExporter()
        tracing = Tracing(SimpleSpanProcessor(spans))
        async with open_house(settings(tmp_path), registry=REGISTRY, tracing=tracing) as house:
            if life == 0:
                await post(house, (await publish(house, waiting))["hook"], {})
            else:
                await finished(house)
        found = [span for span in spans.get_finished_spans() if span.name != "delivery"]
        assert found
        mine += found
    assert len({trace_of(span) for span in mine}) == 1
    assert [span.name for span in mine].count("run") == 1


def test_nothing_is_traced_unless_it_is_asked_for():
    assert load_tracing({}) is None
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    assert load_tracing(endpoint | {"OTEL_SDK_DISABLED": "true"}) is None
    assert load_tracing(endpoint | {"OTEL_TRACES_EXPORTER": "none"}) is None
    assert isinstance(load_tracing(endpoint), Tracing)


def test_without_the_extra_a_line_says_what_is_missing():
    code = (
        "import sys; sys.modules['opentelemetry'] = None; import logging; logging.basicConfig();"
        "from tramo.app.watch.trace import load_tracing;"
        "assert load_tracing({'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://127.0.0.1:9'}) is None"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "pip install tramo[otel]" in done.stderr


async def test_a_collector_that_does_not_answer_holds_no_stop_up():
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url
        try:
            tracing = load_tracing(os.environ)
        finally:
            del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
        assert tracing is not None
        tracing.advanced("run_1", "flow_1", 1, 2, "succeeded")
        began = asyncio.get_running_loop().time()
        await tracing.close()
        assert asyncio.get_running_loop().time() - began < 1.5
