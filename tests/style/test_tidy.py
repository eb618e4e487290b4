"""The house rules that a machine can hold: size, words, and who may ask the system for what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.style.source import files, text, tree, words

PYTHON = files(".py")
SHIPPED = files(".py", under=("runtime/", "plugins/", "web/"))
EDITOR = files(".ts", ".tsx", under=("web/src/",))
BESIDE = files(".ts", ".tsx", under=("web/test/", "tests/"))

LINES = 500
FUNCTION_LINES = 100
LONG_FILES: dict[str, str] = {}
"""At most five files over the limit, each with its reason."""

BANNED = {
    "workflow": "flow",
    "scenario": "flow",
    "pipeline": "flow",
    "execution": "run",
    "task": "step, or run",
    "operation": "action",
    "integration": "connector",
    "piece": "connector",
    "provider": "connector",
    "wire": "edge",
    "tenant": "workspace",
    "job": "run; job belongs to queue/",
    "handle": "port; handle belongs to canvas/",
}
OTHERS_WORDS = {
    ("runtime/tramo/queue/", "job"): "arq's word",
    ("web/src/canvas/", "handle"): "React Flow's word",
    ("plugins/", "operation"): "GraphQL's word",
    ("plugins/", "job"): "Shopify's word",
    ("plugins/", "handle"): "Shopify's word, and the prefix of html.parser's callbacks",
    ("runtime/tramo/sdk/commerce.py", "handle"): "what every shop system calls a product's address",
    ("web/tramo_web/api.py", "operation"): "OpenAPI's word",
    ("runtime/tramo/app/port.py", "task"): "asyncio's word: TaskSpawn starts its tasks",
    ("runtime/tramo/testing/port.py", "task"): "asyncio's word: TaskSpawn starts its tasks",
}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

CLOCK = {
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.sleep", "asyncio.sleep", "loop.time", "datetime.now", "datetime.utcnow",
    "datetime.today", "datetime.datetime.now", "date.today",
}  # fmt: skip
CHANCE = {"random", "secrets", "uuid.uuid1", "uuid.uuid4", "uuid4", "os.urandom"}
SPAWN = {
    "asyncio.create_task", "asyncio.ensure_future", "asyncio.TaskGroup", "threading.Thread",
    "threading.Timer", "subprocess",
}  # fmt: skip
SOCKETS = {
    "socket", "aiohttp", "http.client", "urllib.request", "urllib3", "requests", "httpx",
    "asyncio.open_connection", "asyncio.start_server", "asyncio.create_connection",
}  # fmt: skip
ALLOWED = {
    ("runtime/tramo/app/port.py", "clock"): "the port",
    ("runtime/tramo/app/port.py", "chance"): "the port",
    ("runtime/tramo/app/port.py", "spawn"): "the port",
    ("runtime/tramo/testing/port.py", "spawn"): "the port, for tests",
    ("runtime/tramo/testing/simulation/chance.py", "chance"): "a seed's, for tests",
    ("runtime/tramo/testing/simulation/port.py", "clock"): "the port, on virtual time",
    ("runtime/tramo/testing/simulation/port.py", "spawn"): "the port, for tests",
    ("runtime/tramo/vault/key.py", "chance"): "makes the master key",
    ("runtime/tramo/vault/vault.py", "chance"): "makes a seal's nonce",
    ("runtime/tramo/app/watch/trace.py", "spawn"): "sends the last traces, and is not waited for",
    ("runtime/tramo/store/writer.py", "spawn"): "the one writer thread",
    ("runtime/tramo/store/scribe.py", "spawn"): "the process that writes beside it",
    ("runtime/tramo/store/lock.py", "clock"): "waits before there is a house with a clock",
    ("web/tramo_web/http/exchange.py", "spawn"): "a request's answer, which its connection keeps",
    ("runtime/tramo/app/cli/reach.py", "socket"): "the command line asks a running server",
    ("runtime/tramo/app/doctor/machine.py", "socket"): "looks whether the port is free",
    ("web/tramo_web/form.py", "chance"): "makes a page's nonce, and a token for each sending",
    ("web/tramo_web/static.py", "chance"): "makes a page's nonce",
    ("web/tramo_web/live.py", "clock"): "the rhythm of one open connection's pings",
    ("web/tramo_web/live.py", "spawn"): "a group that ends with its connection",
    ("web/hatch_build.py", "spawn"): "runs npm",
}
"""Who may ask the system, beside `outbound/` for sockets, and why."""


def definitions(path: str) -> Iterator[tuple[int, str]]:
    """Give the names that a module makes up; a `task` that holds one of asyncio's is none."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, re.sub(r"^_?tasks?$", "", node.arg)
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, re.sub(r"^_?tasks?$", "", node.id)
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, re.sub(r"^_?tasks?$", "", node.attr)
            case _:
                pass


