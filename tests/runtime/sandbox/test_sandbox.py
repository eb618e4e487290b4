"""People's Python, run by the real interpreter in real worker processes: what it gives, what it is
told when it is wrong, and what it cannot do to the house."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from tramo import sdk
from tramo.model.value import decode
from tramo.sandbox import MontySandbox

pytest.importorskip("pydantic_monty", reason="the code extra is not installed")

NOW = "2026-11-22T09:30:00.000Z"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[MontySandbox]:
    made = MontySandbox(processes=2)
    yield made
    await made.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def ran(sandbox: MontySandbox, source: str, timeout_s: float = 1, **inputs: Any) -> Any:
    found = await sandbox.run(
        source, inputs, timeout_s=timeout_s, now=NOW, timezone="Europe/Madrid", seed="5f3c"
    )
    return found.value


async def refused(sandbox: MontySandbox, source: str, **inputs: Any) -> sdk.ActionError:
    with pytest.raises(sdk.ActionError) as found:
        await ran(sandbox, source, 0.3, **inputs)
    return found.value


async def test_the_last_line_is_the_answer(sandbox: MontySandbox) -> None:
    assert await ran(sandbox, "x = 2\nx * 21") == 42


async def test_without_a_last_value_the_variable_result_is_the_answer(
    sandbox: MontySandbox,
) -> None:
    assert await ran(sandbox, "result = []\nfor n in range(3):\n    result.append(n)") == [0, 1, 2]
    assert await ran(sandbox, "x = 1") is None


async def test_numbers_go_in_and_out_exactly(sandbox: MontySandbox) -> None:
    order = decode(b'{"id": 820982911946154508, "total": 10.10, "lines": [{"price": 3.30}]}')
    found = await ran(
        sandbox, "{'id': o['id'], 'sum': o['total'] + o['lines'][0]['price']}", o=order
    )
    assert found == {"id": 820982911946154508, "sum": Decimal("13.40")}
    assert str(found["sum"]) == "13.40"
    half = await ran(sandbox, "10 / 4")
    assert half == Decimal("2.5")
    assert isinstance(half, Decimal)


async def test_dates_and_tuples_become_plain(sandbox: MontySandbox) -> None:
    source = "from datetime import date\n{'day': date(2026, 11, 27), 'pair': (1, 2), 3: None}"
    assert await ran(sandbox, source) == {"day": "2026-11-27", "pair": [1, 2], "3": None}


async def test_time_stands_and_chance_repeats(sandbox: MontySandbox) -> None:
    source = "import random\nfrom datetime import datetime\n[str(datetime.now()), random.random()]"
    first = await ran(sandbox, source)
    assert first == await ran(sandbox, source)
    assert first[0] == "2026-11-22 10:30:00"


async def test_one_program_knows_nothing_of_the_one_before(sandbox: MontySandbox) -> None:
    await ran(sandbox, "secret = 5", timeout_s=1)
    assert (await refused(sandbox, "secret")).code == "code.failed"


async def test_a_mistake_names_its_line_and_column(sandbox: MontySandbox) -> None:
    error = await refused(sandbox, "x = 1\ny = x / 0")
    assert error.message == "Line 2, column 5: division by zero (ZeroDivisionError)."
    assert error.details == {
        "type": "ZeroDivisionError",
        "message": "division by zero",
        "line": 2,
        "column": 5,
        "source": "y = x / 0",
    }
    syntax = await refused(sandbox, "if x\n  y")
    assert syntax.code == "code.syntax"
    assert syntax.message.startswith("Line 1, column 5: this is not Python: ")


async def test_what_this_python_lacks_is_said_in_plain_words(sandbox: MontySandbox) -> None:
    error = await refused(sandbox, "def f():\n    yield 1")
    assert error.code == "code.syntax"
    assert error.message == (
        "Line 2, column 5: code cannot use yield expressions; say it another way."
    )
    missing = await refused(sandbox, "import statistics")
    assert (
        "No module named 'statistics'; code has a part of Python's own library" in missing.message
    )


async def test_a_mistake_inside_a_function_names_the_line_inside(sandbox: MontySandbox) -> None:
    error = await refused(sandbox, "def f(a):\n    return a['q']\n\nf({})")
    assert error.message == "Line 2, column 12: q (KeyError)."


async def test_what_is_printed_is_handed_over(sandbox: MontySandbox) -> None:
    found = await sandbox.run(
        "print('one')\nprint('two')\n3", {}, timeout_s=1, now=NOW, timezone="UTC", seed=""
    )
    assert (found.value, found.printed) == (3, "one\ntwo\n")


NO_END = "\nwhile True:\n    "
ATTACKS: list[tuple[str, str]] = [
    # Time
    ("while True: pass", "code.timeout"),
    ("try:\n    while True: pass\nexcept BaseException:\n    pass", "code.timeout"),
    ("import time\ntime.sleep(100)", "code.sleep"),
    ("import asyncio\nasync def f():\n    await asyncio.sleep(9)\nawait f()", "code.sleep"),
    ("import itertools\nsum(1 for _ in itertools.count())", ""),
    # Memory
    ("x = 'a'" + NO_END + "x = x + x", "code.memory"),
    ("x = ['a']" + NO_END + "x = x + x", "code.memory"),
    ("'x' * 10**10", "code.memory"),
    ("[0] * 10**9", "code.memory"),
    ("9**9**9", "code.memory"),
    ("1 << 10**10", "code.memory"),
    ("'x'.ljust(10**10)", "code.memory"),
    ("'a' * 10**7\nx = ('a' * 10**7).replace('a', 'a' * 100)", "code.memory"),
    ("'%1000000000d' % 1", ""),
    ("import math\nmath.factorial(10**7)", ""),
    # Depth
    ("def f(): return f()\nf()", "code.depth"),
    ("(" * 50_000, "code.syntax"),
    ("+".join("1" * 200_000), "code.syntax"),
    ("x = []\nfor i in range(100_000): x = [x]\nx", "code.result"),
    ("x = {}\nfor i in range(300): x = {'a': x}\nx", "code.result"),
    # Talk
    ("while True: print('x' * 1000)", "code.printed"),
    ("print('x' * 10**6)", "code.printed"),
    # The system
    ("import socket", "code.failed"),
    ("import subprocess", "code.failed"),
    ("import os\nos.system('true')", "code.failed"),
    ("import os\nos.environ", "code.failed"),
    ("import os\nos.listdir('/')", "code.failed"),
    ("open('/etc/passwd').read()", "code.failed"),
    ("from pathlib import Path\nPath('/etc/passwd').read_text()", "code.failed"),
    ("().__class__.__mro__", "code.failed"),
    ("(lambda: 0).__globals__", "code.failed"),
    ("__import__('os').environ", "code.failed"),
    ("eval(\"__import__('os').environ\")", "code.failed"),
    # Results that are none
    ("float('nan')", "code.result"),
    ("10**60", "code.result"),
    ("{1, 2}", "code.result"),
    ("b'ab'", "code.result"),
    ("class A:\n    pass\nA()", "code.result"),
    ("from decimal import Decimal\nDecimal('Infinity')", "code.result"),
]


@pytest.mark.parametrize(("source", "code"), ATTACKS, ids=lambda text: text[:40])
async def test_an_attack_is_contained_and_the_next_program_runs(
    sandbox: MontySandbox, source: str, code: str
) -> None:
    error = await refused(sandbox, source)
    assert error.code.startswith(code or "code.")
    assert error.message.endswith((".", ")"))
    assert len(error.message) < 500
    assert await ran(sandbox, "1 + 1") == 2


async def test_a_costly_pattern_does_not_hold_a_worker(sandbox: MontySandbox) -> None:
    assert await ran(sandbox, "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b') is None") is True


async def test_a_worker_that_is_killed_is_replaced() -> None:
    sandbox = MontySandbox(processes=1)
    try:
        assert await ran(sandbox, "1") == 1
        (worker,) = _workers()[-1:]
        os.kill(worker, signal.SIGKILL)
        # The loss may show at once or be noticed before: either way the next program runs.
        with contextlib.suppress(sdk.Transient):
            await ran(sandbox, "2")
        assert await ran(sandbox, "2") == 2
    finally:
        await sandbox.close()


async def test_a_program_whose_worker_dies_under_it_is_tried_again_by_the_engine() -> None:
    sandbox = MontySandbox(processes=1)
    try:
        assert await ran(sandbox, "1") == 1
        (worker,) = _workers()[-1:]
        endless = asyncio.ensure_future(ran(sandbox, "while True: pass", 5))
        await asyncio.sleep(0.1)
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(sdk.Transient) as found:
            await endless
        assert (found.value.code, found.value.settled) == ("code.lost", True)
    finally:
        await sandbox.close()


async def test_closing_leaves_no_process_behind() -> None:
    before = set(_workers())
    sandbox = MontySandbox(processes=2)
    assert await ran(sandbox, "1") == 1
    assert set(_workers()) - before
    await sandbox.close()
    assert not set(_workers()) - before


async def test_without_the_package_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pydantic_monty", None)
    sandbox = MontySandbox()
    with pytest.raises(sdk.Unavailable, match=r'pip install "tramo\[code\]"'):
        await ran(sandbox, "1")
    await sandbox.close()


def _workers() -> list[int]:
    """The worker processes of this process, oldest first."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,comm=", "--ppid", str(os.getpid())], capture_output=True, text=True
    )
    rows = [line.split(None, 1) for line in listed.stdout.splitlines()]
    return sorted(int(pid) for pid, name in rows if name.startswith("monty"))
