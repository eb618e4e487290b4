"""Log lines: machines can read them, and nobody's data or secret is in them."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tramo.app.throttle import region
from tramo.app.watch.log import bound, configure_logging, name_worker, told
from tramo.model.problem import TramoError


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("tramo")
    before = root.handlers[:], root.level, ours.level
    out = io.StringIO()
    configure_logging({"TRAMO_LOG": "json"}, out)
    yield out
    root.handlers[:], level, own = before
    root.setLevel(level)
    ours.setLevel(own)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_line_is_one_json_object_with_time_level_and_place(out):
    logging.getLogger("tramo.web").warning("The server stops\nsoon")
    (line,) = lines(out)
    assert line["event"] == "The server stops\nsoon"
    assert (line["level"], line["logger"]) == ("warning", "tramo.web")
    assert line["timestamp"].endswith("Z")


def test_a_line_says_which_run_it_is_about(out):
    name_worker("own_1")
    with bound(run_id="run_1", flow_id="flow_1", connection_id=None), bound(node_id="tell"):
        logging.getLogger("tramo").info("Sent", extra={"attempt": 2})
    logging.getLogger("tramo").info("Elsewhere")
    inside, outside = lines(out)
    assert inside["worker"] == outside["worker"] == "own_1"
    assert (inside["run_id"], inside["flow_id"], inside["node_id"]) == ("run_1", "flow_1", "tell")
    assert inside["attempt"] == 2
    assert "connection_id" not in inside
    assert "run_id" not in outside


def test_libraries_are_heard_from_warnings_on_and_never_quoted_at_length(out):
    logging.getLogger("aiohttp.client").info("chatter")
    logging.getLogger("asyncio").error("It was never retrieved\nfuture: ValueError('Ana Pop')")
    (line,) = lines(out)
    assert line["event"] == "It was never retrieved"
    assert "Ana" not in out.getvalue()


def test_what_is_no_field_of_ours_is_left_out(out):
    with bound(customer="Ana Pop"):
        logging.getLogger("tramo").info("Done", extra={"email": "ana@example.com"})
    (line,) = lines(out)
    assert set(line) <= {"timestamp", "level", "logger", "event", "worker"}


def test_neither_addresses_nor_secrets_get_into_a_line(out):
    log = logging.getLogger("tramo")
    log.warning("No reply from ana.pop+shop@mail.example.co.uk")
    log.warning("Token tramo_%s, Bearer abc.def, postgresql://me:hush@db/x", "k" * 43)
    said = out.getvalue()
    for secret in ("ana.pop", "mail.example", "kkkk", "abc.def", "hush"):
        assert secret not in said


def test_a_fault_is_told_by_its_place_and_not_by_its_words(out):
    def parse() -> None:
        try:
            int("Ana Pop")
        except ValueError as error:
            raise TramoError("order.broken", "The order of Ana Pop is broken.") from error

    try:
        parse()
    except TramoError:
        logging.getLogger("tramo").exception("Reading failed")
    (line,) = lines(out)
    assert "Ana Pop" not in out.getvalue()
    assert "ValueError" in line["exception"]
    assert "TramoError: order.broken" in line["exception"]
    assert "parse" in line["exception"]
    assert line["exception"].index("ValueError") < line["exception"].index("TramoError")


def test_whoever_looks_for_a_fault_may_ask_for_its_words():
    assert told(ValueError("it broke"), with_words=True) == "ValueError: it broke"
    assert told(OSError(28, "No space left on device")) == "OSError: No space left on device"
    group = ExceptionGroup("both", [KeyError("Ana")])
    assert told(group) == "[KeyError]\nand then\nExceptionGroup"


def test_at_a_terminal_lines_are_text():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    before = logging.getLogger().handlers[:]
    out = Terminal()
    configure_logging({}, out)
    with bound(run_id="run_7"):
        logging.getLogger("tramo").warning("Slow")
    logging.getLogger().handlers[:] = before
    assert "Slow" in out.getvalue()
    assert "run_7" in out.getvalue()
    assert not out.getvalue().startswith("{")


@pytest.mark.parametrize("setting", ["TRAMO_LOG", "TRAMO_LOG_LEVEL"])
def test_a_setting_that_is_none_is_named(setting):
    with pytest.raises(TramoError, match=setting):
        configure_logging({setting: "loud"}, io.StringIO())


def test_what_makes_lines_is_loaded_with_the_first_line():
    code = (
        "import sys, logging; from tramo.app.watch.log import configure_logging;"
        "configure_logging({}); import tramo.app.house;"
        "heavy = {'structlog', 'prometheus_client', 'opentelemetry'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules);"
        "logging.getLogger('tramo').error('x'); assert 'structlog' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr)["event"] == "x"


@pytest.mark.parametrize(
    ("address", "told_as"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("nowhere", "unknown"),
    ],
)
def test_of_an_address_only_the_network_around_it_is_told(address, told_as):
    assert region(address) == told_as