def unwelcome(path: str, line: int, name: str) -> list[str]:
    """Say which banned words a name holds."""
    said = words(name) | {word.removesuffix("s") for word in words(name)}
    return [
        f"{path}:{line}: {name}: not “{word}” but {better}"
        for word, better in BANNED.items()
        if word in said
        and not any(path.startswith(place) and word == own for place, own in OTHERS_WORDS)
    ]


def asked(path: str) -> Iterator[tuple[int, str]]:
    """Give the dotted names that a module imports or uses."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.Import():
                yield from ((node.lineno, alias.name) for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield node.lineno, module
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
            case ast.Attribute():
                yield node.lineno, ast.unparse(node)
            case _:
                pass


def kind(name: str) -> str | None:
    if name in CLOCK:
        return "clock"
    if name in CHANCE:
        return "chance"
    if name in SPAWN or name.endswith(".create_task"):
        return "spawn"
    return "socket" if name in SOCKETS else None


def test_no_file_is_longer_than_the_limit() -> None:
    assert len(LONG_FILES) <= 5
    long = {
        path: count
        for path in [*PYTHON, *EDITOR, *BESIDE]
        if (count := len(text(path).splitlines())) > LINES
    }
    assert set(long) == set(LONG_FILES), f"over {LINES} lines, or no longer: {long}"


def test_no_function_is_longer_than_the_limit() -> None:
    long = [
        f"{path}:{node.lineno}: {node.name} has {length} lines"
        for path in PYTHON
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


def test_names_use_the_houses_words() -> None:
    found = [
        problem
        for path in SHIPPED
        for line, name in definitions(path)
        for problem in unwelcome(path, line, name)
    ]
    declared = re.compile(r"\b(?:const|let|function|class|interface|type|enum)\s+(\w+)")
    for path in EDITOR:
        if ".test." not in path:
            for number, line in enumerate(text(path).splitlines(), 1):
                for name in declared.findall(line):
                    found += unwelcome(path, number, name)
    assert not found, "\n".join(found)


def test_modules_and_folders_are_named_for_what_they_hold() -> None:
    found = []
    for path in [*PYTHON, *EDITOR]:
        for part in path.rsplit(".", 1)[0].split("/"):
            found += unwelcome(path, 1, part)
            if words(part) & EMPTY_NAMES:
                found.append(f"{path}: “{part}” says nothing")
    assert not found, "\n".join(found)


def test_the_test_for_words_would_notice() -> None:
    assert unwelcome("runtime/tramo/x.py", 1, "WorkflowRunner")
    assert unwelcome("runtime/tramo/x.py", 1, "open_jobs")
    assert unwelcome("web/src/app/x.ts", 1, "onHandleClick")
    assert not unwelcome("web/src/canvas/x.ts", 1, "handleId")
    assert not unwelcome("runtime/tramo/x.py", 1, "wired_taskless")


def test_only_ports_ask_for_time_chance_and_background_work() -> None:
    found = {
        (path, what): f"{path}:{line}: {name}"
        for path in SHIPPED
        for line, name in asked(path)
        if (what := kind(name))
        and not (what == "socket" and path.startswith("runtime/tramo/outbound/"))
    }
    new = [place for key, place in found.items() if key not in ALLOWED]
    assert not new, "ask the Clock, Ids or Spawn port, or outbound:\n" + "\n".join(new)
    assert set(ALLOWED) <= set(found), f"no longer needed: {set(ALLOWED) - set(found)}"


def test_imports_are_absolute_and_whole() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path in PYTHON
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        and (node.level or any(alias.name == "*" for alias in node.names))
    ]
    assert not found, "\n".join(found)


def test_modules_say_what_they_are_for() -> None:
    silent = [path for path in SHIPPED if text(path).strip() and not ast.get_docstring(tree(path))]
    assert not silent, "\n".join(silent)
