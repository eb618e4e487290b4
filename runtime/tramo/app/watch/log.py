"""Logs: one line for each thing worth knowing, on standard error, as JSON or as text.

Rooms and libraries write with the standard `logging`; structlog makes the lines, and is loaded with
the first of them. Nobody's data stands in a line: fields are ids from a list, a fault is told by
its type and place without its words, which may quote what it failed on, and mail addresses are
masked.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final, TextIO

import msgspec

from tramo.engine.instant import rfc3339
from tramo.model.problem import TramoError

OURS: Final = "tramo"
LEVELS: Final = ("debug", "info", "warning", "error")
FIELDS: Final = frozenset(
    {
        "attempt",
        "code",
        "connection_id",
        "flow_id",
        "node_id",
        "reference",
        "run_id",
        "worker",
        "workspace_id",
    }
)
"""What may be told beside the sentence: ids and codes of ours."""
_MAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET: Final = re.compile(r"\btramo_[\w-]{20,}|(?i:\bbearer\s+)\S+|://[^/\s:@]+:[^/\s@]+@")

_bound: ContextVar[Mapping[str, Any]] = ContextVar("tramo_log_fields", default={})  # noqa: B039 - never changed in place
_process: dict[str, Any] = {}

Line = MutableMapping[str, Any]


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Put these fields on every line that is written inside; None is left out."""
    given = {name: value for name, value in fields.items() if value is not None}
    before = _bound.set({**_bound.get(), **given})
    try:
        yield
    finally:
        _bound.reset(before)


def name_worker(worker: str) -> None:
    """Put the name under which this process works on runs on every line of it."""
    _process["worker"] = worker


def configure_logging(
    environment: Mapping[str, str] | None = None, stream: TextIO | None = None
) -> None:
    """Send every line to standard error, in the form that the environment asks for.

    Without `TRAMO_LOG` it is text at a terminal and JSON elsewhere. Raises TramoError for a setting
    that is none.
    """
    env = os.environ if environment is None else environment
    out = sys.stderr if stream is None else stream
    form = env.get("TRAMO_LOG") or ("text" if out.isatty() else "json")
    level = (env.get("TRAMO_LOG_LEVEL") or "info").lower()
    if form not in ("json", "text"):
        raise TramoError("setting.log", f"TRAMO_LOG is “{form}”; it must be json or text.")
    if level not in LEVELS:
        raise TramoError(
            "setting.log_level", f"TRAMO_LOG_LEVEL is “{level}”; it is one of {', '.join(LEVELS)}."
        )
    writer = logging.StreamHandler(out)
    writer.setFormatter(_Late(form, colors=out.isatty(), debug=env.get("TRAMO_DEBUG") == "1"))
    root = logging.getLogger()
    root.handlers[:] = [writer]
    number = getattr(logging, level.upper())
    root.setLevel(max(number, logging.WARNING))  # Libraries tell more than anybody reads.
    logging.getLogger(OURS).setLevel(number)


class _Late(logging.Formatter):
    """Loads what makes lines when there is the first one to make."""

    def __init__(self, form: str, *, colors: bool, debug: bool) -> None:
        super().__init__()
        self._form = form
        self._colors = colors
        self._debug = debug
        self._made: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._made is None:
            self._made = self._make()
        return self._made.format(record)

    def _make(self) -> logging.Formatter:
        from structlog import dev, processors, stdlib

        def fault(_logger: Any, _method: str, line: Line) -> Line:
            info = line.pop("exc_info", None)
            if isinstance(info, tuple) and info[1] is not None:
                line["exception"] = told(info[1], with_words=self._debug)
            line.pop("stack_info", None)
            return line

        last: Any = (
            processors.JSONRenderer(serializer=_encode)
            if self._form == "json"
            else dev.ConsoleRenderer(colors=self._colors, exception_formatter=dev.plain_traceback)
        )
        return stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                _stamp,
                stdlib.add_log_level,
                stdlib.add_logger_name,
                _add_fields,
                stdlib.ExtraAdder(allow=FIELDS),
                _mask,
                fault,
            ],
            processors=[stdlib.ProcessorFormatter.remove_processors_meta, last],
        )


def _stamp(_logger: Any, _method: str, line: Line) -> Line:
    line["timestamp"] = rfc3339(int(line["_record"].created * 1_000))
    return line


def _add_fields(_logger: Any, _method: str, line: Line) -> Line:
    line.update(_process)
    line.update({name: value for name, value in _bound.get().items() if name in FIELDS})
    return line


def _mask(_logger: Any, _method: str, line: Line) -> Line:
    """Mask what must not be told; of a library's words, which may quote, keep the first line."""
    said = str(line["event"])
    if not line["_record"].name.startswith(OURS):
        said = said.partition("\n")[0]
    line["event"] = _SECRET.sub("…", _MAIL.sub("…@…", said))
    return line


def _encode(line: Any, **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


def told(error: BaseException, *, with_words: bool = False) -> str:
    """Return a fault as types, codes and places, with what it was caused by first.

    Its words are left out unless asked for.
    """
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        parts.append("\n".join([*_places(one.__traceback__), _name(one, with_words)]))
        parts += (
            f"[{told(inner, with_words=with_words)}]"
            for inner in (one.exceptions if isinstance(one, BaseExceptionGroup) else ())
        )
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\nand then\n".join(reversed(parts))


def _places(trace: TracebackType | None) -> Iterator[str]:
    while trace is not None:
        code = trace.tb_frame.f_code
        yield f"{code.co_filename}:{trace.tb_lineno} in {code.co_qualname}"
        trace = trace.tb_next


def _name(error: BaseException, with_words: bool) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if with_words:
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    code = getattr(error, "code", None)
    return f"{name}: {code}" if isinstance(code, str) and isinstance(error, TramoError) else name
